"""Checks an evidence pack: every digest, and the verdict made again from what the pack holds.

A pack that was changed with care has fitting digests. So nothing is believed that can be made again: the
verdict and the counts from the cases, the cases from the logs where those are at hand, the plan's and the
ledger's own digests, the guardrails' digests that the logs registered.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from pydantic import ValidationError

from analysis import attribution, junit, summary
from analysis.compare import conclude
from analysis.errors import EvidenceError
from analysis.records import SuiteRecords, read_folder
from analysis.result import Verdict
from parity.manifest import FILE as MANIFEST
from parity.manifest import Manifest
from parity.pack import archive, assemble, tables
from parity.pack.archive import Pack
from parity.registration.ledger import check, digest
from parity.registration.runs import FILE as REGISTRATION
from parity.registration.runs import PLAN_COPY, RunRecord
from suites import swap
from suites.errors import RegistrationError
from suites.plan import parse_plan
from suites.policy import digest as configuration_digest

_SHOWN = 120
"""Characters of a line that differs."""
_MOST_LINES = 5
"""Lines of one file that are shown; the others are counted."""


@dataclass
class Checked:
    """What came of the check."""

    verdict: Verdict | None = None
    """As made again; None where that was not possible."""
    source: str = "the tables"
    """What the verdict was made again from."""
    faults: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)


def verify(file: Path, logs: Path | None = None) -> Checked:
    """Check the pack in `file`, against the logs in the folder `logs` where they are given."""
    checked = Checked()
    try:
        pack = archive.read(file)
    except EvidenceError as error:
        checked.faults.append(str(error))
        return checked
    checked.withheld = [f"{each.what}: {each.why}" for each in pack.index.withheld]
    checked.faults += _digests(pack)
    suites = _suites_of_tables(pack, checked)
    with tempfile.TemporaryDirectory() as unpacked:
        folder = _folder_of_logs(pack, logs, Path(unpacked), checked)
        if folder is not None:
            suites = _suites_of_logs(pack, folder, checked) or suites
    if suites:
        _remake(pack, suites, checked)
        checked.faults += _guardrails(pack, suites)
        checked.faults += _plan(pack, suites)
        checked.faults += _manifest(pack, suites)
    checked.faults += _ledger(pack)
    return checked


def _digests(pack: Pack) -> Iterator[str]:
    listed = {each.name: each for each in pack.index.members}
    for name, entry in listed.items():
        content = pack.members.get(name)
        if content is None:
            yield f"{name} is listed and not in the pack"
        elif (found := hashlib.sha256(content).hexdigest()) != entry.sha256:
            yield f"{name} has sha256 {found[:12]}, and was packed with {entry.sha256[:12]}"
    for name in sorted(pack.members.keys() - listed.keys()):
        yield f"{name} is in the pack and not listed in {archive.INDEX}"


def _suites_of_tables(pack: Pack, checked: Checked) -> list[SuiteRecords]:
    suites = []
    names = sorted(name for name in pack.members if name.startswith("records/"))
    for name in names:
        suite = Path(name).stem
        cases = pack.text(f"cases/{suite}.csv")
        try:
            document = json.loads(pack.members[name])
            suites.append(tables.read_records(document, cases or ""))
        except (EvidenceError, ValueError) as error:
            checked.faults.append(f"{name}, cases/{suite}.csv: {error}")
    if not names:
        checked.faults.append("the pack holds no records of a suite, so that nothing can be made again")
    return suites


def _folder_of_logs(pack: Pack, logs: Path | None, unpacked: Path, checked: Checked) -> Path | None:
    """Where the logs are: given, or unpacked; None where they are withheld."""
    if logs is not None:
        known = {each.what: each.sha256 for each in pack.index.withheld if each.what.startswith("logs/")}
        known |= {each.name: each.sha256 for each in pack.index.members if each.name.startswith("logs/")}
        there = {tables.log_name(path, logs): path for path in logs.rglob("*.eval")}
        for name in sorted(known.keys() | there.keys()):
            if name not in there:
                checked.faults.append(f"{name} is not in {logs}")
            elif name not in known:
                checked.faults.append(f"{name} is in {logs}, and was not there when the pack was made")
            elif hashlib.sha256(there[name].read_bytes()).hexdigest() != known[name]:
                checked.faults.append(f"{name} in {logs} is not the log that the pack was made from")
        return logs
    found = {name: content for name, content in pack.members.items() if name.startswith("logs/")}
    for name, content in found.items():
        target = (unpacked / name).resolve()
        if not target.is_relative_to(unpacked.resolve()):
            checked.faults.append(f"{name} would be unpacked outside its folder")
            return None
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return unpacked if found else None


def _suites_of_logs(pack: Pack, folder: Path, checked: Checked) -> list[SuiteRecords]:
    """Read the logs, and hold the tables against them."""
    try:
        suites = read_folder(folder)
    except EvidenceError as error:
        checked.faults.append(f"the logs cannot be judged: {error}")
        return []
    checked.source = "the logs"
    for each in suites:
        document = assemble.json_bytes(tables.suite_document(each, folder)).decode()
        checked.faults += _lines(pack, f"records/{each.suite}.json", document, "the logs give")
        cases = tables.cases_csv(each, folder)
        checked.faults += _lines(pack, f"cases/{each.suite}.csv", cases, "the logs give")
    return suites


def _remake(pack: Pack, suites: Sequence[SuiteRecords], checked: Checked) -> None:
    """Make verdict, counts and what follows from them again."""
    try:
        file = pack.members.get(swap.FILE)
        shown = () if file is None else swap.parse(file, name=swap.FILE)
        verdict = conclude(suites, swapped=attribution.by_key(shown), allow_partial=pack.index.allow_partial)
    except (EvidenceError, RegistrationError, ValueError) as error:
        checked.faults.append(f"no verdict can be made of what the pack holds: {error}")
        return
    checked.verdict = verdict
    again = f"{checked.source} give"
    for name, content in (
        ("verdict.json", assemble.verdict_json(verdict).decode()),
        ("counts.csv", tables.counts_csv(verdict)),
        ("requests.csv", tables.requests_csv(suites)),
        ("report/junit.xml", junit.junit(verdict).decode()),
        ("report/summary.md", summary.markdown(verdict)),
    ):
        checked.faults += _lines(pack, name, content, again)
    if pack.index.headline != verdict.headline:
        checked.faults.append(f"{archive.INDEX} has the headline {pack.index.headline!r}; {again} another")


def _lines(pack: Pack, name: str, made: str, by: str) -> Iterator[str]:
    """Lines of a member that are not those made again."""
    there = pack.text(name)
    if there is None:
        yield f"{name} is not in the pack"
        return
    if there == made:
        return
    differing = [
        (number, found, wanted)
        for number, (found, wanted) in enumerate(zip_longest(there.split("\n"), made.split("\n")), 1)
        if found != wanted
    ]
    for number, found, wanted in differing[:_MOST_LINES]:
        yield f"{name} line {number}: {_short(found, wanted)} stands there; {by} {_short(wanted, found)}"
    if (more := len(differing) - _MOST_LINES) > 0:
        yield f"{name}: {more:,} more lines differ"


def _short(line: str | None, other: str | None) -> str:
    """A line, or of a long one the part about the first sign in which it differs."""
    if line is None:
        return "nothing"
    line = line.strip()
    if len(line) <= _SHOWN:
        return repr(line)
    beside = (other or "").strip()
    first = next((place for place, (a, b) in enumerate(zip(line, beside, strict=False)) if a != b), 0)
    start = max(0, first - _SHOWN // 2)
    return repr(f"... {line[start : start + _SHOWN]} ...")


def _guardrails(pack: Pack, suites: Sequence[SuiteRecords]) -> Iterator[str]:
    for each in suites:
        for cut, deployed in each.registered.guardrails.items():
            if deployed.configuration is not None and (
                (found := configuration_digest(deployed.configuration)) != deployed.digest
            ):
                yield (
                    f"records/{each.suite}.json: the configuration of the guardrail {cut} has sha256"
                    f" {found[:12]}, and its proof was made with {deployed.digest[:12]}"
                )
        for place, configuration in assemble.guardrails(each):
            yield from _lines(
                pack, place, assemble.json_bytes(configuration).decode(), f"records/{each.suite}.json gives"
            )


def _plan(pack: Pack, suites: Sequence[SuiteRecords]) -> Iterator[str]:
    under = suites[0].registered.plan
    content = pack.members.get(PLAN_COPY)
    if under is None:
        if content is not None:
            yield f"{PLAN_COPY} is in the pack, and the logs register no plan"
        return
    if content is None:
        yield f"{PLAN_COPY} is not in the pack, and the logs register the plan {under.name}"
        return
    try:
        plan = parse_plan(content, PLAN_COPY)
    except RegistrationError as error:
        yield str(error)
        return
    if plan.sha256 != under.sha256:
        yield f"{PLAN_COPY} has sha256 {plan.sha256[:12]}; the logs register the plan {under.sha256[:12]}"
    for each in suites:
        part = plan.suites.get(each.suite)
        now = each.registered
        if part is None or (part.metrics, part.critical, part.batch_sha256) != (
            now.metrics,
            now.critical,
            now.batch_sha256,
        ):
            yield f"records/{each.suite}.json registers other limits, strata or batches than {PLAN_COPY}"


def _manifest(pack: Pack, suites: Sequence[SuiteRecords]) -> Iterator[str]:
    content = pack.members.get(MANIFEST)
    if content is None:
        return
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        yield f"{MANIFEST} is not valid: {error.errors()[0]['msg']}"
        return
    if manifest.rehearsal is not pack.index.rehearsal:
        yield f"{MANIFEST} says rehearsal {manifest.rehearsal}, {archive.INDEX} {pack.index.rehearsal}"
    for each in suites:
        if (asked := manifest.batches.get(each.suite)) != each.registered.batch_sha256:
            yield (
                f"{MANIFEST} asks the batch {str(asked)[:12]} of {each.suite}; the logs register"
                f" {each.registered.batch_sha256[:12]}"
            )


def _ledger(pack: Pack) -> Iterator[str]:
    content, place = pack.members.get("ledger.jsonl"), pack.members.get(REGISTRATION)
    if content is None:
        return
    raw = content.splitlines()
    for fault in check(raw):
        yield f"ledger.jsonl: {fault}"
    if place is None:
        return
    try:
        record = RunRecord.model_validate_json(place)
    except ValidationError as error:
        yield f"{REGISTRATION} is not valid: {error.errors()[0]['msg']}"
        return
    if record.line_sha256 not in {digest(line) for line in raw}:
        yield f"ledger.jsonl does not hold line {record.line}, with which by {REGISTRATION} the run began"
