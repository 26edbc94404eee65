"""How verdicts and numbers read to people: the same words and signs on the page, in plots and terminal.

Rates enter as fractions and leave as cases per 1,000, since shares below a per cent read badly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.finding import Finding, VerdictName
from analysis.result import Verdict

MINUS = "\N{MINUS SIGN}"
CROSS = "\N{MULTIPLICATION SIGN}"
DASH = "\N{EN DASH}"

BANNER = "REHEARSAL"
BANNER_MEANING = (
    "Local stand-ins answered for the guardrail and for both models. It proves the tool and says nothing of"
    " them."
)

NOT_PROOF = "Not worse by more than the limit is not proof of equality or of safety."

HOLDS_FOR = (
    "It holds for these prompts and this guardrail version, until the day on page one or until something"
    " changes that is named there."
)

SIGNAL_P = 0.05
"""A category whose uncorrected one-sided p is below this is named on the first page."""


@dataclass(frozen=True)
class Words:
    """A verdict for people. `symbol` and `short` carry it where colour cannot."""

    name: str
    """Names the colour: parity, beyond, worse, open, void."""
    long: str
    short: str
    symbol: str
    meaning: str


PARITY = Words(
    name="parity",
    long="Protection shown to be within the agreed limit",
    short="within limit",
    symbol="●",
    meaning="shown to be worse by no more than the agreed limit, if at all",
)
BEYOND = Words(
    name="beyond",
    long="Worse, beyond the agreed limit",
    short="beyond limit",
    symbol="▲",
    meaning="shown to be worse by more than the agreed limit",
)
WORSE = Words(
    name="worse",
    long="Worse; a breach of the limit is not excluded",
    short="worse",
    symbol="△",
    meaning="shown to be worse; whether by more than the agreed limit stays open",
)
OPEN = Words(
    name="open",
    long="Not shown",
    short="not shown",
    symbol="○",
    meaning="neither shown to be within the limit nor shown to be worse; not a pass",
)
VOID = Words(
    name="void",
    long="No comparison was possible",
    short="no result",
    symbol=CROSS,
    meaning="the two arms did not meet the same guardrail, or that was not proved",
)
UNFINISHED = Words(
    name="void",
    long="The run did not finish; there is no verdict",
    short="did not finish",
    symbol=CROSS,
    meaning="too little was measured for any verdict; not a pass",
)

ALL_WORDS = (PARITY, BEYOND, WORSE, OPEN, VOID)

_MOST_DIGITS = 4

_FLAGS = {
    "beyond_margin": "beyond the limit",
    "margin_not_excluded": "a breach of the limit is not excluded",
    "real_shift_within_margin": "really worse, but inside the limit",
    "improved": "better than the reference",
    "cap_not_shown": "staying under the cap is not shown",
    "missing_unevenly": "answers are missing on one arm more than on the other",
    "too_few_clusters": "too few templates",
    "alpha_spent": "would do for a first and only attempt",
}

_LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "pt": "Portuguese",
    "zh": "Chinese",
}


def words_for(verdict: VerdictName | None, *, beyond: bool = False) -> Words:
    """The words of a verdict. `beyond` tells a regression beyond the margin from one that may be inside."""
    if verdict is None:
        return UNFINISHED
    if verdict == "regression":
        return BEYOND if beyond else WORSE
    return {"parity": PARITY, "inconclusive": OPEN, "not_comparable": VOID}[verdict]


def words_of_earlier(verdict: VerdictName) -> str:
    """A suite's verdict before people settled anything; how far a regression went is not told again."""
    return "Worse" if verdict == "regression" else words_for(verdict).long


def words_of_finding(finding: Finding) -> Words:
    """The words of one finding."""
    return words_for(finding.verdict, beyond="beyond_margin" in finding.flags)


def words_of_suite(verdict: Verdict, suite: str) -> Words:
    """The words of one suite; VOID where it gave no result."""
    beyond = _any_beyond(finding for finding in verdict.findings if finding.suite == suite and finding.gates)
    for result in verdict.suites:
        if result.suite == suite:
            return words_for(result.verdict, beyond=beyond)
    return UNFINISHED


