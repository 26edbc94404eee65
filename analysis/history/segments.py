"""Which nights may be joined: those that asked the same cases, of the same arms, behind the same guardrail.

What was registered that night is reduced to facts under five heads. Two nights whose facts are equal are of
one segment; where one differs there is a break, named by its head. Nothing is ever joined over a break.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from suites.registered import DeployedGuardrail, Registered

Facts = dict[str, dict[str, Any]]
"""By head (`HEADS`) the facts."""

HEADS: Mapping[str, str] = {
    "batch": "the batch of cases",
    "policy": "the suite's policy and limits",
    "route": "the arms or their route",
    "guardrail": "the deployed guardrail",
    "judging": "how answers are judged",
}
"""By head what people call it."""


def facts_of(registered: Registered, *, limit: int | None) -> Facts:
    """The facts of one suite on one night.

    Args:
        registered: What its logs registered.
        limit: How many cases the night was to ask, None for all that are registered.
    """
    return {
        "batch": {
            "sha256": registered.batch_sha256,
            "cases": min(limit or registered.batch_cases, registered.batch_cases),
            "epochs": registered.epochs,
        },
        "policy": {
            "version": registered.suite_version,
            "purpose": registered.purpose,
            "limits": _digest(
                [
                    {name: each.model_dump(mode="json") for name, each in registered.metrics.items()},
                    [stratum.model_dump(mode="json") for stratum in registered.critical],
                ]
            ),
        },
        "route": {
            "region": registered.service.get("region"),
            "arms": registered.arms,
            "accepted": list(registered.accepted),
        },
        "guardrail": {
            "here": _guardrails(registered.guardrails),
            "elsewhere": {arm: _guardrails(cuts) for arm, cuts in registered.guardrails_elsewhere.items()},
        },
        "judging": {
            "judge": {key: value for key, value in registered.judge.items() if value is not None},
            "leak_rules": registered.leak_rules_sha256,
        },
    }


def written(facts: Facts) -> str:
    """The facts as the history keeps them."""
    return json.dumps(facts, sort_keys=True, ensure_ascii=False)


def read(text: str) -> Facts:
    """What `written` wrote."""
    facts: Facts = json.loads(text)
    return facts


def read_outcomes(text: str) -> dict[str, str]:
    """An anchor's outcomes by case, as the history keeps them."""
    outcomes: dict[str, str] = json.loads(text)
    return outcomes


def digest(facts: Facts) -> str:
    """The segment's name: sha256 of its facts."""
    return _digest(facts)


def breaks(before: Facts, now: Facts) -> dict[str, str]:
    """By head what differs between two nights of a suite, in words; empty where they may be joined."""
    return {
        head: f"{HEADS[head]} changed: {_differences(before.get(head, {}), now.get(head, {}))}"
        for head in HEADS
        if before.get(head) != now.get(head)
    }


def _guardrails(cuts: Mapping[Any, DeployedGuardrail]) -> dict[str, str]:
    return {str(cut): deployed.digest for cut, deployed in sorted(cuts.items())}


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _differences(before: Any, now: Any, place: str = "") -> str:
    """Every leaf that is not the same, with both values; digests are cut to what tells them apart."""
    if isinstance(before, dict) and isinstance(now, dict):
        return ", ".join(
            _differences(before.get(key), now.get(key), f"{place}.{key}" if place else str(key))
            for key in sorted(before.keys() | now.keys(), key=str)
            if before.get(key) != now.get(key)
        )
    return f"{place} from {_short(before)} to {_short(now)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return f"{text[:8]}…" if len(text) == 64 else text  # noqa: PLR2004 - a sha256 in hexadecimal
