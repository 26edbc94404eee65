"""`parity rehearse` as a user types it: exit codes, what is named, and what is left behind."""

from __future__ import annotations

import html
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pypdf
import pytest
from inspect_ai.log import read_eval_log

from evals.calls import kept
from evals.rehearsal.models.straying import UNASKED

pytestmark = pytest.mark.slow


def test_a_limited_run_is_partial_and_never_parity(glance):
    """Twelve cases a suite cannot show anything, and the run says that it was only a part."""
    assert glance.ended.code == 3, glance.ended.all
    assert glance.verdict["verdict"] == "inconclusive"
    assert "partial" in json.dumps(glance.verdict).lower()


def test_a_run_leaves_logs_manifest_verdict_and_report(glance):
    """The folder holds what the README lists, and the report's path is the last thing said."""
    for suite in ("pii", "topics", "toxicity"):
        assert len(list((glance.folder / "logs" / suite).glob("*.eval"))) == 1
    assert (glance.folder / "manifest.json").exists()
    assert (glance.folder / "report" / "index.html").exists()
    assert list((glance.folder / "report").glob("*.png"))
    assert str(glance.folder / "report" / "index.html") in glance.ended.out.replace("\n", "")


def test_nothing_of_a_rehearsal_carries_a_bare_parity(glance):
    """Every surface says REHEARSAL."""
    assert glance.verdict["rehearsal"] is True
    assert glance.verdict["headline"].startswith("REHEARSAL")
    assert "REHEARSAL" in glance.ended.out
    assert "REHEARSAL" in (glance.folder / "report" / "index.html").read_text()
    assert json.loads((glance.folder / "manifest.json").read_text())["rehearsal"] is True


@pytest.fixture(scope="module")
def planted(rehearse):
    """Each cause of a difference by itself, on some of the candidate's calls.

    Data unmasked and harmless text stopped by the route; an address that the model gives away unasked; texts
    that it gives back spelled out, which the detector misses.
    """
    plants = ("masking=0.15", "overblock=0.12", "emission=0.1@after-proof", "wording=0.1@after-proof")
    return rehearse("--suite", "pii", "--limit", 400, *(f"--plant={plant}" for plant in plants))


def test_planted_leaks_and_overblocking_are_found_and_named(planted):
    """Exit 1, each named where it shows."""
    assert planted.ended.code == 1, planted.ended.all
    for metric in ("input_miss", "exposure", "uncaught", "overblock"):
        assert planted.finding("pii", metric)["verdict"] == "regression", metric


def test_planted_faults_are_ascribed_to_what_they_broke(planted):
    """By metric every cause that was planted and no other, and each with cases in which it can be seen."""
    (pii,) = planted.verdict["suites"]
    worse = {
        each["metric"]: {share["cause"]: share for share in each["shares"] if share["candidate_only"]}
        for each in pii["attribution"]
    }
    (log,) = (planted.folder / "logs" / "pii").glob("*.eval")
    samples = {sample.id: sample for sample in read_eval_log(str(log)).samples}
    said = {
        (case, arm): "\n".join(held[0].trace.raw_outputs)
        for case, sample in samples.items()
        for arm in ("reference", "candidate")
        if (held := kept(sample.store, arm))
    }
    stopped = {each["case"] for each in pii["discordant"] if each["failed"].get("overblock") == "candidate"}

    assert {metric: set(causes) for metric, causes in worse.items() if metric != "wrong_action"} == {
        "input_miss": {"route"},
        "exposure": {"route", "detector"},
        "uncaught": {"route", "detector"},
        "overblock": {"route", "model"},
    }
    gave_away = {case for case in stopped if UNASKED in said[case, "candidate"]}
    assert worse["overblock"]["model"]["candidate_only"] == len(gave_away)
    assert worse["overblock"]["route"]["candidate_only"] == len(stopped - gave_away)
    assert set(worse["overblock"]["model"]["examples"]) <= gave_away
    assert set(worse["overblock"]["route"]["examples"]) <= stopped - gave_away
    for case in worse["exposure"]["detector"]["examples"]:
        payload = samples[case].metadata["payload"]
        assert payload in said[case, "reference"], case
        assert payload not in said[case, "candidate"], case


def test_the_report_says_in_a_sentence_what_comes_from_where(planted):
    """Counts and causes of the verdict, in words."""
    page = html.unescape((planted.folder / "report" / "index.html").read_text(encoding="utf-8"))
    (pii,) = planted.verdict["suites"]
    (overblock,) = (each for each in pii["attribution"] if each["metric"] == "overblock")
    (sentence,) = re.findall(r"<p>(Harmless text stopped: of .*?)</p>", page)

    for share in overblock["shares"]:
        many = share["candidate_only"] + share["reference_only"]
        named = {"route": "the route", "model": "the models", "detector": "the detector"}[share["cause"]]
        assert f"{many} come from {named}: " in sentence


