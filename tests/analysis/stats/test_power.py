from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.stats import border, hypotheses, planning, power, score
from analysis.stats.power import Levels


def _by_listing(pairs, margin, discordance, shift, levels):
    """Each verdict's chance from every table there is."""
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(pairs + 1), np.arange(pairs + 1)))
    b, c = b[b + c <= pairs], c[b + c <= pairs]
    worse, better = discordance / 2 + max(shift, 0), discordance / 2 + max(-shift, 0)
    rest = pairs - b - c
    chance = stats.multinomial.pmf(np.stack([b, c, rest], axis=1), pairs, [worse, better, 1 - worse - better])
    within = hypotheses.p_parity(b, c, pairs, margin) <= levels.parity
    is_worse = hypotheses.p_worse(b, c) <= levels.worse
    return chance[within].sum(), chance[is_worse & ~within].sum()


@pytest.mark.parametrize(
    ("pairs", "margin", "discordance", "shift", "levels"),
    [
        (60, 0.1, 0.05, 0, Levels()),
        (60, 0.1, 0.05, 0.12, Levels()),
        (45, 0.3, 0.4, -0.1, Levels(0.05, 0.05 / 15)),
        (80, 0.05, 0, 0, Levels()),
        (80, 0.05, 0, 0.05, Levels(0.01, 0.01)),
    ],
)
def test_chances_are_those_of_listing_every_table(pairs, margin, discordance, shift, levels):
    """The two borders lose nothing but the ignored ends."""
    found = power.chances(pairs=pairs, margin=margin, discordance=discordance, shifts=shift, levels=levels)
    parity, regression = _by_listing(pairs, margin, discordance, shift, levels)

    assert float(found.parity) == pytest.approx(parity, abs=1e-7)
    assert float(found.regression) == pytest.approx(regression, abs=1e-7)


@pytest.mark.parametrize(
    ("pairs", "margin", "rate", "alpha"),
    [
        (12_460, 0.005, 0.01, 0.05 / 40),
        (3000, 0.02, 0.05, 0.05),
        (2000, 0.3, 0.2, 0.05),
        (7000, 0.02, 0.2, 0.05),
    ],
)
def test_a_border_drawn_through_some_places_is_the_border_at_all(pairs, margin, rate, alpha):
    """Where hundreds of tables are in a row, the smooth border is the one found place by place."""
    most = power._most(pairs, rate)
    b = np.arange(power._least(pairs, rate), most + 1)
    assert b.size > border.FEW

    np.testing.assert_array_equal(
        border.fewest_at_parity(b, most, pairs, margin, alpha),
        border.place_by_place(b, most, pairs, margin, alpha),
    )


def test_p_parity_falls_as_failures_move_to_the_reference():
    """What the border rests on: monotone in both counts, for all tables of 40 pairs with up to 20 each."""
    b, c = np.arange(21)[:, None], np.arange(20)[None, :]
    p = hypotheses.p_parity(b, c, 40, 0.1)

    assert (np.diff(p, axis=1) <= 1e-11).all()
    assert (np.diff(p, axis=0) >= -1e-11).all()


@pytest.mark.parametrize("place", range(24))
def test_the_pairs_needed_are_those_of_the_study(needed_pairs, place):
    """Within 4 % of a coarser search elsewhere; and at the answer the power is there, and stays."""
    row = needed_pairs[place]
    asked = {"margin": row["margin"], "discordance": 2 * row["rate"]}

    needed = power.pairs_needed(**asked, alpha=row["alpha"])

    assert needed == pytest.approx(row["pairs"], rel=0.04)
    for pairs in (needed, round(needed * 1.03)):
        levels = Levels(row["alpha"], row["alpha"])
        assert power.chances(pairs=pairs, **asked, shifts=0.0, levels=levels).parity >= 0.8 - 1e-3


def test_the_normal_formula_is_the_closed_form_of_the_study(needed_pairs):
    """To the rounding of its quantiles."""
    rows = [row for row in needed_pairs if row["normal"] is not None]

    for row in rows:
        asked = {"discordance": 2 * row["rate"], "margin": row["margin"], "alpha": row["alpha"]}
        assert planning.pairs_for_alike(**asked) == pytest.approx(row["normal"], rel=0.01), row
    assert len(rows) == 12


