from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ORACLES = Path(__file__).parents[2] / "oracles"


@pytest.fixture(scope="session")
def paired_tables() -> dict[str, Any]:
    """Tables with the numbers that other programs and papers give for them."""
    return json.loads((ORACLES / "paired_tables.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def holm_example() -> dict[str, Any]:
    """p-values with R's adjustment."""
    return json.loads((ORACLES / "holm.json").read_text(encoding="utf-8"))
