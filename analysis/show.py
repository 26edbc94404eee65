"""One case whole: the prompt, what each arm said and the guardrail did, and how it was judged."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from analysis import counts
from analysis.errors import RequestError
from analysis.observations import CASE_FACTS
from analysis.records import read_asked, read_folder
from analysis.stats.tables import Observed
from suites.metrics import METRICS, MetricName
from suites.outcomes import ARMS, Facts

Judgement = Literal[
    "neither failed", "both failed", "only the candidate failed", "only the reference failed", "missing"
]


@dataclass(frozen=True, kw_only=True)
class ArmView:
    """What one arm did."""

    outcome: str
    facts: Mapping[str, bool | None]
    """`input_acted`, `acted`, `guarded`, `reached`, `emitted`, `exposed`; None is unknown."""
    text: str | None
    """What the user saw; None where no call is on record."""
    reasoning: str | None
    raw: tuple[str, ...]
    """What the model said before the guardrail, where the trace holds it."""
    findings: tuple[str, ...]
    """What the guardrail found, as `policy:rule:side:action`, with the confidence if there is one."""
    evidence: Mapping[str, Any]
    """Guardrail, version, stop reason, request id, attempts, tokens: the scorer's short record."""
    missing: str | None
    """Why there is no trustworthy observation."""


@dataclass(frozen=True, kw_only=True)
class EpochView:
    """One asking of the case."""

    epoch: int
    prompt: str
    arms: Mapping[str, ArmView]
    """By arm: reference, candidate, control."""
    judgement: Mapping[MetricName, Judgement]
    """By metric, those for which the pair is an opportunity or is missing; none for a probe."""


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """One case in all its epochs."""

    suite: str
    case: str
    rehearsal: bool
    facts: Mapping[str, Any]
    """Expectation, side, policy, action, category and so on, as registered."""
    payload: str | None
    """The protected thing; None for an allow case."""
    values: tuple[tuple[str, str], ...]
    """What the gold spans cover, each with its kind."""
    epochs: tuple[EpochView, ...]


class Cases:
    """The cases of a folder of logs, to look at one after the other; the summaries are read once."""

    def __init__(self, folder: Path) -> None:
        """Read the folder.

        Raises:
            EvidenceError: The logs cannot be read or do not belong together.
        """
        self._folder = folder
        self._suites = read_folder(folder)

    @property
    def began(self) -> str:
        """When the first of the logs was begun, in ISO 8601."""
        return min(log.created for suite in self._suites for log in suite.logs)

    def view(self, case: str) -> CaseView:
        """One case whole.

        Raises:
            RequestError: No log has it; near ids are named.
            EvidenceError: Its sample cannot be read.
        """
        suite = next((each for each in self._suites if len(each.rows(case))), None)
        if suite is None:
            raise self._unknown(case)
        table = suite.rows(case)
        is_pair = case in set(suite.table["case"])
        judged = counts.judged(table)
        rows = {row["epoch"]: row for row in table.to_dict("records")}
        places = {epoch: place for place, epoch in enumerate(rows)}
        asked = list(read_asked(suite, case))
        return CaseView(
            suite=suite.suite,
            case=case,
            rehearsal=suite.registered.rehearsal,
            facts={name: asked[0].metadata.get(name) for name in CASE_FACTS},
            payload=asked[0].metadata.get("payload"),
            values=tuple((str(value), str(kind)) for value, kind in asked[0].metadata.get("values") or ()),
            epochs=tuple(
                EpochView(
                    epoch=each.epoch,
                    prompt=each.prompt,
                    arms={arm: _arm(arm, rows[each.epoch], each.calls.get(arm)) for arm in ARMS},
                    judgement=_judgements(judged, places[each.epoch]) if is_pair else {},
                )
                for each in asked
            ),
        )

    def _unknown(self, case: str) -> RequestError:
        known = sorted(
            name
            for suite in self._suites
            for rows in (suite.table, suite.planted)
            if len(rows)
            for name in rows["case"].unique()
        )
        near = ", ".join(difflib.get_close_matches(case, known, n=5, cutoff=0.3) or known[:5])
        return RequestError(
            f"No log in {self._folder} has the case {case!r}. Near it are: {near or 'none at all'}."
        )


def case_view(folder: Path, case: str) -> CaseView:
    """Read one case from a run's logs.

    Raises:
        RequestError: No log has it; near ids are named.
        EvidenceError: The logs cannot be read.
    """
    return Cases(folder).view(case)


def _arm(arm: str, row: Mapping[Hashable, Any], call: Mapping[str, Any] | None) -> ArmView:
    facts = Facts.from_value(arm, {str(name): fact for name, fact in row.items()})
    trace = (call or {}).get("trace") or {}
    return ArmView(
        outcome=row[f"{arm}_outcome"],
        facts=asdict(facts),
        text=None if call is None else str(call.get("text", "")),
        reasoning=(call or {}).get("reasoning") or None,
        raw=tuple(trace.get("raw_outputs") or ()),
        findings=tuple(_found(finding) for finding in trace.get("findings") or ()),
        evidence=row[f"{arm}_evidence"],
        missing=row[f"{arm}_missing"] or (call or {}).get("error"),
    )


def _found(finding: Mapping[str, Any]) -> str:
    told = ":".join(str(finding.get(part)) for part in ("policy", "rule", "side", "action"))
    return f"{told} ({finding['confidence']})" if finding.get("confidence") else told


def _judgements(judged: Observed, place: int) -> dict[MetricName, Judgement]:
    """By metric how the pair in that place came out, for the metrics that it says something about."""
    return {
        name: _judgement(judged, number, place)
        for number, name in enumerate(METRICS)
        if judged.counted[number, place] or judged.missing[number, place]
    }


def _judgement(judged: Observed, metric: int, place: int) -> Judgement:
    reference, candidate = judged.reference[metric, place], judged.candidate[metric, place]
    if judged.missing[metric, place]:
        return "missing"
    if reference and candidate:
        return "both failed"
    if candidate:
        return "only the candidate failed"
    return "only the reference failed" if reference else "neither failed"