def test_no_protected_value_of_a_run_is_in_its_report(planted):
    """Every payload and every gold value of every case, looked for in page, pictures and paper."""
    texts = [
        path.read_text(encoding="utf-8")
        for path in (planted.folder / "report").iterdir()
        if path.suffix in {".html", ".svg"}
    ]
    paper = pypdf.PdfReader(planted.folder / "report" / "report.pdf")
    whole = html.unescape(" ".join([*texts, *(sheet.extract_text() for sheet in paper.pages)]))
    (log,) = (planted.folder / "logs" / "pii").glob("*.eval")
    values = set()
    for sample in read_eval_log(str(log)).samples:
        values |= {sample.metadata["payload"], *(value for value, _ in sample.metadata["values"])} - {None}

    found = [value for value in values if re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", whole)]

    assert len(values) > 200
    assert [value for value in found if len(value) > 4] == []


def test_planted_harm_passing_is_found(rehearse):
    """Blocks undone on 30 % of calls are found in a small part of the batch too."""
    run = rehearse("--suite", "toxicity", "--limit", 200, "--plant", "blocking=0.3")

    assert run.ended.code == 1, run.ended.all
    assert run.finding("toxicity", "uncaught")["verdict"] == "regression"


def test_an_inert_guardrail_is_never_compared(rehearse):
    """Settings accepted and ignored on every call: exit 4, naming arm and policy, with no rates."""
    run = rehearse("--limit", 5, "--plant", "inert=1.0")

    assert run.ended.code == 4, run.ended.all
    assert run.verdict["verdict"] == "not_comparable"
    assert run.verdict["findings"] == []
    failed = [each for each in run.verdict["attachment"] if not each["passed"]]
    assert {each["arm"] for each in failed} == {"candidate"}
    assert {each["policy"] for each in failed} >= {"pii", "topic", "content"}


def test_evidence_that_ends_after_the_proof_ends_the_comparison(rehearse):
    """Every canary passes, and then no answer shows the guardrail: exit 4, and page one names the cases."""
    run = rehearse("--suite", "topics", "--limit", 5, "--plant", "inert=1@after-proof")

    assert run.ended.code == 4, run.ended.all
    assert (run.verdict["verdict"], run.verdict["findings"]) == ("not_comparable", [])
    assert run.verdict["attachment"]
    assert all(each["passed"] for each in run.verdict["attachment"])
    (log,) = (run.folder / "logs" / "topics").glob("*.eval")
    cases = [str(sample.id) for sample in read_eval_log(str(log)).samples]
    page = (run.folder / "report" / "index.html").read_text(encoding="utf-8")
    for surface in (run.ended.out.replace("\n", " "), json.dumps(run.verdict), page):
        assert "On the candidate 5 of 5 answers came without evidence" in " ".join(surface.split())
    for case in cases:
        assert case in run.ended.out.replace("\n", "")
        assert case in page


def test_the_same_seed_gives_the_same_verdict(rehearse, glance):
    """Two runs of one seed differ in times and ids alone."""
    again = rehearse("--limit", 12)

    assert _without_times_and_ids(again.verdict) == _without_times_and_ids(glance.verdict)


def test_an_interrupted_run_is_finished_by_the_same_command(tmp_path, parity):
    """Ctrl-C keeps the finished cases, says how to go on, and the next start asks only for the rest."""
    folder = tmp_path / "run"
    command = [str(_parity_path()), "rehearse", "--suite", "topics", "--limit", "300", "--out", str(folder)]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(folder.glob("logs/topics/*.eval")) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(3)
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=90)

    assert first.returncode == 5, err
    assert "Traceback" not in out + err
    assert str(folder) in err.replace("\n", "")
    assert not (folder / "verdict.json").exists()

    second = parity("rehearse", "--suite", "topics", "--limit", 300, "--out", folder)

    assert second.code == 3, second.all
    (result,) = json.loads((folder / "verdict.json").read_text())["suites"]
    assert result["cases_run"] == 300
    assert len(list((folder / "logs" / "topics").glob("*.eval"))) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_nothing_goes_on_when_the_command_is_killed(tmp_path, number):
    """Suites and service end with the command, and what they leave behind can be finished."""
    command = [
        str(_parity_path()),
        "rehearse",
        "--suite",
        "topics",
        "--limit",
        "200",
        "--out",
        str(tmp_path / "run"),
    ]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("run/logs/topics/*.eval")) and time.monotonic() < deadline:
        time.sleep(0.2)
    children = _descendants(started.pid)

    started.send_signal(number)
    started.wait(timeout=60)

    assert len(children) >= 2, "a suite and the service"
    deadline = time.monotonic() + 60
    while any(map(_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [pid for pid in children if _alive(pid)]
    assert not (tmp_path / "run" / "verdict.json").exists()


def _descendants(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found] + [each for child in found for each in _descendants(int(child))]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _parity_path() -> Path:
    return Path(sys.executable).with_name("parity")


def _without_times_and_ids(verdict: dict) -> dict:
    """Request ids stand in the canaries' evidence, and what was measured in seconds among the costs."""
    document = json.loads(json.dumps(verdict))
    for suite in document["suites"]:
        suite["costs"] = [each for each in suite["costs"] if each["quantity"] != "latency_ms"]
    proofs = [*document["attachment"], *document["checks"]]
    for registered in document["registered"].values():
        proofs += [*registered["attachment"], *registered["checks"]]
        del registered["run_id"]
    for proof in proofs:
        del proof["evidence"]
    return document
