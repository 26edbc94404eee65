"""What had to hold for a suite to sign off, arranged for a reader: critical strata, and both estimands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from analysis import wording
from analysis.finding import Finding
from analysis.result import Verdict


@dataclass(frozen=True)
class Stratum:
    """A critical stratum of one suite, by the estimand that decides."""

    title: str
    words: wording.Words
    """Of the worst of its findings."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Estimates:
    """One metric over one slice, as said of these prompts and of prompts like these."""

    prompts: Finding
    templates: Finding


def strata(verdict: Verdict, suite: str) -> list[Stratum]:
    """The critical strata of a suite, as registered; none where nothing was compared."""
    mine = [f for f in verdict.findings if f.suite == suite and f.family == "critical" and f.gates]
    grouped = ((name, tuple(found)) for name, found in groupby(mine, key=attrgetter("slice")))
    return [Stratum(wording.category(found[0]), _worst(found), found) for _, found in grouped]


def estimates(verdict: Verdict, suite: str) -> list[Estimates]:
    """Every metric, over all cases and over critical strata, in both ways; without a second one, none."""
    mine = [f for f in verdict.findings if f.suite == suite and f.family != "category"]
    prompts, templates = (
        {(f.slice, f.metric): f for f in mine if f.estimand == estimand}
        for estimand in ("suite", "templates")
    )
    return [Estimates(prompts[place], templates[place]) for place in prompts if place in templates]


def _worst(findings: tuple[Finding, ...]) -> wording.Words:
    words = [wording.words_of_finding(finding) for finding in findings]
    return next(one for one in (wording.BEYOND, wording.WORSE, wording.OPEN, wording.PARITY) if one in words)
