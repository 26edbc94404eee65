"""How often one metric gets a label that it should not, every table enumerated."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from analysis.stats import hypotheses
from analysis.stats.power import Levels, chances
from calibration.promises import Measured
from calibration.tables import discordant

FAMILY = 40
"""Metrics of a page; the hardest level that Holm's procedure asks of one is .05 over it."""
LEVELS = {"alone": 0.05, f"hardest of {FAMILY}": 0.05 / FAMILY}


def measure(
    pairs: tuple[int, ...], margins: tuple[float, ...], discordances: tuple[float, ...]
) -> Iterator[Measured]:
    """False parity and false "beyond the limit" at the margin, and false "worse" without a difference.

    A level harder than .05 is set to .05 in proportion, so that all figures are held against .05.
    """
    for n, discordance, (name, level) in product(pairs, discordances, LEVELS.items()):
        setting: dict[str, float | int | str] = {"pairs": n, "discordance": discordance, "level": name}
        b, c, chance = discordant(n, discordance / 2, discordance / 2)
        called = hypotheses.p_worse(b, c) <= level
        yield Measured("worse", "worse", setting, float(np.sum(chance[called])) * 0.05 / level)
        for margin in margins:
            at_margin = setting | {"margin": margin}
            found = chances(
                pairs=n, margin=margin, discordance=discordance, shifts=margin,
                levels=Levels(parity=level, worse=level),
            )  # fmt: skip
            yield Measured("parity", "parity", at_margin, float(found.parity) * 0.05 / level)
            b, c, chance = discordant(n, discordance / 2 + margin, discordance / 2)
            called = hypotheses.p_beyond_margin(b, c, n, margin) <= level
            yield Measured("beyond", "beyond", at_margin, float(np.sum(chance[called])) * 0.05 / level)
