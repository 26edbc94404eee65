"""What an answer costs in time and tokens, candidate against reference, pair by pair.

Taken from the evidence that each sample carries. Reported beside the verdict and never a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from analysis.described import Cost
from analysis.stats import ratios

_Quantity = Literal["latency_ms", "input_tokens", "output_tokens"]


def compare(table: pd.DataFrame, *, rehearsed: bool) -> Iterator[Cost]:
    """Latency and tokens of both arms; a quantity that no pair has on both arms is left out.

    Args:
        table: One row per pair with `<arm>_evidence`.
        rehearsed: The answers came from local stand-ins.
    """
    for quantity in get_args(_Quantity):
        reference, candidate = (
            np.array([_of(quantity, evidence) for evidence in table[f"{arm}_evidence"]], dtype=np.float64)
            for arm in ("reference", "candidate")
        )
        found = asdict(ratios.compare(reference, candidate))
        if found["pairs"]:
            numbers = {name: found[name] for name in Cost.model_fields if name in found}
            yield Cost(quantity=quantity, rehearsed=rehearsed, **numbers)


def _of(quantity: _Quantity, evidence: Mapping[str, Any]) -> float:
    """One arm's number; NaN where the evidence does not hold it."""
    if quantity == "latency_ms":
        told = evidence.get("latency_ms")
    else:
        tokens = evidence.get("tokens")
        place = 0 if quantity == "input_tokens" else 1
        told = tokens[place] if isinstance(tokens, list) and len(tokens) > place else None
    return float(told) if isinstance(told, int | float) else float("nan")
