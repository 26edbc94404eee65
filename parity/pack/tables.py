"""What the logs hold, as tables of plain text without the text of any prompt or answer; and back again."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from analysis import observations
from analysis.errors import EvidenceError
from analysis.logs.files import LogFile
from analysis.observations import CASE_FACTS
from analysis.probes import Probe
from analysis.records import SuiteRecords
from analysis.result import Verdict
from suites.outcomes import ARMS, FACTS
from suites.prices import Used
from suites.registered import Registered

_FACT_COLUMNS = [f"{arm}_{fact}" for arm in ARMS for fact in FACTS]
_TEXT_COLUMNS = [*CASE_FACTS, *(f"{arm}_{told}" for arm in ARMS for told in ("outcome", "missing"))]
_EVIDENCE_COLUMNS = [f"{arm}_evidence" for arm in ARMS]
_COLUMNS = ["case", "epoch", "attempt", "log", *_TEXT_COLUMNS, *_FACT_COLUMNS, *_EVIDENCE_COLUMNS]
_WITHHELD_EVIDENCE = ("why",)
"""Of what a judge left: a grader's own words may repeat the answer that it judged."""
_PROBES = TypeAdapter(tuple[Probe, ...])
_USED = TypeAdapter(dict[str, Used])
_COUNTS = (
    "suite",
    "metric",
    "slice",
    "family",
    "estimand",
    "gates",
    "pairs",
    "missing",
    "both",
    "candidate_only",
    "reference_only",
    "margin",
    "cap",
    "equivalence",
    "deff",
    "clusters",
    "p_worse",
    "p_beyond_margin",
    "p_parity",
    "low",
    "high",
    "worst",
    "verdict",
    "flags",
)


def log_name(path: Path, folder: Path) -> str:
    """A log's name in the pack: its place in the run's folder, under `logs/`."""
    place = PurePosixPath(path.relative_to(folder).as_posix())
    return str(place if place.parts[0] == "logs" else PurePosixPath("logs") / place)


def suite_document(records: SuiteRecords, folder: Path) -> dict[str, Any]:
    """What the logs of one suite say of themselves, as JSON."""
    return {
        "suite": records.suite,
        "asked_again": records.asked_again,
        "registered": records.registered.model_dump(mode="json"),
        "logs": [_log_document(log, folder) for log in records.logs],
        "superseded": [_log_document(log, folder) for log in records.superseded],
        "probes": [asdict(probe) for probe in records.probes],
        "used": {arm: asdict(used) for arm, used in records.used.items()},
    }


def cases_csv(records: SuiteRecords, folder: Path) -> str:
    """One line per case and epoch: what the case is, what each arm did, and the scorer's short evidence."""
    table = records.table
    names = {str(log.path): log_name(log.path, folder) for log in records.logs}
    columns = [[str(each) for each in table[name]] for name in ("case", "epoch", "attempt")]
    columns.append([names[each] for each in table["log"]])
    columns += [["" if each is None else str(each) for each in table[name]] for name in _TEXT_COLUMNS]
    columns += [
        ["" if math.isnan(each) else str(int(each)) for each in table[name]] for name in _FACT_COLUMNS
    ]
    columns += [[_evidence(each) for each in table[name]] for name in _EVIDENCE_COLUMNS]
    return _csv(_COLUMNS, zip(*columns, strict=True))


