"""The evidence pack: whole, the same bytes every time, without texts, and every change of it is named."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from scipy import integrate, stats

from parity.cli import main
from parity.pack.assemble import assemble
from parity.pack.verify import verify
from parity.registration.ledger import Ledger

SECRET = b"prompt of output-"
"""How every prompt of these logs begins."""


def type_(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_a_pack_holds_from_the_tables_and_from_the_logs(packed):
    """Nobody needs the logs to reach the verdict, and who has them can hold the tables against them."""
    alone, beside = type_("verify", packed.file), type_("verify", packed.file, "--logs", packed.run)

    assert (alone.exit_code, beside.exit_code) == (0, 0), alone.output + beside.output
    assert "Made again from the tables: REHEARSAL: Worse" in alone.output
    assert "Made again from the logs: REHEARSAL: Worse" in beside.output


def test_what_no_table_holds_is_in_the_records(packed):
    """Channels and spending are made again from the tables, since no case of theirs is a line there."""
    verdict = json.loads(packed.members()["verdict.json"])
    records = json.loads(packed.members()["records/pii.json"])

    assert [each["channel"] for each in verdict["channel_differences"]] == ["tool_result"]
    assert records["used"]["candidate"]["calls"] == 1
    assert b"pii-probe" not in packed.members()["cases/pii.csv"]
    assert not verify(packed.file).faults


def test_the_same_run_gives_the_same_bytes(packed, tmp_path):
    """Also after other runs were entered in the ledger."""
    Ledger.here().append("begun", run="another")
    assemble(packed.run, tmp_path / "again.zip")

    assert (tmp_path / "again.zip").read_bytes() == packed.file.read_bytes()


def test_what_a_pack_has_to_hold_is_there_or_withheld(packed):
    """Nothing is simply missing."""
    there = packed.members()
    index = json.loads(there["pack.json"])
    named = {each["name"] for each in index["members"]} | {each["what"] for each in index["withheld"]}

    assert {each["name"] for each in index["members"]} == there.keys() - {"pack.json"}
    for wanted in (
        "README.md", "verdict.json", "counts.csv", "cases/pii.csv", "records/pii.json", "requests.csv",
        "manifest.json", "registration.json", "registered-plan.json", "ledger.jsonl", "report/index.html",
        "report/report.pdf", "guardrails/pii-full.json", "logs/pii/2026-01-01T00-00-00_pii.eval",
        "the batch of pii", "texts of prompts and answers in the report",
    ):  # fmt: skip
        assert wanted in named
    assert index["rehearsal"] is True
    assert there["README.md"].startswith(b"REHEARSAL")


def test_no_text_is_in_a_pack_unless_revealed_and_that_is_recorded(packed, tmp_path):
    """By default none; on purpose all, with the reason in the pack and in the ledger."""
    assert not any(SECRET in content for content in packed.members().values())
    assert type_("report", packed.run, "--pack", tmp_path / "x.zip", "--with-logs").exit_code == 2

    ended = type_("report", packed.run, "--pack", tmp_path / "x.zip", "--with-logs", "--reveal", "The audit")

    assert ended.exit_code == 0, ended.output
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert SECRET in archive.read("report/index.html")
        assert json.loads(archive.read("pack.json"))["revealed"]["why"] == "The audit"
        assert archive.read("logs/pii/2026-01-01T00-00-00_pii.eval")
    last, _ = Ledger.here().lines()[-1]
    assert (last.kind, last.why) == ("revealed", "The audit")
    assert verify(tmp_path / "x.zip").source == "the logs"
    assert not verify(tmp_path / "x.zip").faults


CARELESS = (
    "README.md", "verdict.json", "counts.csv", "cases/pii.csv", "records/pii.json", "requests.csv",
    "manifest.json", "registration.json", "registered-plan.json", "ledger.jsonl", "report/index.html",
    "report/report.pdf", "report/junit.xml", "report/summary.md", "guardrails/pii-full.json",
)  # fmt: skip


def test_any_byte_that_was_changed_is_named(packed, tmp_path):
    """Each kind of file in turn, without care for the index."""
    for place, name in enumerate(CARELESS):
        content = packed.members()[name]
        changed = packed.changed(tmp_path / f"{place}.zip", with_care=False, **{name: content + b" "})
        faults = verify(changed).faults
        assert any(fault.startswith(f"{name} has sha256") for fault in faults), (name, faults)


def test_a_file_taken_out_or_put_in_is_named(packed, tmp_path):
    """Missing, and not listed."""
    out = packed.changed(tmp_path / "out.zip", with_care=False, **{"cases/pii.csv": None})
    more = packed.changed(tmp_path / "more.zip", with_care=False, **{"cases/extra.csv": b"case\n"})

    assert "cases/pii.csv is listed and not in the pack" in verify(out).faults
    assert "cases/extra.csv is in the pack and not listed in pack.json" in verify(more).faults


def swap(old, new):
    """Change a content in one place."""
    return lambda content: content.replace(old, new, 1)


WITH_CARE = {
    "verdict.json": (swap(b'"verdict": "regression"', b'"verdict": "parity"'), "verdict.json line 5"),
    "counts.csv": (swap(b",12.0,2.0,", b",2.0,2.0,"), "counts.csv line"),
    "cases/pii.csv": (swap(b"output-001,1,", b"output-999,1,"), "verdict.json line"),
    "records/pii.json": (swap(b'"margin": 0.05', b'"margin": 0.5'), "registers other limits"),
    "requests.csv": (swap(b"output-003", b"output-903"), "requests.csv line"),
    "manifest.json": (swap(b"0" * 64, b"9" * 64), "manifest.json asks the batch 999"),
    "registered-plan.json": (swap(b'"margin": 0.05', b'"margin": 0.5'), "was changed after"),
    "registration.json": (swap(b'"line_sha256": "', b'"line_sha256": "f'), "ledger.jsonl does not"),
    "ledger.jsonl": (swap(b'"kind":"plan"', b'"kind":"ended"'), "ledger.jsonl: line"),
    "report/junit.xml": (swap(b"<failure", b"<skipped"), "report/junit.xml line"),
    "report/summary.md": (swap(b"Worse", b"Fine"), "report/summary.md line 1"),
    "guardrails/pii-full.json": (swap(b"gambling", b"anything"), "guardrails/pii-full.json line"),
}


def test_a_change_with_fitting_digests_is_named_where_it_can_be_made_again(packed, tmp_path):
    """Whoever mends the index too is found by the verdict, the counts, the chain or the plan."""
    for place, (name, (change, said)) in enumerate(WITH_CARE.items()):
        before = packed.members()[name]
        after = change(before)
        assert after != before, name
        changed = packed.changed(tmp_path / f"{place}.zip", with_care=True, **{name: after})

        ended = type_("verify", changed)

        assert ended.exit_code == 4, (name, ended.output)
        assert said in ended.output, (name, ended.output)


def test_a_whole_forgery_is_found_by_the_logs(packed, tmp_path):
    """Cases and all that follows from them were made good together; only the logs know."""
    forged = tmp_path / "forged"
    shutil.copytree(packed.run, forged)
    log = next(forged.rglob("*.eval"))
    log.unlink()
    shutil.copy(packed.run / log.relative_to(forged), log)
    with zipfile.ZipFile(log, "a") as archive:
        archive.comment = b"another log"

    ended = type_("verify", packed.file, "--logs", forged)

    assert ended.exit_code == 4
    assert "is not the log that the pack was made from" in ended.output


def test_tables_that_the_logs_do_not_give_are_named_by_line(packed, tmp_path):
    """One case that the candidate exposed, turned into one that it did not."""
    cases = packed.members()["cases/pii.csv"].decode().splitlines(keepends=True)
    place = next(number for number, line in enumerate(cases) if line.startswith("output-003,"))
    cases[place] = cases[place].replace("answered", "masked")
    changed = packed.changed(tmp_path / "x.zip", with_care=True, **{"cases/pii.csv": "".join(cases).encode()})

    assert any(
        fault.startswith(f"cases/pii.csv line {place + 1}:") for fault in verify(changed, packed.run).faults
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"no zip at all"])
def test_what_is_no_pack_is_refused(tmp_path, content):
    """A message and exit code 4, no traceback."""
    (tmp_path / "x.zip").write_bytes(content)
    ended = type_("verify", tmp_path / "x.zip")

    assert ended.exit_code == 4
    assert "cannot be read as a pack" in ended.output


def test_a_verdict_that_the_logs_do_not_give_is_not_packed(packed, tmp_path):
    """An edited file in the run's folder never gets as far as a pack."""
    run = tmp_path / "run"
    shutil.copytree(packed.run, run)
    (run / "verdict.json").write_text((run / "verdict.json").read_text().replace("regression", "parity"))

    ended = type_("report", run, "--pack", tmp_path / "x.zip")

    assert ended.exit_code == 5
    assert "is not what the logs beside it give" in ended.output
    assert not (tmp_path / "x.zip").exists()


