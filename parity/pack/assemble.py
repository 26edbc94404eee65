"""Puts an evidence pack together from a run's folder."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import attribution, junit, summary, wording
from analysis.compare import conclude
from analysis.errors import EvidenceError
from analysis.records import SuiteRecords, read_folder
from analysis.report import Report, read_verdict
from analysis.result import Verdict
from parity.manifest import FILE as MANIFEST
from parity.pack import archive, tables
from parity.pack.archive import Index, Revealed, Withheld
from parity.registration.ledger import Ledger
from parity.registration.runs import FILE as REGISTRATION
from parity.registration.runs import PLAN_COPY, read_record
from suites.swap import FILE as SWAPPED

RECIPE = Path(__file__).with_name("recipe.md")
_AS_THEY_ARE = {
    MANIFEST: "what was asked for, written before the run",
    REGISTRATION: "the run's place in the ledger, and its attempt at the plan",
    SWAPPED: "what the guardrail alone did with the words of the pairs that differ; no text",
    PLAN_COPY: "the plan that was registered before the run",
}
_TEXTS = (
    "Holds what was asked and answered. Whoever may read that gets the run's folder from its owner;"
    " `parity verify FILE --logs DIR` then checks the verdict against it."
)

Content = tuple[str, bytes, str]
"""Name, bytes, and what it is."""


def assemble(folder: Path, target: Path, *, with_logs: bool = False, reveal: str | None = None) -> str:
    """Write the pack of the run in `folder`; returns the sha256 of the file.

    Nothing in it holds a text of a prompt or an answer unless `reveal` says why; with it, the report quotes
    the cases on which the arms differed, and `with_logs` puts the logs in. That is entered in the ledger.

    Raises:
        EvidenceError: The verdict in the folder is not what its logs give.
        RegistrationError: What is revealed cannot be entered in the ledger.
    """
    suites = read_folder(folder)
    verdict, allow_partial = _verdict(folder, suites)
    contents = sorted(
        [*_of_verdict(folder, verdict, reveal), *_of_logs(folder, suites), *_registered(folder)]
    )
    withheld = [] if reveal else [_unquoted()]
    for log, path in _logs(folder, suites):
        content = path.read_bytes()
        if with_logs:
            contents.append((log, content, "a log of Inspect, with all texts"))
        else:
            entry = archive.member(log, content, "")
            withheld.append(Withheld(what=log, why=_TEXTS, sha256=entry.sha256, bytes=entry.bytes))
    withheld += _lacking(folder, {name for name, _, _ in contents}, suites)
    revealed = Revealed(by=getpass.getuser(), why=reveal) if reveal else None
    if revealed:
        _enter(folder, verdict, revealed)
    index = Index(
        rehearsal=verdict.rehearsal,
        headline=verdict.headline,
        allow_partial=allow_partial,
        members=tuple(archive.member(*content) for content in sorted(contents)),
        withheld=tuple(withheld),
        revealed=revealed,
    )
    return archive.write(target, {name: content for name, content, _ in contents}, index)


def _verdict(folder: Path, suites: Sequence[SuiteRecords]) -> tuple[Verdict, bool]:
    """The folder's verdict, and whether a part was let reach parity; checked against the logs."""
    there = read_verdict(folder)
    swapped = attribution.on_file(folder)
    for allow_partial in (False, True):
        if verdict_json(conclude(suites, swapped=swapped, allow_partial=allow_partial)) == verdict_json(
            there
        ):
            return there, allow_partial
    raise EvidenceError(
        f"{folder / 'verdict.json'} is not what the logs beside it give: it is older than they are, was made"
        f" by another version or was edited. Make it again with: parity compare {folder}"
    )


def _of_verdict(folder: Path, verdict: Verdict, reveal: str | None) -> Iterator[Content]:
    banner = f"{wording.BANNER}. {wording.BANNER_MEANING}\n\n" if verdict.rehearsal else ""
    opening = f"{banner}{summary.first_line(verdict)}\n\n"
    yield "README.md", (opening + RECIPE.read_text(encoding="utf-8")).encode(), "the recipe of the verdict"
    yield "verdict.json", verdict_json(verdict), "the verdict and its findings"
    yield "counts.csv", tables.counts_csv(verdict).encode(), "the counts of every finding"
    report = Report(folder, texts=reveal is not None, reveal=reveal)
    quoting = "with texts of cases" if reveal else "without texts of cases"
    yield "report/index.html", report.render(".html"), f"the report, {quoting}"
    yield "report/report.pdf", report.render(".pdf"), "the report on paper"
    yield "report/junit.xml", junit.junit(verdict), "the verdict as a list of tests"
    yield "report/summary.md", summary.markdown(verdict).encode(), "the verdict in short"


