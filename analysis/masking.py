"""How much of the protected values was masked, by type, and how much beside them, on each arm.

Counted are the values of cases that were masked at all, where the trace lets the text be laid over the
original. Reported beside the verdict and never a part of it: exposure is what is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from analysis.described import Masked, MaskedType
from suites.outcomes import ARMS


def masked(table: pd.DataFrame) -> list[Masked]:
    """By arm what was masked; nothing for an arm of which no masking is on record.

    Args:
        table: As `analysis.records` makes it.
    """
    results = []
    for arm in ARMS:
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        texts = beside = 0
        for evidence in table[f"{arm}_evidence"]:
            spans = evidence.get("spans") if isinstance(evidence, Mapping) else None
            if not isinstance(spans, Mapping) or not spans:
                continue
            texts += 1
            beside += int(evidence.get("collateral") or 0)
            for kind, (fully, there) in spans.items():
                counts[kind][0] += fully
                counts[kind][1] += there
        if texts:
            types = [
                MaskedType(type=kind, masked=fully, values=there)
                for kind, (fully, there) in sorted(counts.items())
            ]
            results.append(Masked(arm=arm, texts=texts, beside=beside, types=types))
    return results
