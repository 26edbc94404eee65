"""What a run against AWS would take: calls, tokens, text units, price and minutes. Spends nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from suites.arms import Arms
from suites.batch import DATASETS, load_batch
from suites.case import Case
from suites.policy import Policy
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


@dataclass(frozen=True)
class Estimate:
    """The expected size of a run; `usd` is for the day `prices_as_of`."""

    cases: int
    epochs: int
    model_calls: int
    guardrail_calls: int
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
) -> Estimate:
    """Add up what the cases of these suites would cost, canaries left aside (under a hundred calls).

    Raises:
        RegistrationError: The price list does not know one of the models.
    """
    listed = prices()
    token_prices = [require_model(arm.model) for arm in (arms.reference, arms.candidate)]
    cases = input_tokens = output_tokens = units = 0
    usd = 0.0
    for name in suites:
        policy = load_suite(name).policy
        batch = load_batch(name, batches or DATASETS, full=full)
        for case in (*batch.cases, *batch.probes)[:limit]:
            asked = sum(map(_tokens, case.texts))
            answered = max(TOKENS_PER_ANSWER, _tokens(case.material or ""))
            charged, cost = _guardrail(case, policy, answered, listed)
            cases += 1
            input_tokens += 2 * asked
            output_tokens += 2 * answered
            units += charged
            usd += cost + sum(asked * each.input + answered * each.output for each in token_prices) / 1e6
    calls = 3 * cases * epochs
    seconds = max(calls * SECONDS_PER_CALL / CALLS_IN_FLIGHT, units * epochs / TEXT_UNITS_PER_SECOND)
    return Estimate(
        cases=cases,
        epochs=epochs,
        model_calls=2 * cases * epochs,
        guardrail_calls=cases * epochs,
        input_tokens=input_tokens * epochs,
        output_tokens=output_tokens * epochs,
        text_units=units * epochs,
        usd=round(usd * epochs, 2),
        minutes=round(seconds / 60, 1),
        prices_as_of=listed.as_of.isoformat(),
    )


def _tokens(text: str) -> int:
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def _guardrail(case: Case, policy: Policy, answer_tokens: int, listed: Prices) -> tuple[int, float]:
    """Text units and their price of one case: both arms on the sides of its cut, control once."""
    texts: list[float] = []
    if case.cut != "output":
        texts += [len(text) for text in case.texts] * 2
    if case.cut != "input":
        texts += [answer_tokens * CHARACTERS_PER_TOKEN] * 2
    texts += [len(case.material)] if case.cut == "output" and case.material else map(len, case.texts)
    units = sum(math.ceil(length / 1000) for length in texts)
    charged = [kind for kind in policy.kinds if listed.guardrail.get(kind)]
    return units * len(charged), units * sum(listed.guardrail[kind] for kind in charged) / 1000
