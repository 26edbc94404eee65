"""What a run cost: tokens and text units of everything that was asked, at list price.

Reported beside the verdict and never a part of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from analysis.described import ArmSpending, Spending
from analysis.records import SuiteRecords
from analysis.result import Verdict
from suites.prices import Used, bill, prices

_WITH_A_MODEL = ("reference", "candidate")
_DIGITS = 6
"""Of a dollar; a short answer costs a few thousandths of a cent."""


def spending(suite: SuiteRecords) -> Spending:
    """What one suite's calls took, arm by arm, those of pairs that were asked again included."""
    models = {arm: suite.registered.arms.get(arm, {}).get("model", "") for arm in _WITH_A_MODEL}
    arms = tuple(_arm(arm, used, models.get(arm)) for arm, used in suite.used.items())
    return Spending(
        prices_as_of=prices().as_of.isoformat(),
        rehearsed=suite.registered.rehearsal,
        usd=_sum(arm.usd for arm in arms),
        arms=arms,
    )


def told(verdict: Verdict) -> str | None:
    """One sentence on what the whole run cost; None where nothing was counted."""
    parts = [each.spending for each in verdict.suites if each.spending is not None]
    if not parts:
        return None
    usd = _sum(part.usd for part in parts)
    if usd is None:
        unpriced = sorted({str(arm.model) for part in parts for arm in part.arms if arm.usd is None})
        return f"What it cost is not known: there is no price for {', '.join(unpriced)}."
    by_arm = {
        arm.arm: _sum(each.usd for part in parts for each in part.arms if each.arm == arm.arm)
        for part in parts
        for arm in part.arms
    }
    shares = ", ".join(f"{arm} {share:,.2f}" for arm, share in by_arm.items() if share is not None)
    guarded = sum(sum(arm.text_units_usd.values()) for part in parts for arm in part.arms)
    would = "would have cost" if parts[0].rehearsed else "cost"
    return (
        f"It {would} {usd:,.2f} USD at the list prices of {parts[0].prices_as_of} ({shares}), of which the"
        f" guardrail {guarded:,.2f}."
    )


def _arm(arm: str, used: Used, model: str | None) -> ArmSpending:
    priced = bill(used, model)
    units = dict(sorted(used.units.items()))
    if used.untold:
        units["unknown"] = used.untold
    return ArmSpending(
        arm=arm,
        model=model,
        calls=used.calls,
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        tokens_usd=None if priced.tokens is None else round(priced.tokens, _DIGITS),
        text_units=units,
        text_units_usd={policy: round(usd, _DIGITS) for policy, usd in sorted(priced.units.items())},
        usd=None if priced.usd is None else round(priced.usd, _DIGITS),
    )


def _sum(amounts: Iterable[float | None]) -> float | None:
    known = list(amounts)
    return None if None in known else round(sum(amount for amount in known if amount is not None), _DIGITS)
