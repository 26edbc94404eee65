"""Word filters: the words a policy lists, and the managed list of profanity."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from evals.rehearsal.detectors.protocol import Detection

_PROFANITY = Path(__file__).parent / "lexicon" / "profanity.txt"


class WordDetector:
    """Finds listed words and phrases exactly, in any case, as whole words."""

    def __init__(self, listed: Iterable[str]) -> None:
        # The longest first, since an alternation takes the first that fits.
        alternatives = sorted(
            {" ".join(word.split()) for word in listed if word.strip()}, key=lambda w: (-len(w), w)
        )
        self._pattern = (
            re.compile(
                r"(?<!\w)(?:"
                + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in alternatives)
                + r")(?!\w)",
                re.IGNORECASE,
            )
            if alternatives
            else None
        )

    def detect(self, text: str) -> list[Detection]:
        """Every place where a listed word stands; the rule is the word as written there."""
        if self._pattern is None:
            return []
        return [Detection(*match.span(), match.group(), 1.0) for match in self._pattern.finditer(text)]


@cache
def profanity() -> WordDetector:
    """The managed list."""
    lines = _PROFANITY.read_text(encoding="utf-8").splitlines()
    return WordDetector(line for line in lines if not line.startswith("#"))