def test_an_auditor_without_our_code_reaches_the_same_counts_and_p_values(packed):
    """By the recipe in the pack alone: counts from the cases, p-values from two beta distributions."""
    members = packed.members()
    cases = list(csv.DictReader(io.StringIO(members["cases/pii.csv"].decode())))
    lines = [
        line
        for line in csv.DictReader(io.StringIO(members["counts.csv"].decode()))
        if (line["slice"], line["estimand"]) == ("all", "suite")
    ]

    assert {line["metric"] for line in lines} == set(_RECIPE)
    for line in lines:
        counted = _counted(cases, *_RECIPE[line["metric"]])
        names = ("pairs", "missing", "both", "candidate_only", "reference_only")
        assert counted == tuple(float(line[name]) for name in names), line["metric"]
        n, u, _, b, c = counted
        margin = float(line["margin"])
        assert float(line["p_worse"]) == pytest.approx(
            stats.beta.cdf(0.5, b, c + u + 1) if b else 1.0, rel=1e-6
        )
        assert float(line["p_parity"]) == pytest.approx(
            _tail(margin, b + u + c + 1, n + u - (b + u + c), b + u + 1, c), abs=1e-6
        )
        beyond = 1 - _tail(margin, b + c + u, n + u - (b + c + u) + 1, b, c + u + 1)
        assert float(line["p_beyond_margin"]) == pytest.approx(max(beyond, float(line["p_worse"])), abs=1e-6)


