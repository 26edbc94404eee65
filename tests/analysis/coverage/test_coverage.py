"""From the probes of a log to the matrix, the sentences of the first page and the file."""

from __future__ import annotations

import json

import pytest

from analysis.compare import compare, write_verdict
from analysis.contents import blocks
from analysis.errors import EvidenceError
from analysis.page import build
from analysis.sheet import render
from analysis.show import case_view

READ, UNREAD, UNKNOWN = ("evaluated", ""), ("not_evaluated", ""), ("unknown", "the model did not say it")
ABSENT = ("not_carried", "a sidecar knows no guardContent blocks")


def probe(logs, channel, reference, candidate, *, control=READ, side="input", policy="pii", epoch=1):
    """A sample that planted a text in a channel, with what each arm's call showed."""
    sample = logs.sample(f"probe-{policy}-{side}-{channel}", kind="protect", epoch=epoch)
    sample.metadata |= {"channel": channel, "side": side, "policy": policy, "probe": "jo@example.com"}
    seen = {"reference": reference, "candidate": candidate, "control": control}
    for arm, (coverage, why) in seen.items():
        sample.scores["parity"].metadata[arm] |= {"coverage": coverage, "why": why}
    return sample


def states(verdict):
    """By channel the two arms' states."""
    return {
        cell.channel: (cell.reference.state, cell.candidate.state, cell.differs)
        for cell in verdict.suites[0].coverage
    }


def compared(logs, *probes, **registered):
    logs.write([*logs.plan(), *probes], probes_sha256="2" * 64, **registered)
    return compare(logs.folder, allow_partial=True)


def test_a_difference_between_the_arms_is_found_and_named(logs):
    """Both are known and not alike: a finding of its own, in words among the notes."""
    verdict = compared(logs, probe(logs, "user", READ, READ), probe(logs, "tool_result", READ, UNREAD))

    assert states(verdict) == {
        "user": ("evaluated", "evaluated", False),
        "tool_result": ("evaluated", "not_evaluated", True),
    }
    (difference,) = verdict.channel_differences
    assert (difference.channel, difference.reference, difference.candidate) == (
        "tool_result",
        "evaluated",
        "not_evaluated",
    )
    assert (
        "The guardrail does not read the same in front of both arms: tool results are evaluated in front of"
        " the reference and not evaluated in front of the candidate (pii: pii)."
    ) in verdict.notes


def test_what_neither_arm_evaluates_is_said_plainly(logs):
    """A channel in which a text passed and nothing was ever acted on; where one arm is unknown, that too."""
    verdict = compared(
        logs,
        probe(logs, "user", READ, READ),
        probe(logs, "tool_definition", UNREAD, UNREAD),
        probe(logs, "reasoning", UNREAD, UNKNOWN, side="output"),
        probe(logs, "guarded", ABSENT, ABSENT),
    )

    assert verdict.channel_differences == []
    assert (
        "By measurement the guardrail evaluates in front of neither arm: tool definitions, the model's"
        " reasoning (not known before the candidate). What stands there passes, whatever the verdict."
    ) in verdict.notes


def test_a_text_on_which_the_guardrail_alone_does_not_act_shows_nothing(logs):
    """It may pass everywhere and be no sign of an unread channel."""
    idle, failed = UNREAD, ("unknown", "ThrottlingException: slow down")
    verdict = compared(
        logs,
        probe(logs, "system", UNREAD, UNREAD, control=idle),
        probe(logs, "history", UNREAD, UNREAD, control=failed),
    )

    assert states(verdict) == {
        "system": ("unknown", "unknown", False),
        "history": ("unknown", "unknown", False),
    }
    whys = {cell.channel: cell.reference.why for cell in verdict.suites[0].coverage}
    assert whys == {
        "system": "the guardrail alone does not act on the text",
        "history": "ThrottlingException: slow down",
    }


def test_epochs_that_do_not_agree_are_evaluated_in_part(logs):
    """Some of them count as such, and an arm that always acts differs from one that does at times."""
    verdict = compared(
        logs,
        *(probe(logs, "history", READ, (READ, UNREAD)[epoch - 1], epoch=epoch) for epoch in (1, 2)),
        epochs=2,
    )

    (cell,) = verdict.suites[0].coverage
    assert (cell.candidate.state, cell.candidate.acted, cell.candidate.texts) == ("partly", 1, 2)
    assert cell.differs


