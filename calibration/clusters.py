"""Prompts like these: how often templates that are worse by exactly the margin are called within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from analysis.stats import clusters, hypotheses
from calibration.promises import Measured

ALPHA = 0.05
MARGIN = 0.02
DISCORDANCE = 0.005


@dataclass(frozen=True)
class Shape:
    """Templates and prompts of each."""

    templates: int
    prompts: int


def measure(
    shapes: tuple[Shape, ...], correlations: tuple[float, ...], *, draws: int, seed: int
) -> Iterator[Measured]:
    """False parity by three ways of counting: pairs as if independent, the design effect, and its floor.

    Each template has a chance of its own to fail on the candidate alone, drawn from a beta distribution
    with the mean that makes the difference the margin and with this intraclass correlation.

    Args:
        shapes: Of the batch.
        correlations: Intraclass, in [0, 1).
        draws: Batches to draw for each.
        seed: Of the draws.
    """
    for shape, correlation in product(shapes, correlations):
        draw = np.random.default_rng((seed, shape.templates, shape.prompts, round(correlation * 100)))
        counts = [_batch(draw, shape, correlation) for _ in range(draws)]
        setting: dict[str, float | int | str] = {
            "templates": shape.templates, "prompts": shape.prompts, "correlation": correlation,
        }  # fmt: skip
        n = np.full(shape.templates, float(shape.prompts))
        naive = np.array([(b.sum(), c.sum(), n.sum()) for b, c in counts])
        yield _size(None, "as if independent", setting, naive)
        for promise, name, floor in (
            (None, "design effect", 0.0),
            ("clusters", "design effect with floor", clusters.ICC_FLOOR),
        ):
            worth = [clusters.effective(b, c, n, icc_floor=floor) for b, c in counts]
            cut = np.array([(each.candidate_only, each.reference_only, each.pairs) for each in worth])
            yield _size(promise, name, setting, cut)


def _batch(draw: np.random.Generator, shape: Shape, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    worse = _chances(draw, MARGIN + DISCORDANCE / 2, correlation, shape.templates)
    better = np.minimum(_chances(draw, DISCORDANCE / 2, correlation, shape.templates), 1 - worse)
    b = draw.binomial(shape.prompts, worse)
    rest = np.divide(better, 1 - worse, out=np.zeros_like(worse), where=worse < 1)
    return b.astype(float), draw.binomial(shape.prompts - b, np.clip(rest, 0, 1)).astype(float)


def _chances(draw: np.random.Generator, mean: float, correlation: float, size: int) -> np.ndarray:
    if correlation == 0:
        return np.full(size, mean)
    strength = 1 / correlation - 1
    return draw.beta(mean * strength, (1 - mean) * strength, size)


def _size(
    promise: str | None, method: str, setting: dict[str, float | int | str], tables: np.ndarray
) -> Measured:
    b, c, n = tables.T
    shown = hypotheses.p_parity(b, c, n, MARGIN) <= ALPHA
    return Measured(promise, method, setting, float(shown.mean()), trials=len(tables))
