"""How a guardrail acted in one call, by its trace, and whether that is what a case registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from evals.bedrock.trace import CallRecord, Finding
from evals.subject import Subject
from suites.case import Action, Side

WAY: Mapping[Action, Literal["blocked", "masked", "none"]] = {
    "block": "blocked",
    "mask": "masked",
    "detect": "none",
}
"""How a trace names what a rule of an action did."""


@dataclass(frozen=True)
class Actions:
    """The ways in which the guardrail acted, by side, and all that it reported."""

    findings: tuple[Finding, ...]
    on_input: frozenset[str]
    on_output: frozenset[str]

    @classmethod
    def of(cls, call: CallRecord) -> Self:
        """Read them from the trace of a call."""
        findings = call.trace.findings
        by_side = {
            side: frozenset(each.action for each in findings if each.side == side and each.action != "none")
            for side in ("input", "output")
        }
        return cls(findings, by_side["input"], by_side["output"])

    def on(self, side: Side) -> frozenset[str]:
        """The ways on one side."""
        return self.on_input if side == "input" else self.on_output

    @property
    def guarded(self) -> bool:
        """Whether it acted at all."""
        return bool(self.on_input or self.on_output)

    def acted_on_input(self, subject: Subject) -> bool:
        """Whether it acted on the input, or reported there what was only to be reported."""
        if subject.action == "detect":
            return any(each.side == "input" for each in self.findings)
        return bool(self.on_input)

    def as_registered(self, subject: Subject) -> bool:
        """The registered policy, on the registered side, in the registered way, and not overruled.

        A mask that the trace reports beside a block was never seen by anyone; a case that was only to be
        reported and was acted on got more than was agreed.
        """
        if subject.action is None:
            return False
        if subject.either_side and any(
            each.policy == subject.policy and each.side == "input" and each.action != "none"
            for each in self.findings
        ):
            return True
        way = WAY[subject.action]
        if subject.action == "mask" and "blocked" in self.on_input | self.on_output:
            return False
        if subject.action == "detect" and self.guarded:
            return False
        return any(
            each.policy == subject.policy and each.side == subject.side and each.action == way
            for each in self.findings
        )
