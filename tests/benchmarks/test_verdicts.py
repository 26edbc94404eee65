"""What the statistics are set beside computes the same; and logs made large stay comparable."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec

from analysis.stats import intervals, score, tables

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def loops() -> ModuleType:
    return _load("loops")


def test_the_plain_loop_finds_the_same_exact_limits(loops: ModuleType) -> None:
    """Adaptive integration, for a table whose limits are found on either side of no difference."""
    table = 1, 9, 120
    ((low, high, one_sided),) = loops.limits([table])

    assert (low, high) == pytest.approx([float(limit) for limit in intervals.difference(*table)], abs=1e-6)
    assert one_sided == pytest.approx(float(intervals.upper(*table)), abs=1e-6)


def test_the_plain_loop_finds_the_same_score_limits(loops: ModuleType) -> None:
    """Brent's method, table by table."""
    for table in [(7, 1, 400), (3, 4, 90), (40, 12, 5000)]:
        expected = [float(limit) for limit in score.difference(*table)]
        assert loops.score_interval(*table) == pytest.approx(expected, abs=1e-9)


def test_the_plain_loop_counts_the_same(loops: ModuleType) -> None:
    """Pair by pair."""
    rng = np.random.default_rng(0)
    counted = rng.random((2, 300)) < 0.9
    observed = tables.Observed(counted, ~counted, *(counted & (rng.random((2, 300)) < 0.1) for _ in range(2)))

    totals = tables.total(tables.by_pair(observed))

    assert [loops.counts(observed, metric) for metric in range(2)] == totals.T.tolist()


def test_a_log_made_large_has_cases_of_its_own_and_registers_them() -> None:
    """Ids are never repeated, a template's cases stay together, transcripts are left out."""
    many_pairs = _load("many_pairs")
    samples = [
        EvalSample(id=f"case-{place}", epoch=1, input="p", target="", metadata={"template": f"t{place}"})
        for place in range(3)
    ]
    spec = EvalSpec(
        created="2026-01-01T00:00:00+00:00",
        task="pii",
        dataset=EvalDataset(),
        model="none/none",
        config=EvalConfig(),
        metadata={"parity": {"suite": "pii", "batch_cases": 3}},
    )

    log = many_pairs.multiplied(EvalLog(eval=spec, samples=samples), 8)

    assert len({sample.id for sample in log.samples}) == 8
    assert [sample.metadata["template"] for sample in log.samples[2:5]] == ["t2-0", "t0-1", "t1-1"]
    assert log.eval.metadata["parity"] == {"suite": "pii", "batch_cases": 8}
    assert samples[0].id == "case-0"