def read_records(document: Mapping[str, Any], cases: str) -> SuiteRecords:
    """The records that `suite_document` and `cases_csv` were made of.

    Raises:
        EvidenceError: They are not what those functions write.
    """
    try:
        suite = str(document["suite"])
        registered = Registered.model_validate(document["registered"])
        logs = [_read_log(each, registered) for each in document["logs"]]
        superseded = [_read_log(each, registered) for each in document["superseded"]]
        heading, *rows = csv.reader(StringIO(cases, newline=""), strict=True)
        if heading != _COLUMNS:
            raise EvidenceError(f"cases/{suite}.csv has other columns than this version writes: {heading}.")
        found = {name: list(column) for name, column in zip(_COLUMNS, zip(*rows, strict=True), strict=True)}
        found |= {name: [int(each) for each in found[name]] for name in ("epoch", "attempt")}
        found |= {name: [each or None for each in found[name]] for name in _TEXT_COLUMNS}
        found |= {name: [float(each) if each else math.nan for each in found[name]] for name in _FACT_COLUMNS}
        found |= {name: [json.loads(each) for each in found[name]] for name in _EVIDENCE_COLUMNS}
        asked_again = int(document["asked_again"])
        probes = _PROBES.validate_python(document["probes"])
        used = _USED.validate_python(document["used"])
    except (AttributeError, KeyError, TypeError, ValueError, ValidationError, csv.Error) as error:
        raise EvidenceError(
            f"The records of a suite are not what a pack holds ({type(error).__name__}: {error})."
        ) from None
    order = ["case", "epoch", "attempt", "log", *CASE_FACTS]
    for arm in ARMS:
        order += [f"{arm}_{fact}" for fact in FACTS]
        order += [f"{arm}_outcome", f"{arm}_missing", f"{arm}_evidence"]
    return SuiteRecords(
        suite=suite,
        registered=registered,
        logs=tuple(logs),
        superseded=tuple(superseded),
        table=observations.frame({name: found[name] for name in order}),
        asked_again=asked_again,
        probes=probes,
        used=used,
    )


def counts_csv(verdict: Verdict) -> str:
    """One line per finding: the counts, and what was computed from them."""
    rows = []
    for finding in verdict.findings:
        facts = finding.model_dump()
        facts["flags"] = " ".join(finding.flags)
        rows.append([_rehearsed(verdict.rehearsal), *("" if facts[n] is None else facts[n] for n in _COUNTS)])
    return _csv(["rehearsal", *_COUNTS], rows)


def requests_csv(suites: Sequence[SuiteRecords]) -> str:
    """One line per case, epoch and arm: the service's own id of the request."""
    rows = []
    for each in suites:
        for row in each.table.to_dict("records"):
            for arm in ARMS:
                told = row[f"{arm}_evidence"]
                request = told.get("request_id") or ""
                rows.append(
                    [
                        _rehearsed(each.registered.rehearsal),
                        each.suite,
                        row["case"],
                        row["epoch"],
                        arm,
                        request,
                        told.get("attempts", ""),
                    ]
                )
    return _csv(["rehearsal", "suite", "case", "epoch", "arm", "request_id", "attempts"], rows)


def _rehearsed(rehearsal: bool) -> str:
    return "REHEARSAL" if rehearsal else "no"


def _log_document(log: LogFile, folder: Path) -> dict[str, Any]:
    return {
        "name": log_name(log.path, folder),
        "status": log.status,
        "message": log.message,
        "task_id": log.task_id,
        "created": log.created,
        "samples": log.samples,
        "attempt": log.registered.attempt,
        "git_commit": log.registered.git_commit,
        "packages": log.registered.packages,
        "attachment": [proof.model_dump(mode="json") for proof in log.registered.attachment],
    }


def _read_log(document: Mapping[str, Any], registered: Registered) -> LogFile:
    own = {key: document[key] for key in ("attempt", "git_commit", "packages", "attachment")}
    return LogFile(
        path=Path(document["name"]),
        status=document["status"],
        message=document["message"],
        task_id=document["task_id"],
        created=document["created"],
        registered=Registered.model_validate(registered.model_dump() | own),
        samples=document["samples"],
    )


def _evidence(told: Mapping[str, Any]) -> str:
    kept = dict(told)
    if isinstance(judge := kept.get("judge"), Mapping):
        kept["judge"] = {key: value for key, value in judge.items() if key not in _WITHHELD_EVIDENCE}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _csv(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()
