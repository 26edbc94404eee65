"""How much a page says of single cases, so that it stays small however many pairs a run has.

What is left out is counted on the page and stands in `verdict.json`; the texts stay in the logs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from analysis.quotes import Quote, Quoter, absent, legible

QUOTED_CASES = 50
"""Discordant cases of a suite whose texts are on the page, at most."""
QUOTED_CHARACTERS = 250_000
"""Characters of these texts together, as the page writes them."""
NAMED_CASES = 300
"""Discordant cases of a suite that are named without texts, at most."""
DEFECTS = 300
"""Path defects of a suite that are listed, at most."""


@dataclass(frozen=True, kw_only=True)
class DifferingCase:
    """A case on which the arms came out differently, with its texts where they could be had."""

    case: str
    epoch: int
    category: str
    metrics: tuple[tuple[str, str], ...]
    """The metrics in which exactly one arm failed, and which it was."""
    reference: str
    candidate: str
    quote: Quote | None


@dataclass(frozen=True, kw_only=True)
class Cases:
    """The discordant cases of a suite."""

    found: int
    quoted: tuple[DifferingCase, ...]
    named: tuple[DifferingCase, ...]
    """Without texts."""

    @property
    def left_out(self) -> int:
        """How many are on the page in no way."""
        return self.found - len(self.quoted) - len(self.named)


def of(discordant: Sequence[Mapping[str, Any]], quoter: Quoter) -> Cases:
    """The discordant cases in their order, those with texts first.

    Args:
        discordant: As `analysis.result.SuiteResult` has them.
        quoter: Finds texts; it is asked until there is no more room.
    """
    quoted: list[DifferingCase] = []
    room = QUOTED_CHARACTERS
    for entry in discordant[:QUOTED_CASES]:
        case = _case(entry, quoter)
        room -= _characters(case.quote)
        if room < 0:
            break
        quoted.append(case)
    rest = discordant[len(quoted) : len(quoted) + NAMED_CASES]
    return Cases(
        found=len(discordant), quoted=tuple(quoted), named=tuple(_case(entry, absent) for entry in rest)
    )


def _case(entry: Mapping[str, Any], quoter: Quoter) -> DifferingCase:
    case, epoch = str(entry["case"]), int(entry.get("epoch", 1))
    return DifferingCase(
        case=case,
        epoch=epoch,
        category=str(entry.get("category", "")),
        metrics=tuple((entry.get("failed") or {}).items()),
        reference=str(entry.get("reference", "")),
        candidate=str(entry.get("candidate", "")),
        quote=quoter(case, epoch),
    )


def _characters(quote: Quote | None) -> int:
    """Of the texts as the page writes them: a sign may become an escape of several."""
    if quote is None:
        return 0
    answers = quote.reference, quote.candidate
    texts = [quote.prompt, *(text for each in answers for text in (each.text, each.reasoning, each.raw))]
    return sum(len(escape(legible(text.text))) for text in texts if text.text)
