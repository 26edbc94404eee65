"""Where differences come from, in words, bars and numbers: the route, the model or the detector."""

from __future__ import annotations

from collections.abc import Iterator

from analysis import wording
from analysis.blocks import Block, Picture, Table
from analysis.described import Attribution, Cause, Share
from analysis.plots import causes
from analysis.plots.causes import LOOKS
from analysis.result import Verdict
from suites.metrics import METRICS

_MEANINGS: dict[Cause, str] = {
    "route": "the route: the guardrail alone treats the same words otherwise than it did there",
    "model": "the models: they did not say the same, and the guardrail alone treats it as it did there",
    "detector": "the detector: both models said it, and the guardrail catches one wording and not the other",
    "unknown": "a cause that is not known: the words, or the guardrail's answer to them, are not on record",
}

_READING = (
    "After the run, what both models said on the pairs that differ was shown to the guardrail alone. That "
    "tells whether the route did with a text what the guardrail does with it."
)


def blocks(verdict: Verdict) -> Iterator[Block]:
    """Of the whole run the bars, then suite by suite the sentences; nothing where no pair differed."""
    bars = [
        causes.Bar(suite=result.title, attribution=each)
        for result in verdict.suites
        for each in result.attribution
    ]
    if bars:
        yield Block(
            name="causes",
            title="Where the differences come from",
            sentences=(_READING,),
            pictures=(
                Picture(
                    name="causes",
                    figure=causes.draw(bars, rehearsal=verdict.rehearsal),
                    alt="Pairs that differ, by suite, metric and cause; the same stands in words with each "
                    "suite.",
                ),
            ),
        )
    for result in verdict.suites:
        if result.attribution:
            yield Block(
                name="causes",
                suite=result.suite,
                title="Where the differences come from",
                sentences=tuple(map(sentence, result.attribution)),
                tables=(
                    Table(
                        label="Pairs that differ, by cause",
                        head=(
                            "Failure",
                            "Cause",
                            "Examples",
                            "Only candidate",
                            "Only reference",
                            "Net per 1,000",
                        ),
                        rows=tuple(_row(each, share) for each in result.attribution for share in each.shares),
                        words=3,
                    ),
                ),
            )


def sentence(each: Attribution) -> str:
    """One metric's causes in one sentence."""
    title = METRICS[each.metric].title
    worse = sum(share.candidate_only for share in each.shares)
    better = sum(share.reference_only for share in each.shares)
    net = (worse - better) / each.pairs
    ordered = sorted(each.shares, key=lambda share: -(share.candidate_only + share.reference_only))
    if len(ordered) == 1:
        whole = "it comes" if worse + better == 1 else "all of them come"
        said = f"{whole} from {_MEANINGS[ordered[0].cause]}"
    else:
        said = "; ".join(
            f"{wording.count(many)} {'comes' if many == 1 else 'come'} from {_MEANINGS[share.cause]}"
            for share in ordered
            for many in (share.candidate_only + share.reference_only,)
        )
    return (
        f"{title}: of {wording.count(each.pairs)} pairs, only the candidate failed on {wording.count(worse)} "
        f"and only the reference on {wording.count(better)} ({wording.signed(net)} per 1,000); {said}."
    )


def _row(each: Attribution, share: Share) -> tuple[str, ...]:
    return (
        METRICS[each.metric].title,
        LOOKS[share.cause][0],
        ", ".join(share.examples),
        wording.count(share.candidate_only),
        wording.count(share.reference_only),
        wording.signed((share.candidate_only - share.reference_only) / each.pairs),
    )
