"""Values to protect, of every type."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals.leaks import Protected

VALUES = yaml.safe_load(Path(__file__).with_name("values.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def protected():
    """Reserved or fictional values of all types, a few of each."""
    return [Protected(value, kind) for kind, values in VALUES.items() for value in values]
