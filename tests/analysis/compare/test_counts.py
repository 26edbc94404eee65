"""How pairs become counts, seen from the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import counts
from analysis.stats import tables
from suites.case import Side
from suites.metrics import METRICS, judge
from suites.outcomes import FACTS, Facts
from suites.registered import Registered


@pytest.fixture
def rng():
    """The same random numbers in every run."""
    return np.random.default_rng(6)


def _table(rng, rows, *, epochs=1):
    """Pairs of every kind, with facts that are known or not."""
    cases = rows // epochs
    by_case = {
        "case": [f"case-{place:04d}" for place in range(cases)],
        "expectation": rng.choice(["protect", "allow"], cases),
        "side": rng.choice(["input", "output"], cases),
        "category": rng.choice(["email", "card", "phone"], cases),
        "severity": rng.choice(["low", "high"], cases),
        "template": rng.choice([f"t{place}" for place in range(15)], cases),
        "channel": rng.choice(["user", "system"], cases),
        "form": rng.choice(["plain", "spaced"], cases),
        "language": rng.choice(["en", "de"], cases),
    }
    table = pd.DataFrame(
        {name: pd.Series(np.repeat(column, epochs), dtype=object) for name, column in by_case.items()}
    )
    table["epoch"] = np.tile(np.arange(1, epochs + 1), cases)
    for arm in ("reference", "candidate"):
        for fact in FACTS:
            table[f"{arm}_{fact}"] = rng.choice([0.0, 1.0, np.nan], rows, p=[0.48, 0.48, 0.04])
    return table


class _Kind:
    def __init__(self, expectation: str, side: Side) -> None:
        self.expectation, self.side = expectation, side


def test_every_pair_is_judged_as_if_it_were_alone(rng):
    """Judging each kind of pair once gives what judging 3,000 pairs one by one does."""
    table = _table(rng, 3000)

    seen = counts.judged(table)

    for place, row in enumerate(table.to_dict("records")):
        arms = [Facts.from_value(arm, row) for arm in ("reference", "candidate")]
        for number, metric in enumerate(METRICS.values()):
            alone = judge(metric, _Kind(row["expectation"], row["side"]), *arms)
            found = (seen.counted, seen.missing, seen.reference, seen.candidate)
            assert tuple(bool(each[number, place]) for each in found) == (
                alone.counted,
                alone.missing,
                alone.reference,
                alone.candidate,
            )


@pytest.mark.parametrize("epochs", [1, 3])
def test_categories_and_templates_add_up_to_the_whole(logs, rng, epochs):
    """No pair is lost or counted twice, whichever way the cases are parted."""
    table = _table(rng, 900, epochs=epochs)
    registered = Registered.model_validate(logs.registered(epochs=epochs))

    found = counts.cells(registered, table, counts.judged(table))

    for metric in METRICS:
        whole, *_ = (cell for cell in found if cell.metric == metric and cell.family == "primary")
        parts = [cell for cell in found if cell.metric == metric and cell.slice.startswith("category:")]
        for name in tables.COUNTS:
            assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(whole, name))
            assert getattr(whole.clusters, name).sum() == pytest.approx(getattr(whole, name))


def test_the_order_of_the_rows_does_not_matter(logs, rng):
    """The same pairs in another order give the same cells, to the last bit."""
    table = _table(rng, 600, epochs=3)
    shuffled = table.sample(frac=1, random_state=1).reset_index(drop=True)
    registered = Registered.model_validate(logs.registered(epochs=3))

    one, other = (counts.cells(registered, each, counts.judged(each)) for each in (table, shuffled))

    for ours, theirs in zip(one, other, strict=True):
        assert all(getattr(ours, name) == getattr(theirs, name) for name in (*tables.COUNTS, "slice"))
        for name in tables.COUNTS:
            np.testing.assert_array_equal(getattr(ours.clusters, name), getattr(theirs.clusters, name))