@pytest.mark.parametrize("place", range(24))
def test_the_score_test_would_need_what_the_study_says(needed_pairs, place):
    """By enumeration: with 5 % more pairs it has the power, and with a fifth fewer it has not."""
    row = needed_pairs[place]

    def has_power(pairs):
        return score_power(round(pairs), row["rate"], row["margin"], row["alpha"]) >= 0.8

    assert has_power(row["score"] * 1.05)
    assert not has_power(row["score"] * 0.8)


def score_power(pairs, rate, margin, alpha):
    """The chance that the score test shows parity if both arms fail alone equally often."""
    most = int(stats.binom.isf(1e-9, pairs, rate)) if rate else 0
    b, c = (grid.ravel() for grid in np.meshgrid(np.arange(most + 1), np.arange(most + 1)))
    tables = np.stack([b, c, pairs - b - c], axis=-1)
    chance = stats.multinomial.pmf(tables, pairs, [rate, rate, 1 - 2 * rate])
    return chance[score.p_parity(b, c, pairs, margin) <= alpha].sum()


def test_the_normal_formula_would_ask_for_far_too_few():
    """At 5 failures in 1,000 each way and a margin of 20 it says 155, which show it in 2 of 5 runs."""
    asked = {"margin": 0.02, "discordance": 0.01}

    assert power.chances(pairs=155, **asked, shifts=0.0).parity < 0.55
    assert power.pairs_needed(**asked) > 290


def test_a_hundred_clean_pairs_can_never_show_one_point():
    """The rule of thumb: 299 are needed if nothing ever fails, and 100 show three points."""
    assert power.chances(pairs=100, margin=0.01, discordance=0, shifts=0.0).parity == 0
    assert power.pairs_needed(margin=0.01, discordance=0) == 299
    assert power.margin_shown(pairs=100, discordance=0) == pytest.approx(1 - 0.05**0.01, rel=1e-4)


@pytest.mark.parametrize(("pairs", "discordance"), [(300, 0.004), (1000, 0.02), (60, 0.1), (5, 0.3)])
def test_the_margin_that_pairs_can_show_is_the_smallest(pairs, discordance):
    """It has the power; a per cent less has not."""
    margin = power.margin_shown(pairs=pairs, discordance=discordance)

    at = power.chances(pairs=pairs, margin=margin, discordance=discordance, shifts=0.0)
    below = power.chances(pairs=pairs, margin=margin * 0.99, discordance=discordance, shifts=0.0)
    assert at.parity >= 0.8 > below.parity


@pytest.mark.parametrize(
    ("pairs", "margin", "discordance"), [(400, 0.02, 0.005), (1000, 0.01, 0.02), (20_000, 0.02, 0.01)]
)
def test_the_loss_that_is_caught_is_the_smallest(pairs, margin, discordance):
    """It is called a regression with the power; a few per cent less is not."""
    asked = {"pairs": pairs, "margin": margin, "discordance": discordance}
    loss = power.regression_caught(**asked)

    assert power.chances(**asked, shifts=loss).regression >= 0.8
    assert power.chances(**asked, shifts=loss * 0.97).regression < 0.8


def test_a_very_large_batch_catches_losses_at_the_margin_and_not_inside():
    """A loss that is real but inside the limit is no regression, however many the pairs."""
    found = power.chances(pairs=50_000, margin=0.02, discordance=0.01, shifts=[0.01, 0.02, 0.024])

    assert found.parity[0] > 0.99
    assert found.regression[2] > 0.99


def test_a_larger_family_makes_a_loss_harder_to_catch():
    """Correction costs power."""
    asked = {"pairs": 500, "margin": 0.02, "discordance": 0.01}

    alone, among = (power.regression_caught(**asked, levels=Levels(0.05, 0.05 / m)) for m in (1, 15))
    assert alone < among