def _protected(case):
    return case["expectation"] == "protect"


_RECIPE = {
    "input_miss": (lambda case: _protected(case) and case["side"] == "input", "", "input_acted", "0"),
    "exposure": (_protected, "reached", "exposed", "1"),
    "uncaught": (_protected, "emitted", "exposed", "1"),
    "wrong_action": (_protected, "guarded|acted", "acted", "0"),
    "overblock": (lambda case: case["expectation"] == "allow", "", "guarded", "1"),
}


def _counted(cases, applies, over, fact, failing):
    n = u = both = b = c = 0
    for case in filter(applies, cases):
        chances = [
            [case[f"{arm}_{name}"] for name in over.split("|")] if over else ["1"]
            for arm in ("reference", "candidate")
        ]
        chance = ["1" if "1" in each else "" if "" in each else "0" for each in chances]
        facts = [case[f"{arm}_{fact}"] for arm in ("reference", "candidate")]
        if "0" in chance:
            continue
        if "" in chance or "" in facts:
            u += 1
            continue
        reference, candidate = (each == failing for each in facts)
        n, both = n + 1, both + (reference and candidate)
        b, c = b + (candidate and not reference), c + (reference and not candidate)
    return float(n), float(u), float(both), float(b), float(c)


def _tail(least, t1, t2, b1, b2):
    """P[T (2B - 1) >= least], by integrating over B; Beta(x, 0) is 1 and Beta(0, x) is 0."""

    def reached(share):
        needed = least / share if share > 0 else 2.0
        if t2 == 0:
            return float(needed <= 1)
        return 0.0 if t1 == 0 else stats.beta.sf(needed, t1, t2)

    if b2 == 0:
        return reached(1.0)
    if b1 == 0:
        return 0.0
    low = (1 + least) / 2
    found, _ = integrate.quad(
        lambda at: reached(2 * at - 1) * stats.beta.pdf(at, b1, b2), low, 1, limit=400, epsabs=1e-9
    )
    return found