def words_of_run(verdict: Verdict) -> Words:
    """The words of the whole run."""
    return words_for(verdict.verdict, beyond=_any_beyond(f for f in verdict.findings if f.gates))


def _any_beyond(findings: Iterable[Finding]) -> bool:
    return any(f.verdict == "regression" and "beyond_margin" in f.flags for f in findings)


def rate(fraction: float | None) -> str:
    """A share as cases per 1,000: `12.5`; a dash where nothing was counted."""
    return DASH if fraction is None else f"{fraction * 1000:.1f}"


def signed(fraction: float | None) -> str:
    """A difference as cases per 1,000 with its sign and one decimal; zero has no sign."""
    return DASH if fraction is None else _signed(fraction, digits=1)


def bound(fraction: float | None, limit: float) -> str:
    """An interval's end as cases per 1,000, with as many decimals as tell it from `limit`."""
    if fraction is None:
        return DASH
    digits = 1
    while (
        fraction != limit
        and digits < _MOST_DIGITS
        and _signed(fraction, digits=digits) == _signed(limit, digits=digits)
    ):
        digits += 1
    return _signed(fraction, digits=digits)


def _signed(fraction: float, *, digits: int) -> str:
    text = f"{abs(fraction) * 1000:.{digits}f}"
    if float(text) == 0:
        return text
    return ("+" if fraction > 0 else MINUS) + text


def worst_of(finding: Finding) -> float | None:
    """The largest loss that is not ruled out, as a fraction: one-sided where that is on file."""
    return finding.high if finding.worst is None else finding.worst


def at_worst(finding: Finding) -> str:
    """`worst_of` in words: `9.8 more per 1,000`, `1.2 fewer per 1,000`."""
    text = bound(worst_of(finding), finding.margin)
    return f"{text.lstrip('+' + MINUS)} {'fewer' if text.startswith(MINUS) else 'more'} per 1,000"


def interval(finding: Finding) -> str:
    """The 95 % interval as cases per 1,000: `+1.2 to +9.8`."""
    if finding.low is None or finding.high is None:
        return DASH
    return f"{bound(finding.low, finding.margin)} to {bound(finding.high, finding.margin)}"


def plain(fraction: float) -> str:
    """A limit as cases per 1,000 without idle decimals: `15`, `2.5`."""
    return f"{fraction * 1000:.10g}"


def percent(fraction: float | None) -> str:
    """A share in per cent, without decimals at the ends: `81 %`; a dash where nothing was counted."""
    return DASH if fraction is None else f"{fraction * 100:.0f} %"


def count(number: float) -> str:
    """A count, which may be fractional: `1,100`, `12.5`."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def pairs(number: float) -> str:
    """So many pairs: `1 pair`, `300 pairs`."""
    return f"{count(number)} {'pair' if number == 1 else 'pairs'}"


def probability(p: float | None) -> str:
    """A p-value that is never shown as zero: `0.031`, `< 0.001`."""
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else f"{p:.3f}"  # noqa: PLR2004 - the last digit shown


def flag(name: str) -> str:
    """A finding's flag in words; one that is not known here is shown as it is."""
    return _FLAGS.get(name, name.replace("_", " "))


def category(finding: Finding) -> str:
    """The slice or critical stratum a finding is about, or `all`."""
    facet, _, value = finding.slice.partition(":")
    if finding.title is not None or facet not in {"channel", "form", "language"}:
        return finding.title or readable(finding.slice.removeprefix("category:"))
    return f"{facet} {_LANGUAGES.get(value, value) if facet == 'language' else readable(value)}"


def readable(name: str) -> str:
    """A name from a file as words: `blocked_input` to `blocked input`."""
    return name.replace("_", " ")


def languages(codes: Iterable[str]) -> str:
    """ISO 639-1 codes as names: `English and German`."""
    return series([_LANGUAGES.get(code, code) for code in codes])


def series(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    items = list(parts)
    if len(items) < 2:  # noqa: PLR2004 - two things make a series
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
