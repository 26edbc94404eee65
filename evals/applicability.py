"""Which cases of a batch a guardrail that somebody else configured can be asked about, and for what action.

A guardrail of ours is deployed from the suite's policy, so that every case is about a rule of it. One that
is used as it is may lack the rule, have it off on a side, or act in another way. The last becomes what is
expected; the others are set aside, listed, and never counted as missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from suites.batch import Batch
from suites.case import Action, Case, PolicyKind, Side
from suites.configured import Asked, Configured
from suites.errors import RegistrationError
from suites.registered import AsDeployed, NotApplicable
from suites.suite import Canary, Suite

_WORDINGS = 2
"""Cases of a rule whose texts are taken for canaries: a model may decline to repeat the first."""


@dataclass(frozen=True)
class Applied:
    """A batch as far as it is about a guardrail."""

    batch: Batch
    """With the actions that are deployed; what is not applicable is left out."""
    not_applicable: tuple[NotApplicable, ...]
    as_deployed: tuple[AsDeployed, ...]
    """Where the deployed action is another one than the suite's."""


def applied(batch: Batch, guardrails: Sequence[Configured], name: str) -> Applied:
    """Set aside the cases that no rule is about, and expect of the others what the guardrail is told to do.

    Args:
        batch: As it was registered.
        guardrails: Of every place that an arm is in; a case has to be about all of them alike.
        name: The guardrail's, for messages.

    Raises:
        RegistrationError: No case that is to be protected is left.
    """
    kept: list[Case] = []
    aside: dict[tuple[PolicyKind | None, str, Side, str], list[str]] = {}
    changed: Counter[tuple[PolicyKind | None, str, Side, Action | None, Action]] = Counter()
    for case in batch.cases:
        if case.expectation == "allow":
            kept.append(case)
            continue
        asked = _asked(case, guardrails)
        if asked.action is None:
            aside.setdefault((case.policy, case.category, case.side, asked.reason), []).append(case.id)
            continue
        if asked.action != case.action:
            changed[case.policy, case.category, case.side, case.action, asked.action] += 1
        kept.append(_expecting(case, asked.action))
    if not any(case.expectation == "protect" for case in kept):
        reasons = "; ".join(dict.fromkeys(key[-1] for key in aside)) or "it has none"
        raise RegistrationError(
            f"No case of the batch of {batch.suite} is about the guardrail {name}: {reasons:.400}. Leave the"
            f" suite out (--suite), or deploy its policy: `parity guardrails deploy --suite {batch.suite}`."
        )
    probes = ((case, _asked(case, guardrails).action) for case in batch.probes)
    return Applied(
        batch=replace(
            batch,
            cases=tuple(kept),
            probes=tuple(_expecting(case, action) for case, action in probes if action is not None),
        ),
        not_applicable=tuple(
            NotApplicable.model_validate(
                {"policy": policy, "category": category, "side": side, "reason": reason, "cases": cases}
            )
            for (policy, category, side, reason), cases in aside.items()
        ),
        as_deployed=tuple(
            AsDeployed.model_validate(
                {"policy": policy, "category": category, "side": side, "registered": was, "deployed": now}
                | {"cases": number}
            )
            for (policy, category, side, was, now), number in changed.items()
        ),
    )


def canaries(suite: Suite, batch: Batch) -> dict[PolicyKind, Canary]:
    """The suite's canaries, and for rules that it has none for the texts of cases that are about them.

    Args:
        suite: With its canaries.
        batch: What is left of it for the guardrail.
    """
    must_pass = next(iter(suite.canaries.values())).must_pass
    texts: dict[PolicyKind, dict[str, tuple[str, ...]]] = {}
    for case in batch.cases:
        if case.policy is None or case.form != "plain" or case.channel not in {"user", "output"}:
            continue
        of_rule = texts.setdefault(case.policy, {}).get(case.category, ())
        if len(of_rule) < _WORDINGS:
            texts[case.policy][case.category] = (*of_rule, case.text)
    found = dict(suite.canaries)
    for kind, by_rule in texts.items():
        there = suite.canaries.get(kind)
        known = there.must_act if there else {}
        more = {rule: each for rule, each in by_rule.items() if rule not in known}
        found[kind] = Canary(must_act={**known, **more}, must_pass=there.must_pass if there else must_pass)
    return found


def _asked(case: Case, guardrails: Iterable[Configured]) -> Asked:
    """What is expected of all guardrails alike."""
    told = dict.fromkeys(each.asked_by(case) for each in guardrails)
    if len({each.action for each in told}) > 1:
        return Asked(None, "the guardrails of the arms' regions do different things")
    return next(iter(told))


def _expecting(case: Case, action: Action) -> Case:
    return case.model_copy(update={"action": action})
