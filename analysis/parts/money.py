"""What the run cost, arm by arm and policy by policy."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import wording
from analysis.blocks import Block, Table
from analysis.described import ArmSpending
from analysis.result import SuiteResult, Verdict
from analysis.spending import told

_READING = "No part of the verdict. List prices in US dollars; taxes, contracts and a grader are left aside."
_NOBODY = "nobody was charged; this is what AWS would have asked for as many tokens and text units."


def blocks(verdict: Verdict) -> Iterator[Block]:
    """One table; nothing where nothing was counted."""
    cost = told(verdict)
    if cost is None:
        return
    sentences = [cost, _READING]
    if verdict.rehearsal:
        sentences.append(f"{wording.BANNER.capitalize()}: {_NOBODY}")
    yield Block(
        name="money",
        title="What it cost",
        sentences=tuple(sentences),
        tables=(
            Table(
                label="Calls, tokens, text units and their price",
                head=(
                    "Suite",
                    "Arm",
                    "Calls",
                    "Input tokens",
                    "Output tokens",
                    "Tokens, USD",
                    "Text units",
                    "Guardrail, USD",
                ),
                rows=tuple(
                    _row(result, arm)
                    for result in verdict.suites
                    if result.spending is not None
                    for arm in result.spending.arms
                ),
                words=2,
                folded=True,
            ),
        ),
        rank=3,
    )


def _row(result: SuiteResult, arm: ArmSpending) -> tuple[str, ...]:
    return (
        result.title,
        arm.arm,
        wording.count(arm.calls),
        wording.count(arm.input_tokens),
        wording.count(arm.output_tokens),
        "not known" if arm.tokens_usd is None else f"{arm.tokens_usd:,.2f}",
        ", ".join(f"{policy} {wording.count(units)}" for policy, units in arm.text_units.items()) or "none",
        f"{sum(arm.text_units_usd.values()):,.2f}",
    )
