"""A small part of the calibration: the promises hold, and the measurement would notice if they did not."""

from __future__ import annotations

import pytest

from analysis.stats import quadrature
from calibration import clusters, intervals, labels, nights, whole_page
from calibration.clusters import Shape
from calibration.measuring import PART, parts
from calibration.page import files
from calibration.promises import PROMISES, Measured
from calibration.tables import Truth, discordant, whole


@pytest.fixture(scope="module")
def measured():
    """Every part, at a size that takes seconds."""
    return {name: list(measure()) for name, measure in parts(PART).items()}


def test_no_promise_is_broken(measured):
    """Each promise is measured, and kept."""
    figures = [figure for part in measured.values() for figure in part]

    assert {figure.promise for figure in figures} - {None} == set(PROMISES)
    assert [figure for figure in figures if figure.broken] == []


def test_what_is_warned_of_goes_wrong_as_told(measured):
    """5 % every night, clusters taken for independent pairs, evidence against a frozen baseline."""
    rates = {
        figure.method: figure.rate for part in measured.values() for figure in part if not figure.promise
    }

    assert rates["5 % every night"] > 0.9
    assert rates["as if independent"] > 0.2
    assert rates["design effect"] > 0.05
    assert rates["evidence added up (refused)"] > 0.05


def test_the_page_holds_every_picture_and_every_promise(measured):
    """Whole files, the same bytes for the same figures."""
    page = files(measured, seed=1)

    text = page["README.md"].decode()
    assert all(f"]({name})" in text for name in page if name != "README.md")
    assert text.count("| yes |") == len(PROMISES)
    assert page == files(measured, seed=1)


def test_a_bent_interval_breaks_its_promise(monkeypatch):
    """The tail taken a fifth too small: limits too narrow, labels too free. A calibration must see that."""
    straight = quadrature.tail
    monkeypatch.setattr(quadrature, "tail", lambda t, *shapes: 0.8 * straight(t, *shapes))

    covered = intervals.measure((200,), [Truth(reference=0.02, candidate=0.04, correlation=0.0)])
    labelled = labels.measure((200,), (0.05,), (0.1,))

    assert {figure.promise for figure in (*covered, *labelled) if figure.broken} == {"fay_lumbard"}


def test_a_forgotten_correction_breaks_its_promise(monkeypatch):
    """Forty metrics each at 5 %: without Holm most pages cry wolf."""
    monkeypatch.setattr("analysis.verdict.holm", lambda p, family_size: p)  # noqa: ARG005 - holm's signature

    figures = whole_page.unchanged((0.05,), pairs=600, pages=8, seed=1)

    assert [figure.promise for figure in figures if figure.broken] == ["page_alarm"]


def test_a_forgotten_floor_breaks_its_promise(monkeypatch):
    """Where few templates hold a failure, the estimate alone is not enough."""
    monkeypatch.setattr(clusters.clusters, "ICC_FLOOR", 0.0)

    figures = clusters.measure((Shape(40, 25),), (0.3,), draws=400, seed=1)

    assert [figure.promise for figure in figures if figure.broken] == ["clusters"]


def test_a_level_that_is_not_shared_out_breaks_its_promise(monkeypatch):
    """5 % a night is a false alarm within weeks."""
    monkeypatch.setattr(nights.budget, "acute_level", lambda: 0.05)

    figures = nights.unchanged(years=20, seed=1)

    assert "acute" in {figure.promise for figure in figures if figure.broken}


@pytest.mark.parametrize(
    ("rate", "trials", "broken"), [(0.09, 100, False), (0.09, 2000, True), (0.05, None, False)]
)
def test_a_simulated_figure_is_broken_only_beyond_its_own_error(rate, trials, broken):
    """Few draws prove little; an enumerated figure has no error."""
    assert Measured("parity", "x", {}, rate, trials).broken is broken


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_all_tables_make_up_all_chance(correlation):
    """What is left out is less than the rounding that is allowed for; margins are those of the truth."""
    truth = Truth(reference=0.1, candidate=0.12, correlation=correlation)
    both, worse, better, _ = truth.cells
    b, _, chance = discordant(200, worse, better)
    *_, of_all = whole(50, truth)

    assert 1 - chance.sum() < 1e-6
    assert 1 - of_all.sum() < 1e-6
    assert (b * chance).sum() == pytest.approx(200 * worse, rel=1e-6)
    assert both + worse == pytest.approx(0.12)
