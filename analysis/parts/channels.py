"""Where a guardrail was seen to read, and where not: channel by policy by arm, from what it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.blocks import Block, Table
from analysis.coverage import WORDS, name_of
from analysis.described import ArmCoverage, ChannelCoverage
from analysis.result import SuiteResult, Verdict

_READING = (
    "For each policy a text on which the guardrail alone acts was planted in one channel at a time. "
    "Evaluated: the policy acted on it there, or reported it. Not evaluated: the text was there and the "
    "policy did nothing. Not carried: the route has no place for the channel. Not known: nothing follows "
    "from the call. This is measured, not taken from documentation, and is no part of the verdict."
)
_NOT_ASKED = (
    "No text was planted in any channel in this run, so it is not known what the guardrail reads beside the"
    " channels of the cases."
)


def blocks(verdict: Verdict) -> Iterator[Block]:
    """By suite, for those that register texts to plant."""
    for result in verdict.suites:
        if result.coverage:
            yield _block(result)
        elif (verdict.registered.get(result.suite) or {}).get("probes_sha256"):
            yield Block(name="channels", suite=result.suite, title=_TITLE, sentences=(_NOT_ASKED,), rank=3)


_TITLE = "What the guardrail reads"


def _block(result: SuiteResult) -> Block:
    policies = list(dict.fromkeys(cell.policy for cell in result.coverage))
    places = list(dict.fromkeys((cell.side, cell.channel) for cell in result.coverage))
    cells = {(cell.policy, cell.side, cell.channel): cell for cell in result.coverage}
    differing = sum(cell.differs for cell in result.coverage)
    told = f"In {differing} of {len(result.coverage)} cells the arms differ." if differing else ""
    head = (
        "Channel",
        "Side",
        *(f"{policy}, {arm}" for policy in policies for arm in ("reference", "candidate")),
    )
    rows = tuple(
        (
            name_of(channel, side),
            side,
            *(word for policy in policies for word in _words(cells.get((policy, side, channel)))),
        )
        for side, channel in places
    )
    matrix = Table(label="Channels by policy and arm", head=head, rows=rows, words=len(head))
    reasons = _reasons(result.coverage)
    return Block(
        name="channels",
        suite=result.suite,
        title=_TITLE,
        sentences=tuple(sentence for sentence in (_READING, told) if sentence),
        tables=(matrix, *reasons),
        rank=1,
    )


def _words(cell: ChannelCoverage | None) -> tuple[str, str]:
    if cell is None:
        return ("not asked", "not asked")
    return (_word(cell.reference), _word(cell.candidate))


def _word(arm: ArmCoverage) -> str:
    return f"{WORDS[arm.state]} ({arm.acted} of {arm.texts})" if arm.state == "partly" else WORDS[arm.state]


def _reasons(coverage: Sequence[ChannelCoverage]) -> tuple[Table, ...]:
    """Why something is not carried or not known."""
    rows = tuple(
        (name_of(cell.channel, cell.side), cell.policy, arm, WORDS[seen.state], seen.why)
        for cell in coverage
        for arm, seen in (("reference", cell.reference), ("candidate", cell.candidate))
        if seen.why is not None
    )
    if not rows:
        return ()
    head = ("Channel", "Policy", "Arm", "State", "Why")
    label = "Why a channel is not carried or not known"
    return (Table(label=label, head=head, rows=rows, words=len(head), folded=True),)
