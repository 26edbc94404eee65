from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats import walsh


def _listed(d):
    i, j = np.triu_indices(d.size)
    return np.sort((d[i] + d[j]) / 2)


def _draws(rng, kind, n):
    return np.sort(
        {
            "all unlike": lambda: rng.normal(size=n),
            "many alike": lambda: np.round(rng.normal(size=n), 1),
            "ratios of small numbers": lambda: np.log(rng.integers(1, 30, n) / rng.integers(1, 30, n)),
            "over many magnitudes": lambda: rng.lognormal(0, 5, n) * rng.choice([-1, 1], n),
            "all alike": lambda: np.full(n, 0.1),
        }[kind]()
    )


@pytest.mark.parametrize(
    "kind", ["all unlike", "many alike", "ratios of small numbers", "over many magnitudes", "all alike"]
)
@pytest.mark.parametrize("n", [300, 701])
def test_means_are_those_of_listing_all_of_them(rng, kind, n):
    """To the last bit, at both ends, in the middle and elsewhere, where pivots do the work."""
    d = _draws(rng, kind, n)
    listed = _listed(d)
    places = [0, listed.size // 40, (listed.size - 1) // 2, listed.size // 2, listed.size - 1]

    assert list(walsh.means(d, places)) == [listed[place] for place in places]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), st.data())
def test_few_numbers_are_listed(numbers, data):
    """Each place in the order of all means of two."""
    d = np.sort(numbers)
    listed = _listed(d)
    place = data.draw(st.integers(0, listed.size - 1))

    assert list(walsh.means(d, [place])) == [listed[place]]
