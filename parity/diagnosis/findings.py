"""The proof of a suite as lines that a person can act upon: what was asked, what came of it, what to do.

The lines are made of what a run would register, by the same code: a run that could start and a doctor that
says so cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from suites.registered import Attachment, Check, Registered

State = Literal["passed", "failed", "not_known"]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    suite: str
    arm: str
    """`both` where it is about both compared arms together."""
    what: str
    state: State
    evidence: str
    next: str | None = None
    """What to do where it failed."""


_TITLES = {
    "listed": "the region lists the model",
    "unguarded": "the same request without the guardrail is answered",
    "same_guardrail": "both arms meet the same guardrail, in a numbered version",
    "other_guardrails": "beside ours, the same guardrails were seen before both arms",
    "enforced": "beside ours, the account enforces the same guardrails before both arms",
}
_AFTER = {
    "listed": "Take an id or an inference profile of this region: aws bedrock list-inference-profiles.",
    "unguarded": "Find out what stops it: another guardrail, a proxy, or an endpoint that stops all it gets.",
    "other_guardrails": "Have the account enforce its guardrail before both models or neither, or write"
    " `accept: [enforcement]` into the arms file, and the report will say so.",
}
_AFTER["enforced"] = _AFTER["other_guardrails"]
_UNGUARDED = (
    "This endpoint took the guardrail's settings and did nothing with them, or lost its trace. Give this arm"
    " a model id or a route that carries the guardrail, or `route: sidecar` (docs/routes.md)."
)
_TOO_STRICT = "The guardrail acts on a harmless text: see its policy, and what stands before the model."
_ITSELF = (
    "The guardrail alone does not do what the suite registers: its policy is another one than the suite's, or"
    " this side of it is switched off."
)


def lines(registered: Registered) -> list[Line]:
    """The checklist of one suite, arm by arm, what is about both arms last."""
    found: list[Line] = []
    for arm in registered.arms:
        found += [_of_check(registered.suite, check) for check in registered.checks if check.arm == arm]
        found += _canaries(registered.suite, [p for p in registered.attachment if p.arm == arm])
    return found + [_of_check(registered.suite, check) for check in registered.checks if check.arm is None]


def unguarded(registered: Registered) -> list[str]:
    """The compared arms on which no canary was acted on, and how that is known; a sentence each."""
    by_arm: dict[str, list[Attachment]] = {}
    for proof in registered.attachment:
        if proof.canary == "must_act":
            by_arm.setdefault(proof.arm, []).append(proof)
    alone = [proof for proof in by_arm.pop("control", []) if proof.passed]
    return [
        f"{registered.suite}: the {arm} is unguarded. None of the {len(proofs)} kinds of text on which the"
        f" guardrail has to act was acted on in front of {registered.arms[arm]['model']}, while the guardrail"
        f" alone acted on {len(alone)} of {len(proofs)} of them."
        for arm, proofs in by_arm.items()
        if not any(proof.passed or proof.acted for proof in proofs)
    ]


def _of_check(suite: str, check: Check) -> Line:
    state: State = "not_known" if check.passed is None else "passed" if check.passed else "failed"
    after = _AFTER.get(check.check) if check.passed is False else None
    return Line(suite, check.arm or "both", _TITLES[check.check], state, check.evidence, after)


def _canaries(suite: str, proofs: Iterable[Attachment]) -> Iterator[Line]:
    """A line a policy where all is well; where it is not, a line for each canary that failed."""
    by_policy = sorted(proofs, key=lambda proof: proof.policy)
    for policy, group in groupby(by_policy, key=lambda proof: proof.policy):
        of_policy = list(group)
        failed = [proof for proof in of_policy if not proof.passed]
        if not failed:
            ways = dict.fromkeys(proof.action for proof in of_policy if proof.action)
            sides = sorted({proof.side for proof in of_policy if proof.action})
            where = "both sides" if len(sides) > 1 else f"the {''.join(sides)}"
            acts = f"acts on {where} ({', '.join(ways)}), and " if sides else ""
            what = f"{policy}: {acts}leaves a harmless text alone"
            first = of_policy[0]
            told = f"{len(of_policy)} canaries, guardrail {first.guardrail} version {first.version}"
            yield Line(suite, of_policy[0].arm, what, "passed", told)
        for proof in failed:
            asked = "leaves a harmless text alone" if proof.action is None else f"acts ({proof.action})"
            what = f"{policy}: {asked} at the {proof.side}"
            yield Line(suite, proof.arm, what, "failed", proof.evidence, _after(proof))


def _after(proof: Attachment) -> str:
    if proof.acted is None:
        return "The call itself failed; its error says why."
    if proof.action is None and proof.acted:
        return _TOO_STRICT
    return _ITSELF if proof.arm == "control" else _UNGUARDED
