"""Cases that are nearly the same and count as if they were not: of other templates, or twice in one batch.

Texts are compared by the share of their word triples that both have (Jaccard), found by MinHash in bands
(Broder 1997; Leskovec, Rajaraman and Ullman 2014, ch. 3), so that a hundred thousand rows take seconds.
Numbers count as one and the same word: a template that was filled with other numbers is the same template.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

ALIKE = 0.8
"""Share of common triples from which on two texts are nearly the same."""

_BANDS, _ROWS = 8, 4
"""Two texts of which ALIKE is common meet in a band with a chance of 98.5 %: 1 - (1 - .8^4)^8."""
_CROWD = 50
"""Of texts that all meet in one band, each is compared with so many before it at the most."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_PRIME = (1 << 61) - 1
_FACTORS = np.random.default_rng(20261127).integers(1, 1 << 31, size=(2, _BANDS * _ROWS), dtype=np.uint64)

Hashes = npt.NDArray[np.uint64]


def nearly_same(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of places of texts that are nearly the same, each text once, with an earlier one.

    Args:
        texts: In their order.
    """
    triples = [_triples(text) for text in texts]
    bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    for place, own in enumerate(triples):
        signature = _signature(own)
        candidates: dict[int, None] = {}
        keys = [(band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]
        for key in keys:
            candidates |= dict.fromkeys(bands[key][-_CROWD:])
        for other in candidates:
            if _jaccard(own, triples[other]) >= ALIKE:
                yield other, place
                break
        for key in keys:
            bands[key].append(place)


def _triples(text: str) -> frozenset[int]:
    words = ["0" if word.isdigit() else word for word in _WORD.findall(text.lower())]
    if len(words) < 3:  # noqa: PLR2004 - a triple
        return frozenset({zlib.crc32(" ".join(words).encode())})
    return frozenset(
        zlib.crc32(" ".join(words[place : place + 3]).encode()) for place in range(len(words) - 2)
    )


def _signature(triples: frozenset[int]) -> Hashes:
    hashes = np.fromiter(triples, dtype=np.uint64, count=len(triples))
    mixed: Hashes = (hashes[:, None] * _FACTORS[0] + _FACTORS[1]) % np.uint64(_PRIME)
    return np.asarray(mixed.min(axis=0))


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