def _of_logs(folder: Path, suites: Sequence[SuiteRecords]) -> Iterator[Content]:
    for each in suites:
        name = each.suite
        yield (
            f"records/{name}.json",
            json_bytes(tables.suite_document(each, folder)),
            f"what the logs of {name} registered",
        )
        yield (
            f"cases/{name}.csv",
            tables.cases_csv(each, folder).encode(),
            f"what happened to each case of {name}",
        )
        for place, configuration in guardrails(each):
            yield place, json_bytes(configuration), "a guardrail's configuration, as the service gave it"
    yield "requests.csv", tables.requests_csv(suites).encode(), "the service's id of each request"


def _registered(folder: Path) -> Iterator[Content]:
    for name, what in _AS_THEY_ARE.items():
        if (folder / name).is_file():
            yield name, (folder / name).read_bytes(), what
    if lines := ledger_lines(folder):
        yield "ledger.jsonl", b"".join(line + b"\n" for line in lines), "every plan and run up to this one"


def verdict_json(verdict: Verdict) -> bytes:
    """A verdict as the pack holds it."""
    return (verdict.model_dump_json(indent=2, by_alias=True) + "\n").encode()


def json_bytes(document: Any) -> bytes:
    """A JSON document as the pack holds it."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def guardrails(suite: SuiteRecords) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Place and configuration of each guardrail whose configuration was kept."""
    registered = suite.registered
    elsewhere = {f"-{arm}": cuts for arm, cuts in registered.guardrails_elsewhere.items()}
    for arm, cuts in {"": registered.guardrails, **elsewhere}.items():
        for cut, deployed in cuts.items():
            if deployed.configuration is not None:
                yield f"guardrails/{suite.suite}{arm}-{cut}.json", deployed.configuration


def ledger_lines(folder: Path) -> list[bytes]:
    """The ledger up to the last line about the run's beginning and end; none where it was never entered."""
    record = read_record(folder)
    if record is None or record.line is None or record.ledger is None:
        return []
    raw = Ledger(Path(record.ledger)).raw()
    own = [
        place
        for place, line in enumerate(raw, 1)
        if record.run.encode() in line and b'"kind":"revealed"' not in line
    ]
    return raw[: own[-1]] if own else []


def _logs(folder: Path, suites: Sequence[SuiteRecords]) -> Iterator[tuple[str, Path]]:
    for each in suites:
        for log in (*each.logs, *each.superseded):
            yield tables.log_name(log.path, folder), log.path


def _unquoted() -> Withheld:
    return Withheld(what="texts of prompts and answers in the report", why="Only with --reveal REASON.")


def _lacking(folder: Path, there: set[str], suites: Sequence[SuiteRecords]) -> Iterator[Withheld]:
    """What a pack should hold and this run's folder does not."""
    for name, what in _AS_THEY_ARE.items():
        if name not in there:
            yield Withheld(what=name, why=f"Not in {folder.name}: {what}. The run was made without one.")
    if "ledger.jsonl" not in there:
        yield Withheld(what="ledger.jsonl", why="The run is in no ledger that can be read from here.")
    for each in suites:
        for cut, deployed in each.registered.guardrails.items():
            if deployed.configuration is None:
                yield Withheld(
                    what=f"guardrails/{each.suite}-{cut}.json",
                    why="The logs are from before configurations were kept; their sha256 is that of the"
                    " canonical JSON.",
                    sha256=deployed.digest,
                )
        yield Withheld(
            what=f"the batch of {each.suite}",
            why="Its prompts. It is in the repository, or with whoever imported it.",
            sha256=each.registered.batch_sha256,
        )


def _enter(folder: Path, verdict: Verdict, revealed: Revealed) -> None:
    record = read_record(folder)
    Ledger.here().append(
        "revealed",
        run=record.run if record else None,
        folder=str(folder),
        rehearsal=verdict.rehearsal,
        by=revealed.by,
        why=revealed.why,
    )
