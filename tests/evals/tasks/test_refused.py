"""Words that would never reach the arms are refused, with the command that does what was meant."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from evals.refuse import refuse_unheard
from suites.errors import RegistrationError

# Inspect's own: it leaves a stream to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Unclosed <MemoryObject:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@click.command("eval", context_settings={"auto_envvar_prefix": "INSPECT_EVAL"})
@click.option("--model")
@click.option("-M", multiple=True)
@click.option("-T", multiple=True)
@click.option("--temperature", type=float)
@click.option("--cache", is_flag=False, flag_value="true")
@click.option("--solver")
@click.option("--max-retries", type=int)
@click.option("--limit")
def command(**_):
    """Stands for Inspect's, from which a task's options come."""
    refuse_unheard("pii")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "openai/x"], "--model openai/x never reaches the arms. Name the arm: inspect eval"),
        (
            ["-T", "arm=bedrock"],
            "-T arm=bedrock is no argument of the task pii. There are: arms, full, batches. Type",
        ),
        (["-M", "a=1"], "-M a=1 never reaches the arms. Name the arm"),
        (
            ["--temperature", "0.4"],
            "--temperature 0.4 never reaches the arms. Arms files hold the parameters",
        ),
        (["--cache"], "--cache never reaches the arms. A cached answer"),
        (["--solver", "generate"], "--solver generate never reaches the arms. Sending each case"),
        (
            ["--max-retries", "3"],
            "--max-retries 3 never reaches the arms. Calls are repeated by the provider",
        ),
    ],
)
def test_option_is_refused(words, said):
    """Every option that Inspect would accept and drop is named as it was typed."""
    error = CliRunner().invoke(command, words).exception
    assert isinstance(error, RegistrationError)
    assert said in str(error)


def test_environment_is_refused(monkeypatch):
    """A model in the environment is dropped as silently, and is refused as loudly."""
    monkeypatch.setenv("INSPECT_EVAL_MODEL", "openai/x")
    error = CliRunner().invoke(command, ["--limit", "3"]).exception
    assert "INSPECT_EVAL_MODEL=openai/x in the environment never reaches the arms" in str(error)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"model": "guarded/us.openai.gpt-5.5"},
            "The model guarded/us.openai.gpt-5.5 never reaches the arms",
        ),
        (
            {"model_roles": {"candidtae": "guarded/us.openai.gpt-5.5"}},
            "--model-role candidtae=... names no arm. There are: reference, candidate, control, grader.",
        ),
        ({"model_roles": {"candidate": "none/none"}}, "candidate=none/none has no guardrail in front of it"),
        (
            {"model_roles": {"control": "guarded/us.openai.gpt-5.5"}},
            "control takes control/apply-guardrail",
        ),
        (
            {"task_args": {"arms": "nowhere.yaml"}},
            "No arms file nowhere.yaml. Give a path, or one of: bedrock",
        ),
    ],
)
def test_python_call_is_refused(run, options, said):
    """From Python the same words are refused, before anything is started."""
    with pytest.raises(RegistrationError) as refused:
        run(**options)
    assert said in str(refused.value)


@pytest.mark.slow
def test_command_line_shows_no_traceback(inspect, task_file):
    """On the command line a refusal is one message and exit code 2."""
    ended = inspect("eval", task_file("pii"), "--temperature", "0.4")
    assert ended.returncode == 2
    assert "--temperature 0.4 never reaches the arms" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
