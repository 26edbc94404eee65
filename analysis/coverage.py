"""Which channels the guardrail was seen to evaluate in front of each arm: channel by policy by arm.

A text counts where the guardrail alone acts on it; where it does not, the text shows nothing. Nothing is
claimed here over cases, so nothing of this is part of the verdict: it says what the verdict speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from analysis.described import ArmCoverage, ChannelCoverage, ChannelState
from analysis.probes import Probe
from analysis.result import ChannelDifference, SuiteResult

Arm = Literal["reference", "candidate"]
_KNOWN: tuple[ChannelState, ...] = ("evaluated", "partly", "not_evaluated")
_IDLE = "the guardrail alone does not act on the text"


def cover(probes: Iterable[Probe]) -> list[ChannelCoverage]:
    """A cell for each policy, side and channel, whatever the order in which they were answered."""
    ordered = sorted(probes, key=lambda probe: (*_order(probe), probe.case, probe.epoch))
    return [_cell(list(group)) for _, group in groupby(ordered, _key)]


def differences(results: Iterable[SuiteResult]) -> list[ChannelDifference]:
    """The channels of which both arms are known and that are not evaluated alike."""
    return [
        ChannelDifference(
            suite=result.suite,
            policy=cell.policy,
            side=cell.side,
            channel=cell.channel,
            reference=cell.reference.state,
            candidate=cell.candidate.state,
        )
        for result in results
        for cell in result.coverage
        if cell.differs
    ]


def different(results: Sequence[SuiteResult]) -> Iterator[str]:
    """For the first page: where the arms differ."""
    found = differences(results)
    for key, group in groupby(sorted(found, key=_place), _place):
        *_, reference, candidate = key
        where = "; ".join(
            f"{suite}: {', '.join(each.policy for each in cells)}"
            for suite, cells in groupby(group, lambda each: each.suite)
        )
        yield (
            f"The guardrail does not read the same in front of both arms: {name_of(key[1], key[0])}"
            f" {_verb(key[1])} {WORDS[reference]} in front of the reference and {WORDS[candidate]} in front"
            f" of the candidate ({where})."
        )


def unread(results: Sequence[SuiteResult]) -> Iterator[str]:
    """For the first page: the channels in which the guardrail was not seen to act before either arm."""
    if there := list(_unread(results)):
        yield (
            f"By measurement the guardrail evaluates in front of neither arm: {', '.join(there)}. What"
            " stands there passes, whatever the verdict."
        )


def _unread(results: Sequence[SuiteResult]) -> Iterator[str]:
    """The channels in which nothing was ever acted on, and a text was seen to pass."""
    states: dict[tuple[str, str], dict[Arm, set[ChannelState]]] = {}
    for cell in (cell for result in results for cell in result.coverage):
        arms = states.setdefault((cell.side, cell.channel), {"reference": set(), "candidate": set()})
        arms["reference"].add(cell.reference.state)
        arms["candidate"].add(cell.candidate.state)
    for (side, channel), arms in states.items():
        both = arms["reference"] | arms["candidate"]
        if "not_evaluated" in both and not both & {"evaluated", "partly"}:
            unknown = [arm for arm, seen in arms.items() if "not_evaluated" not in seen]
            yield name_of(channel, side) + (f" (not known before the {unknown[0]})" if unknown else "")


WORDS: dict[ChannelState, str] = {
    "evaluated": "evaluated",
    "partly": "evaluated in part",
    "not_evaluated": "not evaluated",
    "not_carried": "not carried",
    "unknown": "not known",
}
"""A state for people."""

_NAMES = {
    ("input", "user"): "the prompt",
    ("input", "guarded"): "text in guardContent blocks",
    ("input", "unguarded"): "text beside guardContent blocks",
    ("input", "system"): "the system prompt",
    ("input", "history"): "earlier turns",
    ("input", "tool_definition"): "tool definitions",
    ("input", "tool_result"): "tool results",
    ("input", "tool_arguments"): "arguments of earlier tool calls",
    ("input", "reasoning"): "earlier reasoning",
    ("output", "output"): "the answer",
    ("output", "tool_arguments"): "arguments that the model sends to tools",
    ("output", "reasoning"): "the model's reasoning",
}
_MANY = ("tool_definition", "tool_result", "tool_arguments", "history")


def name_of(channel: str, side: str) -> str:
    """A channel for people."""
    return _NAMES.get((side, channel), channel.replace("_", " "))


def _verb(channel: str) -> str:
    return "are" if channel in _MANY else "is"


def _place(found: ChannelDifference) -> tuple[str, str, ChannelState, ChannelState]:
    return (found.side, found.channel, found.reference, found.candidate)


def _order(probe: Probe) -> tuple[str, str, int, str]:
    known = list(_NAMES)
    place = (probe.side, probe.channel)
    return (probe.policy, probe.side, known.index(place) if place in known else len(known), probe.channel)


def _key(probe: Probe) -> tuple[str, str, str]:
    return (probe.policy, probe.side, probe.channel)


def _cell(probes: Sequence[Probe]) -> ChannelCoverage:
    policy, side, channel = _key(probes[0])
    reference, candidate = (_arm(probes, arm) for arm in ("reference", "candidate"))
    both_known = reference.state in _KNOWN and candidate.state in _KNOWN
    return ChannelCoverage(
        policy=policy,
        side=side,
        channel=channel,
        reference=reference,
        candidate=candidate,
        differs=both_known and reference.state != candidate.state,
    )


def _arm(probes: Sequence[Probe], arm: str) -> ArmCoverage:
    """One arm's state over all texts and epochs of a cell."""
    able = [probe for probe in probes if probe.seen["control"].coverage == "evaluated"]
    if not able:
        return ArmCoverage(state="unknown", acted=0, texts=0, why=probes[0].seen["control"].why or _IDLE)
    seen = [probe.seen[arm] for probe in able]
    acted = sum(each.coverage == "evaluated" for each in seen)
    passed = sum(each.coverage == "not_evaluated" for each in seen)
    why = next((each.why for each in seen if each.why), "")
    if acted and passed:
        state: ChannelState = "partly"
    elif acted or passed:
        state = "evaluated" if acted else "not_evaluated"
    else:
        state = "not_carried" if all(each.coverage == "not_carried" for each in seen) else "unknown"
    return ArmCoverage(
        state=state, acted=acted, texts=acted + passed, why=None if state in _KNOWN else why or "not told"
    )
