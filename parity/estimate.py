"""What a run against AWS would take: calls, tokens, text units, price and minutes. Spends nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from parity.existing import Existing
from suites.arms import Arms
from suites.batch import DATASETS, Batch, load_batch
from suites.case import POLICY_KINDS, SIDES, Case, PolicyKind, Side
from suites.prices import Prices, prices, require_model
from suites.suite import load_suite

CHARACTERS_PER_TOKEN = 3.5
"""Of English under the newest tokenizers, taken low so that the estimate errs upwards."""
TOKENS_PER_ANSWER = 250
"""A conversational answer; where material is given back, its own length is used if longer."""
SECONDS_PER_CALL = 3.0
CALLS_IN_FLIGHT = 24
TEXT_UNITS_PER_SECOND = 25
"""The smallest default quota of the on-demand guardrail policies."""
PAIRS_THAT_DIFFER = 0.1
"""Of all pairs, for the calls that seek the causes of differences afterwards. Upwards: of 450 pairs that
were rehearsed none differed, and with masks taken away from one call in ten, seven."""


@dataclass(frozen=True)
class Estimate:
    """The expected size of a run; `usd` is for the day `prices_as_of`."""

    cases: int
    not_applicable: int
    """Cases that a guardrail which is used as it is has no rule for; they are not asked, nor in `cases`."""
    epochs: int
    model_calls: int
    guardrail_calls: int
    swap_calls: int
    """After the run: what both models said on the pairs that differ, shown to the guardrail alone."""
    input_tokens: int
    output_tokens: int
    text_units: int
    usd: float
    minutes: float
    prices_as_of: str

    def as_dict(self) -> dict[str, int | float | str]:
        """For JSON."""
        return asdict(self)


def estimate(
    suites: Sequence[str],
    *,
    arms: Arms,
    epochs: int,
    limit: int | None,
    full: bool = False,
    batches: Path | None = None,
    used: Existing | None = None,
) -> Estimate:
    """Add up what the cases of these suites would cost, canaries left aside (under a hundred calls).

    Args:
        suites: Their names.
        arms: With the models.
        epochs: How often every case is asked.
        limit: How many cases of each suite; None: all.
        full: Whether the whole batches are meant.
        batches: Their folder; None: the shipped ones.
        used: The guardrail that is used as it is. None: those that are deployed from the suites' policies.

    Raises:
        RegistrationError: The price list does not know one of the models, or no case of a suite is about the
            guardrail.
    """
    listed = prices()
    token_prices = [require_model(arm.model) for arm in (arms.reference, arms.candidate)]
    # Where an arm has a guardrail in a region of its own, its words are shown to both.
    shown = 2 + sum(arm.region is not None for arm in arms.compared.values())
    cases = aside = input_tokens = output_tokens = 0
    units = usd = swapped = 0.0
    for name in suites:
        batch, set_aside = _applied(load_batch(name, batches or DATASETS, full=full), used)
        aside += set_aside
        charges = _charges(name, used)
        for case in (*batch.cases, *batch.probes)[:limit]:
            asked = sum(map(_tokens, case.texts))
            answered = max(TOKENS_PER_ANSWER, _tokens(case.material or ""))
            again = PAIRS_THAT_DIFFER * shown
            charged, cost = _guardrail(case, charges, answered, listed, again)
            cases += 1
            input_tokens += 2 * asked
            output_tokens += 2 * answered
            units += charged
            swapped += again
            usd += cost + sum(asked * each.input + answered * each.output for each in token_prices) / 1e6
    calls = 3 * cases * epochs + swapped * epochs
    seconds = max(calls * SECONDS_PER_CALL / CALLS_IN_FLIGHT, units * epochs / TEXT_UNITS_PER_SECOND)
    return Estimate(
        cases=cases,
        not_applicable=aside,
        epochs=epochs,
        model_calls=2 * cases * epochs,
        guardrail_calls=cases * epochs,
        swap_calls=math.ceil(swapped * epochs),
        input_tokens=input_tokens * epochs,
        output_tokens=output_tokens * epochs,
        text_units=math.ceil(units * epochs),
        usd=round(usd * epochs, 2),
        minutes=round(seconds / 60, 1),
        prices_as_of=listed.as_of.isoformat(),
    )


def _tokens(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def _applied(batch: Batch, used: Existing | None) -> tuple[Batch, int]:
    """The batch as far as it is about the guardrail, and how many cases are not."""
    if used is None or not used.rules:
        return batch, 0
    from evals.applicability import applied

    left = applied(batch, used.rules, used.name)
    return left.batch, sum(len(each.cases) for each in left.not_applicable)


@dataclass(frozen=True)
class _Charges:
    """Which policies look at a text of either side, and are charged for it."""

    by_side: dict[Side, tuple[PolicyKind, ...]]
    as_it_is: bool
    """One guardrail for all cases, in place of a cut for each side."""


def _charges(suite: str, used: Existing | None) -> _Charges:
    rules = used.rules[0] if used and used.rules else load_suite(suite).policy.rules
    kinds = {side: tuple(kind for kind in POLICY_KINDS if rules.actions(kind, side)) for side in SIDES}
    return _Charges(kinds, as_it_is=used is not None)


def _guardrail(
    case: Case, charges: _Charges, answer_tokens: int, listed: Prices, again: float
) -> tuple[float, float]:
    """Text units and their price of one case: both arms on the sides of its cut, control once.

    `again` is how often an answer is shown to the guardrail alone after the run, on the average.
    """
    asked = [len(text) for text in case.texts]
    answer = answer_tokens * CHARACTERS_PER_TOKEN
    looks: dict[Side, list[tuple[float, float]]] = {"input": [], "output": [(answer, again)]}
    """By side the lengths of texts, each with how often the guardrail looks at it."""
    if charges.as_it_is or case.cut != "output":
        looks["input"] += [(length, 2) for length in asked]
    if charges.as_it_is or case.cut != "input":
        looks["output"].append((answer, 2))
    if case.cut == "output" and case.material:
        looks["output"].append((len(case.material), 1))
    else:
        looks["input" if case.cut != "output" else "output"] += [(length, 1) for length in asked]
    units = usd = 0.0
    for side, texts in looks.items():
        charged = [kind for kind in charges.by_side[side] if listed.guardrail.get(kind)]
        of_side = sum(math.ceil(length / 1000) * often for length, often in texts)
        units += of_side * len(charged)
        usd += of_side * sum(listed.guardrail[kind] for kind in charged) / 1000
    return units, usd