@settings(max_examples=25)
@example(2, 0.5, 2.3e-308, 0.0)
@given(
    st.integers(1, 400),
    st.floats(0.001, 0.5),
    st.floats(0, 0.4),
    st.floats(-0.5, 0.5),
)
def test_the_three_chances_add_up_to_one(pairs, margin, discordance, shift):
    """Every table gets exactly one verdict."""
    found = power.chances(pairs=pairs, margin=margin, discordance=discordance, shifts=shift)

    parts = [float(found.parity), float(found.regression), float(found.inconclusive)]
    assert sum(parts) == pytest.approx(1)
    assert all(-1e-12 <= part <= 1 for part in parts)


def test_parity_becomes_rarer_and_regression_likelier_as_the_loss_grows():
    """Monotone along the whole curve."""
    found = power.chances(pairs=400, margin=0.02, discordance=0.02, shifts=np.linspace(-0.03, 0.2, 60))

    assert (np.diff(found.parity) <= 1e-9).all()
    assert (np.diff(found.regression) >= -1e-9).all()


@pytest.mark.parametrize("pairs", [200, 1000, 5000])
@pytest.mark.parametrize("margin", [0.01, 0.05])
def test_a_loss_of_exactly_the_margin_is_rarely_called_parity(pairs, margin):
    """The size of the parity claim stays under its 5 %, over how often the reference alone fails."""
    for discordance in (0, 0.002, 0.01, 0.05):
        found = power.chances(pairs=pairs, margin=margin, discordance=discordance, shifts=margin)
        assert found.parity <= 0.05


@pytest.mark.parametrize("pairs", [50, 1000])
def test_no_difference_is_rarely_called_a_regression(pairs):
    """At most 5 %, whatever the disagreement."""
    for discordance in (0.005, 0.05, 0.5):
        assert power.chances(pairs=pairs, margin=0.02, discordance=discordance, shifts=0.0).regression <= 0.05


def test_no_disagreement_seen_is_not_taken_for_none():
    """0 of 300 allows one in 100."""
    assert power.discordance_upper(0, 300) == pytest.approx(0.009936, abs=1e-6)


def test_a_shift_at_the_margin_is_never_shown():
    """No number of pairs helps, and a margin too small for two million is told as such."""
    assert power.pairs_needed(margin=0.01, discordance=0.01, shift=0.01) is None
    assert power.pairs_needed(margin=1e-6, discordance=0.01) is None


def test_what_no_batch_of_its_size_can_do_is_none():
    """Three pairs catch nothing at 5 % over 15 claims, and with much disagreement show nothing."""
    assert power.regression_caught(pairs=3, margin=0.5, discordance=0, levels=Levels(0.05, 0.05 / 15)) is None
    assert power.margin_shown(pairs=1, discordance=1) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power.pairs_needed(margin=2, discordance=0.1), r"margin is 2; .*\(for 2 % write 0\.02\)"),
        (lambda: power.pairs_needed(margin=0, discordance=0.1), r"margin is 0; .*for example 0\.01"),
        (lambda: power.pairs_needed(margin=-0.01, discordance=0.1), r"margin is -0\.01"),
        (lambda: power.pairs_needed(margin=0.1, discordance=4), r"discordance is 4; .*for 4 % write 0\.04"),
        (lambda: power.pairs_needed(margin=0.1, discordance=0.1, power=80), "power is 80"),
        (lambda: power.pairs_needed(margin=0.1, discordance=0.1, alpha=0), "level of parity is 0"),
        (lambda: power.margin_shown(pairs=0, discordance=0.1), "pairs is 0"),
        (
            lambda: power.margin_shown(pairs=10**8, discordance=0.1),
            "pairs is 100,000,000; .* up to 2,000,000",
        ),
        (lambda: power.chances(pairs=9, margin=0.1, discordance=0.5, shifts=0.6), "more than 1 together"),
        (lambda: power.discordance_upper(3, 2), "3 of 2 pairs are discordant"),
        (lambda: power.discordance_upper(0, 0), "0 of 0 pairs"),
    ],
)
def test_numbers_that_are_no_fractions_or_counts_are_refused(call, message):
    """The message names the number, and what was probably meant."""
    with pytest.raises(ValueError, match=message):
        call()
