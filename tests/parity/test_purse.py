"""A run stops before it has spent more than it may, and keeps what it has."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from analysis.compare import compare
from evals.rehearsal import child
from parity.pipeline import plan
from parity.processes import run_suites
from parity.purse import IN_FLIGHT, Purse
from suites.arms import load_arms

MODELS = {"reference": "us.anthropic.claude-opus-4-7", "candidate": "us.openai.gpt-5.5"}
CASE = {"reference": {"input_tokens": 100_000}}
"""55 cents."""


def cases(many):
    return {"reference": {"calls": many, "input_tokens": 100_000 * many}}


def test_it_says_stop_while_what_is_in_flight_can_still_be_paid():
    """With 11 USD and 55 cents a case, 20 cases can be paid: ten of them in flight when it stops."""
    purse = Purse(11.0, MODELS)

    enough = [purse.take("pii", cases(done)) for done in range(1, 13)]

    assert enough.index(False) + IN_FLIGHT + 1 == pytest.approx(20, abs=1)
    assert purse.told == "6.60 of 11.00 USD are spent"


def test_suites_share_it_and_one_that_has_ended_keeps_nothing_back():
    """Two running suites keep twice as much for what is in flight."""
    purse = Purse(13.0, MODELS)
    for done in (1, 2):
        assert purse.take("pii", cases(done))
        last = purse.take("topics", cases(done))

    purse.close("topics")

    assert not last
    assert purse.take("pii", cases(2))


def test_what_an_earlier_start_spent_counts_but_is_no_dear_case():
    """A resumed run tells at first what it took so far, all at once."""
    purse = Purse(100.0, MODELS)

    assert purse.take("pii", cases(90))
    assert purse.take("pii", cases(91))


@pytest.mark.slow
def test_a_run_that_spends_too_much_ends_incomplete_and_is_finished_with_more(tmp_path):
    """All that was finished is kept, no more than allowed was spent, and a larger purse finishes it."""
    manifest = plan(
        rehearsal=True, suites=("pii",), arms="rehearsal", full=False, limit=24, epochs=1, seed=3, plants=()
    )
    arms = load_arms("rehearsal")
    given = {"logs": tmp_path / "logs", "retry_missing": False}
    with child.start(seed=3) as bedrock:
        given["endpoint_url"] = bedrock.endpoint_url
        told = io.StringIO()
        poor = Purse.of(arms, 0.06)
        (stopped,) = run_suites(manifest, console=Console(file=told), purse=poor, **given)
        broken = compare(tmp_path)
        (finished,) = run_suites(manifest, console=Console(file=told), purse=Purse.of(arms, 50), **given)
    whole = compare(tmp_path)

    assert (stopped.status, broken.exit_code) == ("cancelled", 5)
    assert "of 0.06 USD are spent" in told.getvalue()
    spent, kept = broken.suites[0].spending, broken.suites[0].cases_run
    assert 0 < kept < 24
    assert 0 < spent.usd <= 0.06
    assert poor.spent == pytest.approx(spent.usd, rel=0.5)
    assert finished.status == "success"
    assert whole.suites[0].cases_run == 24
    assert whole.suites[0].spending.usd > spent.usd
    charged = {policy for arm in whole.suites[0].spending.arms for policy in arm.text_units}
    assert charged == {"pii"}
    assert json.loads(whole.model_dump_json())["suites"][0]["spending"]["rehearsed"] is True