def test_probes_are_no_pairs(logs):
    """Verdict, counts and findings are those of the same log without any probe."""
    plan = logs.plan(output_candidate_leaked=3)
    logs.write(plan)
    without = compare(logs.folder, allow_partial=True)
    logs.write([*plan, probe(logs, "tool_result", READ, UNREAD), probe(logs, "user", UNKNOWN, UNKNOWN)])
    with_probes = compare(logs.folder, allow_partial=True)

    assert with_probes.findings == without.findings
    assert with_probes.path_defects == without.path_defects
    assert with_probes.suites[0].cases_run == without.suites[0].cases_run
    assert (with_probes.verdict, with_probes.suites[0].missing_answers) == (
        without.verdict,
        without.suites[0].missing_answers,
    )


def test_a_probe_that_failed_is_unknown_on_every_arm(logs):
    """An error that ended its sample says nothing of any channel."""
    failed = logs.sample("probe-pii-input-user", kind="protect", error="RuntimeError: cut off")
    failed.metadata |= {"channel": "user", "probe": "jo@example.com"}

    verdict = compared(logs, failed)

    (cell,) = verdict.suites[0].coverage
    assert (cell.reference.state, cell.reference.why) == ("unknown", "RuntimeError: cut off")


def test_the_page_shows_channel_by_policy_by_arm(logs):
    """A table in each suite's part, with every state in words; reasons folded beneath; the note above."""
    verdict = compared(
        logs,
        probe(logs, "tool_result", READ, UNREAD),
        probe(logs, "tool_result", READ, READ, policy="regex"),
        probe(logs, "guarded", ABSENT, READ),
    )
    page = render(build(verdict, blocks=blocks(verdict, logs.folder)))

    (block,) = [block for block in blocks(verdict, logs.folder) if block.name == "channels"]
    assert block.tables[0].head[2:] == (
        "pii, reference",
        "pii, candidate",
        "regex, reference",
        "regex, candidate",
    )
    assert block.tables[0].rows == (
        ("text in guardContent blocks", "input", "not carried", "evaluated", "not asked", "not asked"),
        ("tool results", "input", "evaluated", "not evaluated", "evaluated", "evaluated"),
    )
    assert block.tables[1].rows == (
        ("text in guardContent blocks", "pii", "reference", "not carried", ABSENT[1]),
    )
    assert 'id="pii-channels"' in page
    assert page.index("does not read the same in front of both arms") < page.index("<main>")


def test_a_probe_can_be_looked_at_like_a_case(logs):
    """Its answers and evidence are there; it is judged by no metric, and near ids name it too."""
    compared(logs, probe(logs, "system", UNREAD, READ))

    view = case_view(logs.folder, "probe-pii-input-system")

    assert view.epochs[0].arms["candidate"].evidence["coverage"] == "evaluated"
    assert view.facts["channel"] == "system"
    assert view.epochs[0].judgement == {}
    with pytest.raises(EvidenceError, match="probe-pii-input-system"):
        case_view(logs.folder, "probe-pii-input-sistem")


def test_the_file_holds_matrix_and_differences(logs, tmp_path):
    """Whoever reads verdict.json needs no page."""
    write_verdict(compared(logs, probe(logs, "system", UNREAD, READ)), tmp_path / "verdict.json")

    document = json.loads((tmp_path / "verdict.json").read_text())

    assert document["suites"][0]["coverage"][0]["candidate"] == {
        "state": "evaluated",
        "acted": 1,
        "texts": 1,
        "why": None,
    }
    assert document["channel_differences"][0]["channel"] == "system"


def test_a_run_that_planted_nothing_says_so(logs):
    """Texts are registered and none was asked, as under --limit; where none is registered nothing is told."""
    asked = compared(logs)
    assert [block.title for block in blocks(asked, logs.folder) if block.name == "channels"] == [
        "What the guardrail reads"
    ]
    logs.write(logs.plan())
    silent = compare(logs.folder, allow_partial=True)
    assert not [block for block in blocks(silent, logs.folder) if block.name == "channels"]
