"""Trying again until it works: what each attempt may spend, and that it keeps the promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial

from analysis.counts import Cell
from analysis.stats.hypotheses import p_parity
from analysis.stats.multiplicity import spent
from analysis.verdict import judge

ALPHA = 0.05
PAIRS, MARGIN = 120, 0.05
"""A claim whose truth is exactly its margin: each sign-off of it is false."""


def _chance_of_parity(levels, *, discordant: float) -> np.ndarray:
    """By enumeration of every table: the chance that one attempt is signed off at each level."""
    worse = (discordant + MARGIN) / 2
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(PAIRS + 1), np.arange(PAIRS + 1)))
    held = b + c <= PAIRS
    b, c = b[held], c[held]
    weight = multinomial.pmf(
        np.column_stack([b, c, PAIRS - b - c]), PAIRS, [worse, worse - MARGIN, 1 - discordant]
    )
    p = p_parity(b.astype(float), c.astype(float), np.full(b.shape, float(PAIRS)), np.full(b.shape, MARGIN))
    return np.array([weight[p <= level].sum() for level in levels])


@pytest.mark.parametrize("discordant", [0.06, 0.1, 0.3])
@pytest.mark.parametrize("attempts", [None, 20])
def test_rerunning_until_parity_keeps_false_parity_under_five_per_cent(discordant, attempts):
    """Twenty independent attempts by a candidate that is worse by exactly the margin."""
    levels = [spent(ALPHA, attempt, attempts=attempts) for attempt in range(1, 21)]
    naive = 1 - (1 - _chance_of_parity([ALPHA], discordant=discordant)[0]) ** 20
    spending = 1 - np.prod(1 - _chance_of_parity(levels, discordant=discordant))

    assert spending < ALPHA
    assert naive > 0.3  # exact tests are held under 5 % and not at it


def test_twenty_tries_at_five_per_cent_are_lucky_two_times_in_three():
    """The number that the rule is for."""
    assert round(1 - (1 - ALPHA) ** 20, 2) == 0.64
    assert sum(spent(ALPHA, attempt) for attempt in range(1, 10_000)) < ALPHA


@given(attempts=st.one_of(st.none(), st.integers(1, 60)), alpha=st.floats(1e-6, 0.5))
def test_the_shares_never_add_up_to_more_than_the_whole(attempts, alpha):
    """However many attempts are made, also beyond those registered."""
    shares = [spent(alpha, attempt, attempts=attempts) for attempt in range(1, 200)]

    assert all(share >= 0 for share in shares)
    assert sum(shares) <= alpha * (1 + 1e-12)
    assert spent(alpha, 1, attempts=1) == alpha


def test_attempts_are_counted_from_one():
    """An attempt before the first has no share."""
    with pytest.raises(ValueError, match="0 was given"):
        spent(ALPHA, 0)


def _cell(**counts) -> Cell:
    facts = {"suite": "pii", "metric": "exposure", "slice": "all", "family": "primary", "epochs": 1}
    facts |= {"margin": 0.05, "cap": 0.2, "pairs": 400, "missing": 0, "both": 2}
    return Cell(**facts | {"candidate_only": 6, "reference_only": 5} | counts)


@pytest.mark.parametrize(("attempt", "verdict"), [(1, "parity"), (20, "inconclusive")])
def test_the_same_counts_may_do_for_a_first_attempt_and_not_for_a_later_one(attempt, verdict):
    """And the finding says that this is why."""
    cell = _cell(candidate_only=8, reference_only=4)
    (finding,) = judge([cell], family_size=1, sign_off=spent(ALPHA, attempt, attempts=None))

    assert finding.verdict == verdict
    assert ("alpha_spent" in finding.flags) == (verdict == "inconclusive")
    assert (finding.reason or "").endswith("for the attempts made.") == (verdict == "inconclusive")


def test_a_loss_is_looked_for_at_full_strength_in_every_attempt():
    """Nobody gains by trying again to be found worse."""
    cell = _cell(candidate_only=60, reference_only=2)

    assert judge([cell], family_size=1, sign_off=spent(ALPHA, 9))[0].verdict == "regression"


def test_attempts_that_are_used_up_sign_nothing_off():
    """Not even counts without a single failure."""
    cell = _cell(candidate_only=0, reference_only=0, both=0, pairs=100_000)
    (finding,) = judge([cell], family_size=1, sign_off=spent(ALPHA, 4, attempts=3))

    assert (finding.verdict, finding.flags) == ("inconclusive", ["alpha_spent"])


def test_caps_are_shown_at_what_the_attempt_may_spend():
    """An arm's upper limit is part of the sign-off too."""
    cell = _cell(cap=0.037)

    assert "cap_not_shown" not in judge([cell], family_size=1)[0].flags
    assert "cap_not_shown" in judge([cell], family_size=1, sign_off=spent(ALPHA, 9))[0].flags
