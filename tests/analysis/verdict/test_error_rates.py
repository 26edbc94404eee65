"""How often the whole rule is wrong, by seeded simulation: metrics, strata and categories at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analysis.verdict import judge, suite_verdict
from suites.metrics import METRICS

PAGES = 60
SLICES = 12


@pytest.fixture
def page(clean):
    """One suite of five metrics over 12 categories, the first three of which are a stratum."""

    def drawn(rng, *, rate, shifts=None, size=33):
        cells = []
        for metric in METRICS:
            shift = (shifts or {}).get(metric, np.zeros(SLICES))
            both_ways = rng.multinomial(
                size, np.stack([rate / 2 + shift, np.full(SLICES, rate / 2), 1 - rate - shift], axis=1)
            )
            worse, better = both_ways[:, 0], both_ways[:, 1]
            slices = {
                "all": ("primary", np.arange(SLICES)),
                "critical:a": ("critical", np.arange(3)),
            } | {f"category:{place}": ("category", [place]) for place in range(SLICES)}
            cells += [
                replace(
                    clean,
                    metric=metric,
                    slice=name,
                    family=family,
                    margin=0.1 if family == "critical" else 0.03,
                    cap=0.5,
                    pairs=float(size * len(held)),
                    candidate_only=float(worse[held].sum()),
                    reference_only=float(better[held].sum()),
                )
                for name, (family, held) in slices.items()
            ]
        return judge(cells, family_size=5, critical_size=5)

    return drawn


@pytest.mark.parametrize("rate", [0.002, 0.02])
def test_arms_that_are_alike_are_seldom_called_worse(page, rate):
    """Any regression anywhere on the page, in at most 5 % of pages."""
    rng = np.random.default_rng(7)

    false = sum(
        any(finding.verdict == "regression" for finding in page(rng, rate=rate)) for _ in range(PAGES)
    )

    assert false <= 0.05 * PAGES


def test_a_loss_at_the_margin_is_seldom_signed_off(page):
    """One metric worse by exactly its margin, all others clean."""
    rng = np.random.default_rng(8)
    at_margin = {"exposure": np.full(SLICES, 0.03)}

    passed = sum(suite_verdict(page(rng, rate=0.002, shifts=at_margin))[0] == "parity" for _ in range(PAGES))

    assert passed <= 0.05 * PAGES


def test_a_loss_at_a_stratums_margin_is_seldom_signed_off(page):
    """A stratum worse by exactly its margin, where the whole is not worse by more than its own."""
    rng = np.random.default_rng(9)
    in_stratum = {"exposure": np.r_[np.full(3, 0.1), np.zeros(SLICES - 3)]}

    passed = sum(suite_verdict(page(rng, rate=0.002, shifts=in_stratum))[0] == "parity" for _ in range(PAGES))

    assert passed <= 0.05 * PAGES
