"""Cells by hand, so that the rule is tested on counts alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analysis.counts import Cell, Clusters
from analysis.finding import Finding
from analysis.verdict import judge
from suites.metrics import METRICS

CLEAN = Cell(
    suite="pii",
    metric="exposure",
    slice="all",
    family="primary",
    epochs=1,
    margin=0.03,
    cap=0.10,
    pairs=400,
    missing=0,
    both=0,
    candidate_only=0,
    reference_only=0,
)


@pytest.fixture
def clean() -> Cell:
    """One primary metric in which nothing ever failed."""
    return CLEAN


@pytest.fixture
def stratum() -> Cell:
    """One metric of a critical stratum in which nothing ever failed."""
    return replace(
        CLEAN, family="critical", slice="critical:cards", title="Cards", margin=0.1, cap=0.2, pairs=100
    )


@pytest.fixture
def suite() -> Callable[..., list[Finding]]:
    """All five metrics of a suite, clean but for the ones changed, with what else is asked for."""

    def judged(*others: Cell, uneven: Sequence[str] = (), **changed: Any) -> list[Finding]:
        cells = [replace(CLEAN, metric=name, **changed.get(name, {})) for name in METRICS]
        return judge([*cells, *others], family_size=15, critical_size=12, uneven=uneven)

    return judged


@pytest.fixture
def clustered() -> Callable[..., Cell]:
    """A cell about prompts like these, from counts by template."""

    def make(
        candidate_only: Sequence[float],
        reference_only: Sequence[float] | None = None,
        *,
        size: int = 5,
        missing: Sequence[float] | None = None,
        both: Sequence[float] | None = None,
        **changes: Any,
    ) -> Cell:
        none = [0.0] * len(candidate_only)
        columns = {
            "candidate_only": candidate_only,
            "reference_only": reference_only or none,
            "both": both or none,
            "missing": missing or none,
        }
        arrays = {name: np.array(column, dtype=float) for name, column in columns.items()}
        arrays["pairs"] = size - arrays["missing"]
        sums = {name: float(array.sum()) for name, array in arrays.items()}
        return replace(CLEAN, estimand="templates", clusters=Clusters(**arrays), **sums | changes)

    return make
