"""Logs with judged answers, made by hand."""

from __future__ import annotations

import pytest

from suites.outcomes import Facts


@pytest.fixture
def judged(logs):
    """Write one suite's log of judged answers.

    Each answer is given as (local word, grader's word or "-", settled word or "-") for reference and
    candidate; the word that counts makes the facts.
    """

    def write(pairs, *, grader=None, **registered):
        samples = [_sample(logs, number, *pair) for number, pair in enumerate(pairs)]
        registered = {"batch_cases": len(samples), "judge": {"local": "1", "grader": grader}} | registered
        return logs.write(samples, **registered)

    return write


def _sample(logs, number, reference, candidate):
    sample = logs.sample(f"asked-{number:04d}", kind="output")
    score = sample.scores["parity"]
    for arm, (local, grader, settled) in (("reference", reference), ("candidate", candidate)):
        note = {"local": local}
        if grader != "-":
            note["grader"] = grader
        word = grader if grader != "-" else local
        if settled != "-":
            note |= {"settled": settled, "raters": [settled, settled]}
            word = settled
        facts = Facts(
            input_acted=False,
            acted=False,
            guarded=False,
            reached=True,
            emitted=bool(word),
            exposed=bool(word),
        )
        score.value |= facts.as_value(arm)
        score.metadata[arm] = {"outcome": "answered", "missing": None, "judge": note}
    sample.store |= {f"said:{arm}": f"what {arm} said to {number}" for arm in ("reference", "candidate")}
    return sample
