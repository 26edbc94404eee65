"""The file of faults: what it may say, and what is said to whoever writes something else."""

from __future__ import annotations

import pytest

from evals.rehearsal.channels import EVALUATED
from evals.rehearsal.models import resolve
from evals.rehearsal.scenario.document import Scenario, read_scenario
from evals.rehearsal.scenario.kinds import (
    ANSWER_KINDS,
    CONNECTIONS,
    FAILURES,
    KINDS,
    RUNTIME,
    STREAM_KINDS,
    STREAMED,
    STREAMS,
)
from suites.errors import RegistrationError

GPT, OPUS = "us.openai.gpt-5.5", "us.anthropic.claude-opus-4-7"


@pytest.fixture
def read(tmp_path):
    """The scenario that a text describes."""

    def written(text):
        path = tmp_path / "faults.yaml"
        path.write_text(text)
        return read_scenario(path)[0]

    return written


def test_every_kind_is_something():
    """Each kind fails a call, breaks a connection, strikes in a stream or changes an answer."""
    assert set(KINDS) == {*FAILURES, *CONNECTIONS, *STREAM_KINDS, *ANSWER_KINDS}
    assert set(STREAMED) < set(STREAM_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_alone_strikes_wherever_it_can(read, kind):
    """Without operations a fault meets all of the runtime on which it is possible, and always."""
    parameter = ", parameter: topP" if kind == "rejected" else ""

    (fault,) = read(f"faults: [{{kind: {kind}{parameter}}}]").faults

    assert set(fault.operations) <= set(STREAMS if kind in STREAM_KINDS else RUNTIME)
    assert fault.rate == 1


def test_empty_file_changes_nothing(read):
    """No faults, no waiting, and every channel read as ever."""
    scenario = read("")

    assert scenario == Scenario()
    assert scenario.reads(GPT) == EVALUATED


def test_model_is_guarded_as_the_file_says(read):
    """Channels and sizes that are not named stay as they are, and so do other models."""
    scenario = read(
        """
        models:
          openai.gpt-5.5:
            reads: {tool_result: false, reasoning: true}
            stream: {buffer: 50, pause_ms: 3}
        """
    )

    changed = {channel for channel, read in scenario.reads(GPT).items() if read != EVALUATED[channel]}
    assert changed == {"tool_result", "reasoning"}
    assert scenario.reads(OPUS) == EVALUATED
    assert (scenario.pace(resolve(GPT)).buffer, scenario.pace(resolve(OPUS)).buffer) == (50, 1000)
    assert (scenario.pause_ms(GPT), scenario.pause_ms(OPUS)) == (3, 0)


WRONG = {
    "a kind that is none": ("faults: [{kind: rain}]", "faults.0.kind: Input should be 'throttled'"),
    "a rate in percent": ("faults: [{kind: reset, rate: 5}]", "faults.0.rate: Input should be less than or"),
    "another word": (
        "faults: [{kind: reset, chance: 0.5}]",
        "faults.0.chance: Extra inputs are not permitted",
    ),
    "an operation that is none": (
        "faults: [{kind: reset, operations: [Invoke]}]",
        "no operation 'Invoke'; there are: CreateGuardrail,",
    ),
    "a model that is none": (
        "faults: [{kind: reset, models: [openai.gpt-9]}]",
        "no model 'openai.gpt-9'; there are: anthropic.claude-opus-4-7,",
    ),
    "a stream's fault without a stream": (
        "faults: [{kind: stream_reset, operations: [Converse]}]",
        "stream_reset is not possible in Converse; it is in ConverseStream,",
    ),
    "an exception that the stream has not": (
        "faults: [{kind: stream_timeout, operations: [ConverseStream]}]",
        "stream_timeout is not possible in ConverseStream",
    ),
    "a filter without a model": (
        "faults: [{kind: filtered, operations: [ApplyGuardrail]}]",
        "filtered is not possible in ApplyGuardrail",
    ),
    "no parameter to reject": ("faults: [{kind: rejected}]", "`parameter` belongs to the kind `rejected`"),
    "a parameter of nothing": (
        "faults: [{kind: reset, parameter: topP}]",
        "`parameter` belongs to the kind `rejected`",
    ),
    "a channel that is none": (
        "models: {openai.gpt-5.5: {reads: {footnotes: true}}}",
        "models.openai.gpt-5.5.reads.footnotes",
    ),
    "a profile for a model": (
        "models: {us.openai.gpt-5.5: {}}",
        "no model 'us.openai.gpt-5.5'; there are: anthropic.claude-opus-4-7",
    ),
    "a key that stands twice": ("faults: []\nfaults: []", "the key 'faults' stands twice"),
    "no mapping": ("- reset", "Input should be a valid dictionary"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_wrong_file_is_refused_by_key(read, text, message):
    """The message names the file, the place and what is allowed."""
    with pytest.raises(RegistrationError) as caught:
        read(text)

    assert message in str(caught.value)
    assert "faults.yaml" in str(caught.value)


def test_file_that_is_not_there_is_named(tmp_path):
    """A misspelt path is no empty scenario."""
    with pytest.raises(RegistrationError, match=r"There is no file .*nowhere\.yaml with faults"):
        read_scenario(tmp_path / "nowhere.yaml")
