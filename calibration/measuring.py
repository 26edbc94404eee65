"""What is measured: the whole for the page, and a part that fits into the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from calibration import clusters, intervals, labels, nights, whole_page
from calibration.clusters import Shape
from calibration.promises import Measured

SEED = 1


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    pairs: tuple[int, ...]
    rates: tuple[float, ...]
    shifts: tuple[float, ...]
    margins: tuple[float, ...]
    discordances: tuple[float, ...]
    pages: int
    page_rates: tuple[float, ...]
    shapes: tuple[Shape, ...]
    correlations: tuple[float, ...]
    batches: int
    years: int
    frozen_years: int
    delay_years: int


WHOLE = Size(
    pairs=(50, 200, 1000, 5000),
    rates=(0.005, 0.02, 0.1),
    shifts=(0.0, 0.02),
    margins=(0.01, 0.02, 0.05),
    discordances=(0.005, 0.02, 0.05, 0.1),
    pages=250,
    page_rates=(0.002, 0.01, 0.05),
    shapes=(Shape(40, 25), Shape(200, 5), Shape(1000, 5)),
    correlations=(0.0, 0.1, 0.3),
    batches=1500,
    years=2000,
    frozen_years=150,
    delay_years=300,
)
PART = Size(
    pairs=(50, 200),
    rates=(0.02,),
    shifts=(0.0, 0.02),
    margins=(0.05,),
    discordances=(0.02, 0.1),
    pages=6,
    page_rates=(0.01,),
    shapes=(Shape(40, 25),),
    correlations=(0.3,),
    batches=200,
    years=100,
    frozen_years=3,
    delay_years=20,
)


def parts(size: Size, *, seed: int = SEED) -> dict[str, Callable[[], Iterable[Measured]]]:
    """By name what measures one part, in the order of the page."""

    def both(*measured: Iterable[Measured]) -> Iterable[Measured]:
        for each in measured:
            yield from each

    return {
        "intervals": lambda: both(
            intervals.measure(size.pairs, intervals.truths(size.rates, size.shifts)),
            intervals.one_arm(size.pairs, size.rates),
        ),
        "labels": lambda: labels.measure(size.pairs, size.margins, size.discordances),
        "page": lambda: both(
            whole_page.unchanged(size.page_rates, pairs=600, pages=size.pages, seed=seed),
            whole_page.at_the_margin(size.page_rates, pairs=600, pages=size.pages, seed=seed),
        ),
        "clusters": lambda: clusters.measure(size.shapes, size.correlations, draws=size.batches, seed=seed),
        "nights": lambda: both(
            nights.unchanged(years=size.years, seed=seed),
            nights.frozen(years=size.frozen_years, prompts=300, epochs=10, seed=seed),
        ),
        "delay": lambda: nights.delays((0.005, 0.01, 0.02), years=size.delay_years, after=100, seed=seed),
    }
