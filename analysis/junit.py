"""The verdict as JUnit XML, for the many viewers that show it as a list of tests.

A suite is a test suite; each metric over all cases, each over a critical stratum, and each category that
got worse is a test. A regression is a failure. What was not shown is an error and never a skipped test,
since viewers count a skipped one as good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from analysis import summary, wording
from analysis.finding import Finding
from analysis.quotes import legible
from analysis.result import SuiteResult, Verdict
from suites.metrics import METRICS


@dataclass(frozen=True)
class _Test:
    """One line of the list. Without `kind` it passed."""

    suite: str
    name: str
    kind: str | None = None
    """`failure` or `error`."""
    type: str = ""
    message: str = ""


def junit(verdict: Verdict) -> bytes:
    """The document, in UTF-8. The same verdict gives the same bytes."""
    root = ET.Element("testsuites", name=_clean(summary.first_line(verdict)))
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for name, tests in _suites(verdict):
        counts = {
            "tests": len(tests),
            "failures": sum(test.kind == "failure" for test in tests),
            "errors": sum(test.kind == "error" for test in tests),
        }
        totals = {key: totals[key] + count for key, count in counts.items()}
        element = ET.SubElement(root, "testsuite", {"name": _clean(name), **_written(counts), "skipped": "0"})
        for test in tests:
            _add(element, test)
    for key, count in _written(totals).items():
        root.set(key, count)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suites(verdict: Verdict) -> Iterator[tuple[str, list[_Test]]]:
    """Test suites with their tests; the first is the run's own verdict."""
    banner = f"{wording.BANNER} " if verdict.rehearsal else ""
    yield f"{banner}verdict", [_whole(verdict, f"{banner}verdict")]
    for result in verdict.suites:
        name = f"{banner}{result.suite}"
        tests = [_of(f"{name}.{result.version}", finding) for finding in _told(verdict, result.suite)]
        yield name, tests or [_uncompared(name, result)]
    for suite in verdict.suites_not_run:
        lacking = _Test(f"{banner}{suite}", "was run", "error", "not_run", "The suite did not run.")
        yield f"{banner}{suite}", [lacking]


def _told(verdict: Verdict, suite: str) -> list[Finding]:
    """Findings that decide; of the categories only those that got worse."""
    mine = [f for f in verdict.findings if f.suite == suite and f.gates]
    return [f for f in mine if f.family != "category" or f.verdict == "regression"]


def _whole(verdict: Verdict, suite: str) -> _Test:
    name = "The guardrail protects as well in front of the candidate"
    if verdict.verdict == "parity":
        return _Test(suite, name)
    kind = "failure" if verdict.verdict == "regression" else "error"
    return _Test(suite, name, kind, verdict.verdict or "incomplete", summary.first_line(verdict))


def _of(suite: str, finding: Finding) -> _Test:
    name = f"{METRICS[finding.metric].title}: {wording.category(finding)}"
    if finding.verdict == "parity":
        return _Test(suite, name)
    kind = "failure" if finding.verdict == "regression" else "error"
    return _Test(suite, name, kind, finding.verdict, finding.reason or wording.words_of_finding(finding).long)


def _uncompared(suite: str, result: SuiteResult) -> _Test:
    return _Test(suite, "was compared", "error", result.verdict, result.reason)


def _add(parent: ET.Element, test: _Test) -> None:
    case = ET.SubElement(parent, "testcase", classname=_clean(test.suite), name=_clean(test.name), time="0")
    if test.kind is not None:
        said = ET.SubElement(case, test.kind, type=test.type, message=_clean(test.message))
        said.text = _clean(test.message)


def _written(counts: dict[str, int]) -> dict[str, str]:
    return {key: str(count) for key, count in counts.items()}


def _clean(text: str) -> str:
    """Without signs that XML cannot hold."""
    return legible(summary.one_line(text))
