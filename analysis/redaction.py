"""Hides protected values in texts that are shown: each becomes its kind in brackets, `⟦EMAIL⟧`.

It fails closed. A text that is known to hold a protected value which was not found in it, or in which the
guardrail found something that nobody registered as protected, is withheld whole. It shows that something is
there and why it is not shown; the logs hold it, and so does a report made with `--reveal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_BETWEEN = r"[\W_]{0,3}"
"""What may stand between the characters of a value that is written otherwise than it was registered."""
_EXACT_UNDER = 5
"""Shorter values are looked for as they are: with gaps they would be found in any number."""
_RUN = 5
"""So many digits of a long number in a row are hidden too."""
_LONG_NUMBER = 8
_MATCHED = {"pii", "regex", "word", "profanity"}
"""Policies whose findings are pieces of text; the others judge a text as a whole."""
_UNNAMED = {"word", "profanity"}
"""Of these the guardrail does not say which word it found."""
_SPLIT = {"NAME", "ADDRESS"}
"""Kinds of which a single word gives something away."""


@dataclass(frozen=True)
class Shown:
    """What may be shown of a text."""

    text: str | None
    """With values hidden; None: withheld, or there is none."""
    withheld: str | None = None
    """Why nothing of it is shown."""
    hidden: int = 0
    """Places at which something was hidden."""


NOTHING = Shown(None)


@dataclass(frozen=True)
class Secrets:
    """What must not be read of one case: values with their kinds. Kind `protected text` is a sentence."""

    values: tuple[tuple[str, str], ...]
    kinds: frozenset[str]
    """What the guardrail may find and `values` hide: kinds, or the policy where findings have no names."""

    @classmethod
    def of(
        cls, payload: str | None, values: Iterable[tuple[str, str]], *, policy: str | None, category: str
    ) -> Secrets:
        """Of one case: its payload, what its gold spans cover, and what its policy is about."""
        own = category if policy in {"pii", "regex"} else "protected text"
        listed = [(payload, own)] if payload else []
        listed += [(value, kind) for value, kind in values if value != payload]
        kinds = {kind for _, kind in listed} | ({policy} if policy in _UNNAMED and payload else set())
        return cls(tuple(listed), frozenset(kinds))

    def hide(self, text: str) -> Shown:
        """`text` with every value hidden that can be found in it."""
        places = sorted(
            (found.start(), found.end(), kind)
            for value, kind in self.values
            for needle in _needles(value, kind)
            for found in needle.finditer(text)
        )
        parts, at, hidden = [], 0, 0
        for start, end, kind in places:
            if start >= at:
                parts += [text[at:start], f"⟦{kind}⟧"]
                hidden += 1
            at = max(at, end)
        return Shown("".join([*parts, text[at:]]), hidden=hidden)

    def show(self, text: str | None, *, holds: bool, found: Sequence[str] = ()) -> Shown:
        """What may be shown of `text`.

        Args:
            text: The text; None where there is none.
            holds: Whether it is known to hold a protected value.
            found: What the guardrail found in just this text, as `policy:rule:side:action`.
        """
        if text is None:
            return Shown(None)
        if foreign := self._foreign(found):
            return Shown(None, withheld=f"the guardrail found {', '.join(foreign)} in it")
        shown = self.hide(text)
        if holds and not shown.hidden:
            return Shown(None, withheld="it holds a protected value in a form that could not be found again")
        return shown

    def _foreign(self, found: Sequence[str]) -> list[str]:
        """What the guardrail found that `values` does not name."""
        foreign: dict[str, None] = {}
        for each in found:
            policy, _, rest = each.partition(":")
            rule = rest.partition(":")[0]
            if policy in _MATCHED and not {rule, policy} & self.kinds:
                foreign[f"{policy} {rule}"] = None
        return list(foreign)


@lru_cache(maxsize=4096)
def _needles(value: str, kind: str) -> tuple[re.Pattern[str], ...]:
    pieces = [value]
    if kind != "protected text":
        pieces += [
            word
            for word in value.split()
            if sum(map(str.isdigit, word)) > 1
            or "@" in word
            or (kind in _SPLIT and len(word.strip(".,")) > 2)  # noqa: PLR2004 - shorter ones say nothing
        ]
    needles = [_needle(piece) for piece in dict.fromkeys(pieces)]
    digits = re.sub(r"\D", "", value)
    if len(digits) >= _LONG_NUMBER:
        runs = {digits[at : at + _RUN] for at in range(len(digits) - _RUN + 1)}
        needles.append(re.compile("|".join(sorted(map(re.escape, runs)))))
    return tuple(needles)


def _needle(piece: str) -> re.Pattern[str]:
    signs = [sign for sign in piece if sign.isalnum()]
    if len(signs) < _EXACT_UNDER:
        return re.compile(rf"(?<!\w){re.escape(piece.strip())}(?!\w)", re.IGNORECASE)
    first, last = piece.strip()[:1], piece.strip()[-1:]
    body = _BETWEEN.join(map(re.escape, signs))
    before = "" if first.isalnum() else f"{re.escape(first)}?"
    after = "" if last.isalnum() else f"{re.escape(last)}?"
    return re.compile(f"{before}{body}{after}", re.IGNORECASE)
