"""The card of a batch: what it is for, what it holds, how it was made, what it cannot show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suites.authoring.composition import KINDS, kind_of
from suites.case import Case
from suites.documents import read_yaml
from suites.errors import malformed
from suites.suite import Suite

LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "de": "German", "ja": "Japanese"}


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Closed):
    """A version of the batch."""

    version: str = Field(pattern=r"^[1-9][0-9]*-[A-Z]$")
    change: str = Field(min_length=10)
    scores: str = Field(min_length=10)
    """How scores or verdicts may move by it."""


class Words(_Closed):
    """What an author writes for the card, `card.yaml`: everything that no count can tell."""

    use: tuple[str, ...] = Field(min_length=1)
    misuse: tuple[str, ...] = Field(min_length=1)
    made: str = Field(min_length=40)
    gaps: tuple[str, ...] = Field(min_length=1)
    versions: tuple[Change, ...] = Field(min_length=1)
    """The newest first."""


def read_words(suite: str, sources: Path) -> Words:
    """Read a suite's `card.yaml`.

    Raises:
        RegistrationError: It is not valid.
        FileNotFoundError: It does not exist.
    """
    path = sources / suite / "card.yaml"
    try:
        return Words.model_validate(read_yaml(path))
    except ValidationError as error:
        raise malformed(path, error) from None


def card(suite: Suite, words: Words, cases: Sequence[Case], asked: int) -> str:
    """The card as Markdown, counts included, ending with a newline.

    Args:
        suite: What is registered.
        words: What the author wrote.
        cases: All cases in their order.
        asked: How many of them, from the first on, a run asks.
    """
    default = cases[:asked]
    protect = [case for case in cases if case.expectation == "protect"]
    templates = Counter(case.template for case in cases)
    twins = sum(case.twin is not None for case in protect)
    judged = sum(case.judged for case in protect)
    languages = ", ".join(LANGUAGES.get(language, language) for language in suite.languages)
    facts = [
        f"{len(cases):,} cases from {len(templates):,} templates, at most {max(templates.values())} of each",
        f"{asked:,} of them are asked by default, all with `--full`",
        f"{len(protect):,} to protect, {twins:,} of them with a harmless twin that differs in a few words",
        f"{judged:,} have no payload: a judge decides what an answer did"
        if judged
        else "Each has a payload to look for",
        f"Languages: {languages}",
    ]
    return f"""<!-- Written by `python -m suites.authoring`; edits are overwritten. -->

# {suite.title}: {suite.name} {suite.version}

{suite.claim}

{_bullets(facts)}

![Cases by category and kind, language, channel, form and context](composition.svg)

## What it is for

{_bullets(words.use)}

## What it is not for

{_bullets(words.misuse)}

## How it was made

{words.made.strip()}

`cases.jsonl` holds one case a line; the fields are explained in [docs/cases.md](../../docs/cases.md). The
cases that a run asks by default stand first, and every prefix of them is a fair sample of them.
`probes.jsonl` holds texts that show which channels a guardrail reads; they are no cases of the claim.

## What it holds

{_by_category(cases, default)}

{_by("language", cases, default, lambda case: LANGUAGES.get(case.language, case.language))}

{_by("channel", cases, default, lambda case: case.channel)}

{_by("form", cases, default, lambda case: case.form)}

{_by("context", cases, default, lambda case: case.context)}

{_by("severity", cases, default, lambda case: case.severity)}

## Critical strata

{_strata(suite, cases, default)}

## Origin and licence

Every prompt was written for this project, as a sentence pattern with slots, in
`suites/authoring/sources/{suite.name}/`. Nothing was taken from another data set. The batch is part of this
repository and is used under its terms.

Names, numbers and addresses are reserved for documentation and tests, or invented: nobody's data is here.

## Known gaps

{_bullets(words.gaps)}
- Cases of one template resemble each other; they are not independent evidence about prompts at large
{_bullets(f"Not tested: {limit[0].lower()}{limit[1:]}" for limit in suite.not_tested)}

## Versions

| version | what changed | how scores may move |
|---|---|---|
{_lines(f"| {each.version} | {each.change} | {each.scores} |" for each in words.versions)}

## Changing it

Edit the patterns, run `python -m suites.authoring`, raise the number of `version` in
`suites/catalog/{suite.name}.yaml`, say in `card.yaml` how scores may move, and commit sources, batch and
manifest together. A batch that was edited by hand is refused, since its digest is not the one in
`datasets/manifest.json`.
"""


def _by_category(cases: Sequence[Case], default: Sequence[Case]) -> str:
    counted = Counter((case.category, kind_of(case)) for case in cases)
    asked = Counter(case.category for case in default)
    rows = [
        f"| category | {' | '.join(KINDS)} | all | by default |",
        "|---" + "|---:" * (len(KINDS) + 2) + "|",
    ]
    for category in sorted({case.category for case in cases}, key=str.casefold):
        numbers = [counted[category, kind] for kind in KINDS]
        rows.append(_row(category, [*numbers, sum(numbers), asked[category]]))
    totals = [sum(kind_of(case) == kind for case in cases) for kind in KINDS]
    rows.append(_row("all", [*totals, len(cases), len(default)]))
    return "\n".join(rows)


def _by(name: str, cases: Sequence[Case], default: Sequence[Case], of: Callable[[Case], str]) -> str:
    protect = Counter(of(case) for case in cases if case.expectation == "protect")
    every, asked = Counter(map(of, cases)), Counter(map(of, default))
    rows = [f"| {name} | to protect | all | by default |", "|---|---:|---:|---:|"]
    for value, number in sorted(every.items(), key=lambda pair: (-pair[1], pair[0])):
        rows.append(_row(value, [protect[value], number, asked[value]]))
    return "\n".join(rows)


def _strata(suite: Suite, cases: Sequence[Case], default: Sequence[Case]) -> str:
    if not suite.critical:
        return "None is registered."
    rows = ["| stratum | to protect | by default |", "|---|---:|---:|"]
    for stratum in suite.critical:
        held = [
            sum(
                case.expectation == "protect"
                and stratum.holds(category=case.category, severity=case.severity)
                for case in some
            )
            for some in (cases, default)
        ]
        rows.append(_row(stratum.title, held))
    return "\n".join(rows)


def _row(name: str, numbers: Iterable[int]) -> str:
    return f"| {name} | " + " | ".join(f"{number:,}" for number in numbers) + " |"


def _bullets(items: Iterable[str]) -> str:
    return _lines(f"- {item}" for item in items)


def _lines(items: Iterable[str]) -> str:
    return "\n".join(items)
