"""What content filters add by meaning: a logistic head on a text's vectors, for the categories that have one.

A head knows what its training rows hold and little else, so the lexicon keeps half of the blend.
The levels are calibrated: on held-out harmless rows that look harmful, LOW is reached by 15 in a hundred,
MEDIUM by 5, HIGH by 1. `benchmarks/content.py` fits `heads.json`; NOTICE names the data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEADS = Path(__file__).parent / "heads.json"
SHARE = 0.5
"""Of the head in the blend; the other half is the lexicon's."""

_BREAKS = re.compile(r"\n+|[{}|`]+")
_FEWEST_WORDS = 3


class Head(NamedTuple):
    """One category's head."""

    weights: NDArray[np.float64]
    """Shape (384,), for a vector of unit length."""
    lexical: float
    """Weight of the lexicon's score."""
    bias: float
    levels: tuple[float, float, float]
    """Where LOW, MEDIUM and HIGH begin, on the scale of the blend."""
    sides: frozenset[str]
    """Where it is used, INPUT or OUTPUT: rows that are all requests say nothing of answers."""

    def blend(self, vectors: NDArray[np.float32], lexical: float) -> float:
        """Head and lexicon together, from 0 to 1.

        Args:
            vectors: Of the text's pieces, shape (pieces, 384); the surest piece counts.
            lexical: The lexicon's score of the whole text, from 0 to 1.
        """
        import numpy as np  # noqa: PLC0415 - without the extra the service does without

        logits = vectors @ self.weights + self.lexical * lexical + self.bias
        return float(SHARE / (1 + np.exp(-logits.max())) + (1 - SHARE) * lexical)

    def score(
        self, vectors: NDArray[np.float32], lexical: float, begins: tuple[float, float, float]
    ) -> float:
        """The blend on the scale on which LOW, MEDIUM and HIGH begin at `begins`."""
        import numpy as np  # noqa: PLC0415 - see blend

        return float(np.interp(self.blend(vectors, lexical), (0, *self.levels, 1), (0, *begins, 1)))


def pieces(text: str) -> list[str]:
    """The whole text, and its lines without what lines are set in: greetings must not hide a meaning.

    Sentences stay together. One often takes back what another says.
    """
    lines = [part.strip(' -*#"') for part in _BREAKS.split(text)]
    long_enough = [line for line in dict.fromkeys(lines) if len(line.split()) >= _FEWEST_WORDS]
    return [text, *(line for line in long_enough if line != text)]


@cache
def heads() -> Mapping[str, Head]:
    """The fitted heads, by category."""
    import numpy as np  # noqa: PLC0415 - see blend

    fitted = json.loads(HEADS.read_text(encoding="utf-8"))
    return {
        category: Head(
            weights=np.asarray(one["weights"], dtype=np.float64),
            lexical=one["lexical"],
            bias=one["bias"],
            levels=(one["levels"]["LOW"], one["levels"]["MEDIUM"], one["levels"]["HIGH"]),
            sides=frozenset(one["sides"]),
        )
        for category, one in fitted.items()
    }
