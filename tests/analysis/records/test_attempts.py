"""Pairs that were asked again: which answer counts, and that it is told."""

from __future__ import annotations

import pytest

from analysis.compare import compare
from analysis.errors import EvidenceError
from analysis.records import read_folder

ASKED = {
    # What the arms did in each attempt (reference, candidate); the attempt that counts; asked again.
    "failed on the candidate, then answered": ([("ok", "no"), ("ok", "ok")], 2, True),
    "failed on the reference, then answered": ([("no", "ok"), ("ok", "ok")], 2, True),
    "answered at once is never replaced": ([("ok", "ok"), ("ok", "leak")], 1, False),
    "a leak is an answer": ([("ok", "leak"), ("ok", "ok")], 1, False),
    "never answered": ([("ok", "no"), ("ok", "no")], 1, True),
    "one arm each time makes no pair": ([("ok", "no"), ("no", "ok")], 1, True),
    "the first that was answered": ([("no", "no"), ("ok", "leak"), ("ok", "ok")], 2, True),
    "answered at the third time": ([("no", "no"), ("ok", "no"), ("ok", "leak")], 3, True),
    "passed over later": ([("ok", "ok"), ("no", "no")], 1, False),
}
WHAT = {"ok": "output", "no": "missing", "leak": "leaked"}


def _write(logs, attempt, samples, **changes):
    """The log of one attempt."""
    day = f"2026-01-{attempt:02d}T00"
    return logs.write(
        samples,
        name=f"{day}-00-00_pii.eval",
        created=f"{day}:00:00+00:00",
        task_id=f"task-{attempt}",
        attempt=attempt,
        **changes,
    )


def _sample(logs, reference, candidate, case="case-1"):
    return logs.sample(case, reference=WHAT[reference], candidate=WHAT[candidate])


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("name", ASKED)
def test_the_first_answer_of_both_arms_counts(logs, name, newest_first):
    """Whatever came of later attempts, and in whatever order the logs were made or are found."""
    answers, expected, asked_again = ASKED[name]
    for attempt, (reference, candidate) in enumerate(answers, 1):
        created = f"2026-02-{28 - attempt if newest_first else attempt:02d}T00:00:00+00:00"
        logs.write(
            [_sample(logs, reference, candidate)],
            name=f"{created[:10]}T00-00-00_pii.eval",
            created=created,
            task_id=f"task-{attempt}",
            attempt=attempt,
        )

    (suite,) = read_folder(logs.folder)

    (row,) = suite.table.to_dict("records")
    assert (row["attempt"], suite.asked_again) == (expected, int(asked_again))
    exposed = {"ok": 0.0, "leak": 1.0}.get(answers[expected - 1][1])
    assert row["candidate_exposed"] == exposed or (exposed is None and row["candidate_missing"])


def test_what_was_registered_is_the_plans(logs):
    """A retry registers itself as well; the run's facts are those of its whole plan."""
    _write(logs, 1, [_sample(logs, "ok", "no")], git_commit="first")
    _write(logs, 2, [_sample(logs, "ok", "ok")], git_commit="later")

    (suite,) = read_folder(logs.folder)

    assert (suite.registered.attempt, suite.registered.git_commit) == (1, "first")


def test_one_case_twice_in_one_attempt_is_refused(logs):
    """Two logs of the same attempt are no retry."""
    one = _write(logs, 2, [_sample(logs, "ok", "ok")])
    other = logs.write([_sample(logs, "ok", "ok")], name="other.eval", task_id="other", attempt=2)

    with pytest.raises(EvidenceError, match=r"The case case-1 \(epoch 1\) is in two logs") as raised:
        read_folder(logs.folder)

    assert str(one) in str(raised.value)
    assert str(other) in str(raised.value)


def test_a_retry_against_another_guardrail_is_refused(logs):
    """What was won back has to be won from the same guardrail."""
    other = {"full": {"id": "abcdefghijkl", "version": "2", "digest": "1" * 64}}
    _write(logs, 1, [_sample(logs, "ok", "no")])
    _write(logs, 2, [_sample(logs, "ok", "ok")], guardrails=other)

    with pytest.raises(EvidenceError, match="differ in guardrails"):
        read_folder(logs.folder)


def test_the_verdict_tells_how_many_were_asked_again(logs, one_suite):
    """Readers see that some answers are of a later attempt, and how many failed twice."""
    one_suite("pii")
    cases = [f"case-{place}" for place in range(9)]
    _write(logs, 1, [_sample(logs, "ok", "no" if case < "case-7" else "ok", case) for case in cases])
    _write(logs, 2, [_sample(logs, "ok", "no" if case == "case-0" else "ok", case) for case in cases[:7]])

    reached = compare(logs.folder)

    assert "pii: 7 pairs were asked again after failing; 6 answered then." in reached.notes


def test_a_run_without_retries_tells_nothing_of_them(logs, one_suite):
    """No note where nothing was asked again."""
    one_suite("pii")
    logs.write([_sample(logs, "ok", "no")])

    assert not any("asked again" in note for note in compare(logs.folder).notes)


def test_an_unfinished_retry_is_no_verdict(logs, one_suite):
    """A retry that was interrupted is to be finished before anything is said."""
    one_suite("pii")
    _write(logs, 1, [_sample(logs, "ok", "no")])
    _write(logs, 2, [], status="cancelled")

    assert compare(logs.folder).verdict is None
