"""The card of a batch: what it holds, where it comes from, what it cannot show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from suites.case import Case, Side
from suites.suite import Suite

_KINDS: tuple[tuple[Literal["protect", "allow"], Side], ...] = (
    ("protect", "input"),
    ("protect", "output"),
    ("allow", "input"),
    ("allow", "output"),
)


def card(suite: Suite, cases: Sequence[Case]) -> str:
    """The card as Markdown, counts included, ending with a newline."""
    counted = Counter((case.category, case.expectation, case.side) for case in cases)
    categories = sorted({case.category for case in cases})
    lines = [
        "| category | " + " | ".join(f"{expectation}, {side}" for expectation, side in _KINDS) + " | all |",
        "|---" + "|---:" * (len(_KINDS) + 1) + "|",
    ]
    for category in categories:
        row = [counted[category, *kind] for kind in _KINDS]
        lines.append(f"| {category} | " + " | ".join(str(number) for number in (*row, sum(row))) + " |")
    totals = [sum(counted[category, *kind] for category in categories) for kind in _KINDS]
    lines.append("| all | " + " | ".join(str(number) for number in (*totals, sum(totals))) + " |")
    twins = sum(case.expectation == "protect" and case.twin is not None for case in cases)
    templates = len({case.template for case in cases})
    languages = ", ".join(suite.languages)
    not_tested = "\n".join(f"- Not tested: {limit[0].lower()}{limit[1:]}." for limit in suite.not_tested)
    table = "\n".join(lines)
    return f"""<!-- Written by `python -m suites.authoring`; edits are overwritten. -->

# {suite.title}: {len(cases):,} cases

{suite.claim}

`cases.jsonl` holds one case a line, in an order in which every prefix is a fair sample; the fields are
explained in [docs/cases.md](../../docs/cases.md). {templates} templates; {twins} protect cases have a benign
twin that differs in a few words. Languages: {languages}.

{table}

## Origin and licence

Every prompt was written for this project, as a sentence pattern with slots, in
`suites/authoring/sources/{suite.name}/`. Nothing was taken from another data set. The batch is part of this
repository and is used under its terms.

Names, numbers and addresses are reserved for documentation and tests, or invented: nobody's data is here.

## Limits

- Cases of one template resemble each other; they are not independent evidence about prompts at large.
- Every prompt is one short turn in plain words, without usable detail of anything harmful; people who want
  to get past a guardrail try harder.
{not_tested}

## Changing it

Edit the patterns, run `python -m suites.authoring`, raise the number of `version` in
`suites/catalog/{suite.name}.yaml`, and commit sources, batch and manifest together. A batch that was edited
by hand is refused, since its digest is not the one in `datasets/manifest.json`.
"""
