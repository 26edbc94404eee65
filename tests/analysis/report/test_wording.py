"""Numbers and verdicts in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analysis import wording
from analysis.finding import Finding
from analysis.plots import theme
from analysis.result import Verdict


def test_small_shares_read_as_cases_per_thousand() -> None:
    """A share of 1.25 % is 12.5 cases in 1,000."""
    assert wording.rate(0.0125) == "12.5"


def test_nothing_counted_is_a_dash_and_never_a_zero() -> None:
    """A rate without opportunities must not look like a clean record."""
    assert wording.rate(None) == wording.signed(None) == wording.probability(None) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.004, "+4.0"), (-0.0025, "\N{MINUS SIGN}2.5"), (0.0, "0.0"), (-1e-9, "0.0")]
)
def test_a_difference_carries_its_sign_and_zero_has_none(fraction: float, text: str) -> None:
    """Worse is plus, better is a true minus sign, and nothing is `-0.0`."""
    assert wording.signed(fraction) == text


def test_a_bound_just_inside_the_limit_does_not_read_as_the_limit() -> None:
    """14.98 against a limit of 15 must not be rounded to 15.0."""
    assert wording.bound(0.01498, 0.015) == "+14.98"


def test_a_bound_at_the_limit_ends() -> None:
    """Equal numbers cannot be told apart by more decimals."""
    assert wording.bound(0.015, 0.015) == "+15.0"


def test_a_p_value_is_never_zero() -> None:
    """An exact p-value below a thousandth says so."""
    assert wording.probability(1e-9) == "< 0.001"


def test_an_unknown_flag_is_shown_and_not_swallowed() -> None:
    """A flag this file does not know still reaches the reader."""
    assert wording.flag("few_clusters") == "few clusters"


def test_an_unfinished_run_has_its_own_words() -> None:
    """No verdict is neither a pass nor `not comparable`."""
    assert wording.words_for(None).long == "The run did not finish; there is no verdict"


def test_a_regression_beyond_the_margin_reads_otherwise_than_one_that_may_be_inside(
    verdict_of: Callable[[str], Verdict],
) -> None:
    """The flag decides between the two sentences for a regression."""
    worse: Finding = next(f for f in verdict_of("regression").findings if f.verdict == "regression")

    beyond = wording.words_of_finding(worse)
    open_ = wording.words_of_finding(worse.model_copy(update={"flags": ["margin_not_excluded"]}))

    assert (beyond.long, open_.long) == (
        "Worse, beyond the agreed limit",
        "Worse; a breach of the limit is not excluded",
    )


def test_no_two_verdicts_share_a_sign() -> None:
    """Colour is never the only difference."""
    assert len({words.symbol for words in wording.ALL_WORDS}) == len(wording.ALL_WORDS)


@pytest.mark.parametrize("surface", ["light", "dark"])
@pytest.mark.parametrize(
    "role", ["ink", "quiet", "link", "limit", "parity", "beyond", "open", "void", "reference", "candidate"]
)
def test_every_colour_of_text_reads_well_on_its_surface(role: str, surface: str) -> None:
    """WCAG AA asks for a contrast of 4.5."""
    assert contrast(*(getattr(theme.TONES[name], surface) for name in (role, "paper"))) >= 4.5


@pytest.mark.parametrize("surface", ["light", "dark"])
@pytest.mark.parametrize("step", range(5))
def test_numbers_read_well_on_every_step_of_a_heat_map(step: int, surface: str) -> None:
    """Ink is never changed for the cell that it stands in."""
    assert contrast(*(getattr(theme.TONES[name], surface) for name in ("ink", f"shade{step}"))) >= 4.5


def contrast(first: str, second: str) -> float:
    """By the formula of WCAG 2."""
    dark, light = sorted(map(luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Of a colour as `#rrggbb`."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
