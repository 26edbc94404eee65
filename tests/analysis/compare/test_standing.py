"""On what a verdict stands: plan, attempt, expiry, and what voids it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis import runbook, terms
from analysis.compare import compare
from analysis.statement import next_step
from suites.metrics import METRICS

FIRST_SAMPLE = "2026-01-01T00:00:00+00:00"
CHECKOUT = Path(__file__).parents[3]


def under(**changes):
    """What a run under a plan registers."""
    return {
        "name": "autumn",
        "sha256": "2" * 64,
        "purpose": "release",
        "owner": "The team",
        "registered_at": "2025-12-30T00:00:00+00:00",
        "commit": "c" * 40,
        "committed_at": "2025-12-31T00:00:00+00:00",
        "attempt": 1,
        "attempts": None,
        "valid_days": 30,
        "suites": ["pii"],
    } | changes


@pytest.fixture
def run(logs):
    """Compare a good run that registers these things; prompts like these need many templates."""

    def compared(**registered):
        samples = [
            sample.model_copy(update={"metadata": {**sample.metadata, "template": f"t-{number}"}})
            for number, sample in enumerate(logs.plan())
        ]
        facts = {"family_size": 5, "purpose": "release", "created": FIRST_SAMPLE}
        logs.write(samples, **facts | registered)
        return compare(logs.folder)

    return compared


def test_a_release_under_a_plan_says_which_attempt_it_is_and_what_it_spends(run):
    """The third attempt of any number has a twelfth, and the suites of the plan are the whole of it."""
    verdict = run(plan=under(attempt=3))

    assert verdict.plan.attempt == 3
    assert verdict.plan.alpha == pytest.approx(0.05 / 12)
    assert verdict.suites_not_run == []
    assert terms.sentences(verdict)[0] == (
        "Attempt 3 of plan autumn (owner The team, registered 2025-12-30 00:00:00 UTC, commit cccccccccccc): "
        "it may use 0.0042 of the 0.05 chance of a false sign-off that all attempts share."
    )


def test_a_first_attempt_under_an_older_plan_can_sign_off(run):
    """The plan is older than the first sample, and the numbers do."""
    verdict = run(plan=under(attempts=1))

    assert verdict.verdict == "parity", [finding.reason for finding in verdict.findings]
    assert verdict.plan.exploratory is None


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"registered_at": "2026-01-01T00:00:01+00:00"}, "was registered at 2026-01-01 00:00:01"),
        ({"committed_at": "2026-01-02T00:00:00+00:00"}, "was committed at 2026-01-02 00:00:00"),
        ({"afterwards": True}, "was not started under the plan"),
    ],
)
def test_a_plan_younger_than_the_first_sample_is_exploratory(run, plan, said):
    """It is marked everywhere, and the best numbers sign nothing off."""
    verdict = run(plan=under(attempts=1, **plan))

    assert (verdict.verdict, verdict.exit_code) == ("inconclusive", 3)
    assert said in verdict.plan.exploratory
    assert "exploratory" in verdict.headline
    assert "parity register" in next_step(verdict)
    assert runbook.page_for(verdict) == "3-not-signed-off.md"


def test_a_release_without_a_plan_signs_nothing_off(run):
    """Nobody knows how many attempts there were."""
    verdict = run()

    assert verdict.verdict == "inconclusive"
    assert "nobody knows how many attempts" in terms.sentences(verdict)[0]


def test_a_regression_needs_no_plan(logs):
    """An exploratory run that found a loss has found it."""
    logs.write(logs.plan(output_candidate_leaked=60), family_size=5, plan=under(afterwards=True))

    assert compare(logs.folder).verdict == "regression"


def test_a_limit_past_its_last_day_signs_nothing_off(run):
    """On its last day it still holds; the day after, its owner has to renew it."""
    verdicts = {}
    for last in ("2025-12-31", "2026-01-01"):
        limits = {
            name: {"margin": 0.05, "cap": 0.2, "reason": "small enough for a test", "owner": "testers"}
            | {"approver": "the board", "expires": last}
            for name in METRICS
        }
        verdicts[last] = run(purpose="nightly", plan=under(purpose="nightly"), metrics=limits)

    assert verdicts["2026-01-01"].verdict == "parity"
    assert verdicts["2026-01-01"].expires == "2026-01-01"
    assert verdicts["2025-12-31"].verdict == "inconclusive"
    assert "renew" in verdicts["2025-12-31"].suites[0].reason


def test_a_verdict_says_until_when_it_holds_and_what_voids_it(run):
    """By the plan's days; models, routes, guardrails and detectors by name and value."""
    verdict = run(plan=under())

    assert (verdict.expires, verdict.expires_because) == ("2026-01-31", "30 days by the plan autumn")
    text = " ".join(verdict.voided_by)
    for fact in ("model-candidate", "converse", "guardrail", "detectors"):
        assert fact in text
    assert "model-candidate" not in " ".join(terms.sentences(verdict, brief=True))


def test_a_change_of_the_detectors_changes_what_voids_the_verdict(logs):
    """The guardrail alone acted otherwise on one text, and both arms are as they were."""
    logs.write(logs.plan(), name="a/2026-01-01T00-00-00_pii.eval")
    logs.write(logs.plan(output_control_missed=1), name="b/2026-01-01T00-00-00_pii.eval")
    one, other = compare(logs.folder / "a"), compare(logs.folder / "b")

    assert one.detectors != other.detectors
    assert one.voided_by != other.voided_by
    assert one.findings == other.findings


def test_times_are_compared_across_zones(run):
    """Half past one in Paris is before one in London."""
    verdict = run(plan=under(registered_at="2026-01-01T00:30:00+01:00", committed_at=None, commit=None))

    assert verdict.plan.exploratory is None
    assert verdict.plan.registered_at < datetime(2026, 1, 1, tzinfo=UTC)
    assert "in no commit" in terms.sentences(verdict)[0]
