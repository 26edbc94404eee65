from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ORACLES = Path(__file__).parents[2] / "oracles"


def _read(name: str) -> dict[str, Any]:
    return json.loads((ORACLES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def paired_tables() -> dict[str, Any]:
    """Tables with the numbers that other programs and papers give for them."""
    return _read("paired_tables.json")


@pytest.fixture(scope="session")
def second_opinions() -> dict[str, Any]:
    """Tables with the score and Newcombe intervals and the mid-p that other programs and papers give."""
    return _read("score_and_newcombe.json")


@pytest.fixture(scope="session")
def holm_example() -> dict[str, Any]:
    """p-values with R's adjustment."""
    return _read("holm.json")


@pytest.fixture(scope="session")
def clustered() -> list[dict[str, Any]]:
    """Clustered tables with published statistics."""
    return _read("clusters.json")["examples"]


@pytest.fixture(scope="session")
def depression() -> dict[str, Any]:
    """Nine pairs with R's signed-rank analysis."""
    return _read("hodges_lehmann.json")


@pytest.fixture(scope="session")
def needed_pairs() -> list[dict[str, float]]:
    """Numbers of pairs found by a prototype's enumeration."""
    return _read("needed_pairs.json")["rows"]


@pytest.fixture(scope="session")
def rule_of_three() -> list[dict[str, float]]:
    """Upper limits for what was never seen."""
    return _read("rule_of_three.json")["rows"]


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers in every run."""
    return np.random.default_rng(5)
