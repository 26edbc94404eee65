"""A year of nights through `parity nightly`, on the rehearsal endpoint, with all that a year can bring.

    python benchmarks/year.py [--nights 365] [--out results/year] [--kills 10] [--suite pii]... [--cold]

Short batches of one suite. Each night is a process of its own, with its suites and the local Bedrock as
processes beside it, as a scheduler would start it; only that they are forked from one that has everything
imported, unless --cold is given. From night 200 on the candidate's guardrail fails on a share of calls; AWS
changes its detectors twice; three nights break in three ways; the batches are upgraded once. Then one night
is killed at random moments and started again, ten times. Ends with 1 where what the nightly job is there for
does not hold: an alarm before night 200, a drift that is noticed later than was to be expected from the
nights before it, a change of detectors that is not named or named where there was none, a killed night that
ends otherwise.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import yaml
from scipy import special
from warm import Warm

from analysis.history import alarms, tables
from analysis.history.detectors import DETECTOR
from analysis.history.entries import NightRow
from analysis.history.overview import overview
from analysis.history.page import write
from analysis.history.store import History
from analysis.stats.sequential import betting
from parity.nights import result as results
from parity.nights.config import NightlyConfig, load_config
from suites.batch import DATASETS

FIRST = date(2026, 1, 1)
DRIFT, UPGRADE = 200, 150
DETECTORS = {90: {"PHONE": 1.0}, 260: {"IP_ADDRESS": 1.0}}
"""From that night on the detectors overlook this as well."""
BROKEN = {60: "expired", 130: "killed", 300: "inert"}
"""Credentials that run out, a kill after which nobody starts again, a guardrail that is not there."""
PLANT, SHARE = "masking", 0.1
CASES = {
    "pii": {"output mask": 16, "input mask": 3, "allow": 3},
    "topics": {"output block": 5, "input block": 3, "allow": 3},
}
"""By suite and kind of case how many a batch has."""


@dataclass(frozen=True)
class Year:
    """Where the year is, and how it is made."""

    folder: Path
    nights: int
    suites: tuple[str, ...]
    python: Path
    """What starts a night."""

    @property
    def job(self) -> Path:
        """The configuration."""
        return self.folder / "nightly.yaml"

    def config(self, number: int) -> NightlyConfig:
        """The job as it is on one night, by its number from 0."""
        rehearsal: dict[str, object] = {"seed": "night"}
        plants = [f"{PLANT}={SHARE}@after-proof"] if number >= DRIFT else []
        if BROKEN.get(number) == "inert":
            plants.append("inert=1.0")
        rehearsal["plants"] = plants
        overlooked = {
            rule: share
            for since, rules in DETECTORS.items()
            if number >= since
            for rule, share in rules.items()
        }
        service: dict[str, object] = {"detectors": {"overlooks": overlooked}} if overlooked else {}
        if BROKEN.get(number) == "expired":
            service["faults"] = [{"kind": "expired", "after": 90}]
        if service:
            faults = self.folder / f"service-{number:03d}.yaml"
            faults.write_text(yaml.safe_dump(service))
            rehearsal["faults"] = faults.name
        document = {
            "job": "year",
            "suites": list(self.suites),
            "allow_partial": True,
            "rehearsal": rehearsal,
            "batches": "batches-2" if number >= UPGRADE else "batches-1",
            "out": "nights",
            "report": False,
        }
        self.job.write_text(yaml.safe_dump(document))
        return load_config(self.job)


def main() -> int:
    """Run the year and what is held against it; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--out", type=Path, default=Path("results/year"))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument(
        "--suite", action="append", choices=list(CASES), help="of the nights; may be repeated (default: pii)"
    )
    parser.add_argument(
        "--cold", action="store_true", help="start each process by a fresh interpreter, which imports all"
    )
    given = parser.parse_args()
    if given.out.exists():
        print(f"{given.out} exists. Remove it, or give --out another folder.")
        return 2
    given.out.mkdir(parents=True)
    os.environ["PARITY_LEDGER"] = str((given.out / "ledger.jsonl").resolve())
    year = Year(given.out.resolve(), given.nights, tuple(given.suite or ("pii",)), Path(sys.executable))
    for number in (0, 1):
        _batches(year.folder / f"batches-{number + 1}", number)
    begun = time.monotonic()
    with nullcontext() if given.cold else Warm() as warm:
        year = dataclasses.replace(year, python=warm.python) if warm else year
        wrong = [*_nights(year)]
        print(f"{given.nights} nights in {_minutes(begun)}", flush=True)
        for ending in ("png", "svg", "html"):
            _trend(year, year.folder / f"trend.{ending}")
        wrong += _held_against(year)
        if given.kills:
            wrong += _same_when_killed(year, given.kills)
    print(f"all in {_minutes(begun)}; {_processor_minutes():.1f} minutes of processor time")
    for each in wrong:
        print(f"WRONG: {each}")
    return 1 if wrong else 0


def _nights(year: Year) -> Iterator[str]:
    """All the nights, each by the command; a night whose exit code is not that of its result."""
    for number in range(year.nights):
        night = FIRST + timedelta(days=number)
        year.config(number)
        if BROKEN.get(number) == "killed":
            _killed(year, night)
            continue
        told = subprocess.run(  # noqa: S603 - our own command
            _command(year, year.job, night), capture_output=True, text=True, check=False
        )
        ended = results.read(year.folder / "nights" / night.isoformat())
        if ended is None or ended.exit_code != told.returncode or ended.headline not in told.stdout:
            yield f"night {number} ended with code {told.returncode}: {told.stdout}{told.stderr[-2000:]}"
            continue
        note = "".join(f"  [{change.kind}]" for change in ended.changes)
        note += "".join(f"  {alarm.kind}: {alarm.suite} {alarm.metric}" for alarm in ended.alarms[:2])
        print(f"{number:3d} {night} {ended.exit_code} {ended.cause}{note}", flush=True)


def _minutes(begun: float) -> str:
    return f"{(time.monotonic() - begun) / 60:.1f} minutes"


def _processor_minutes() -> float:
    """What this process took and all that it started and that has ended, in user and system time."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used) / 60


def _trend(year: Year, path: Path) -> None:
    with History(year.config(0).history_url) as history:
        found = overview(history, "year", today=FIRST + timedelta(days=year.nights - 1))
    if found is not None:
        write(found, path)
        print(f"Trend: {path}")


def _batches(folder: Path, number: int) -> None:
    """Short batches out of the shipped ones: of each kind the first so many, or those after them."""
    manifest = {}
    for suite, kinds in CASES.items():
        lines = (DATASETS / suite / "cases.jsonl").read_text(encoding="utf-8").splitlines()
        by_kind: dict[str, list[dict[str, object]]] = {kind: [] for kind in kinds}
        for case in map(json.loads, lines):
            by_kind.get(_kind(case), []).append(case | {"twin": None})
        cases = [case for kind, many in kinds.items() for case in by_kind[kind][number * many :][:many]]
        content = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases).encode()
        (folder / suite).mkdir(parents=True)
        (folder / suite / "cases.jsonl").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        manifest[suite] = {"file": f"{suite}/cases.jsonl", "sha256": digest, "cases": len(cases)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _kind(case: dict[str, object]) -> str:
    if case["expectation"] == "allow":
        return "allow"
    return f"{case['side']} {case['action']}" if case["channel"] in {"user", "output"} else "other channel"


def _command(year: Year, config: Path, night: date, *more: str) -> list[str]:
    asked = ["nightly", "--config", str(config), "--night", night.isoformat(), *more]
    return [str(year.python), "-m", "parity.cli", *asked]


def _killed(year: Year, night: date) -> None:
    """Start a night as a scheduler does, and kill it on its way: nobody starts it again."""
    started = subprocess.Popen(  # noqa: S603 - our own command
        _command(year, year.job, night), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    logs = year.folder / "nights" / night.isoformat() / "logs" / year.suites[0]
    while not logs.exists() and started.poll() is None:
        time.sleep(0.01)
    started.send_signal(signal.SIGKILL)
    started.wait()
    print(f"    {night} killed with SIGKILL", flush=True)


def _held_against(year: Year) -> Iterator[str]:
    with History(year.config(0).history_url) as history:
        nights = {(row.night - FIRST).days: row for row in history.nights("year")}
        rung = history.read(tables.ALARMS, "year")
        changes = history.read(tables.CHANGES, "year")
        counts = alarms.read(history, "year")
        watched = max(row["watched"] for row in history.read(tables.SUITES, "year"))
    losses = {
        (night - FIRST).days: float(lost.sum())
        for night, lost in zip(counts.nights, counts.missing, strict=True)
    }
    early = [row for row in rung if (row["since"] - FIRST).days < DRIFT]
    yield from (f"an alarm before night {DRIFT}: {row['since']} {row['message']}" for row in early)
    if year.nights > DRIFT:
        noticed = [(row["since"] - FIRST).days - DRIFT + 1 for row in rung if row["kind"] == "drift"]
        middle, late = predicted(counts, family=watched)
        print(
            f"drift: noticed after {min(noticed, default=None)} nights; predicted {middle:g}, 95 %: {late:g}"
        )
        if not noticed or min(noticed) > late:
            yield f"the drift was noticed after {min(noticed, default=None)} nights, predicted were {late:g}"
    named = sorted({(row["night"] - FIRST).days for row in changes if row["kind"] == DETECTOR})
    if named != [night for night in DETECTORS if night < year.nights]:
        yield f"changes of detectors were named on the nights {named}, they were on {list(DETECTORS)}"
    broken = sorted({(row["night"] - FIRST).days for row in changes if row["kind"] == "batch"})
    if broken != [night for night in (UPGRADE,) if night < year.nights]:
        yield f"breaks by the batch were named on the nights {broken}; there was one on {UPGRADE}"
    for number, kind in BROKEN.items():
        if number < year.nights and not _seen_broken(kind, nights[number], losses.get(number, 0)):
            yield f"night {number} was broken ({kind}) and ended with {nights[number].exit_code}"


def _seen_broken(kind: str, night: NightRow, missing: float) -> bool:
    """Whether a broken night ended as one: without a verdict, or with answers missing and inconclusive."""
    if kind == "expired":
        return night.verdict in {None, "not_comparable"} or (night.verdict == "inconclusive" and missing > 0)
    return night.exit_code == {"killed": 5, "inert": 4}[kind]


def predicted(counts: alarms.Counts, *, family: int, years: int = 400, seed: int = 1) -> tuple[float, float]:
    """Nights from the shift to its alarm, median and 95th percentile, from the nights before it alone.

    Quiet nights are drawn again from those since the batch was upgraded; on top of them the plant strikes
    each pair by its share, since every answer of that suite holds something to mask. The alarm is the first
    of the two series that the plant shows in.
    """
    quiet = np.array([UPGRADE <= (night - FIRST).days < DRIFT for night in counts.nights])
    series = [
        place
        for place, (suite, metric, slice_) in enumerate(counts.series)
        if suite == "pii" and slice_ == "all" and metric in {"exposure", "uncaught"}
    ]
    draw = np.random.default_rng(seed)
    limit = math.log(family * 10 * 365)
    delays = []
    b, c, n = (
        each[quiet][:, series] for each in (counts.candidate_only, counts.reference_only, counts.pairs)
    )
    for _ in range(years):
        nights = draw.integers(0, len(b), 165)
        struck = draw.binomial(n[nights].astype(int), SHARE)
        bets = betting.log_capital(b[nights] + struck, c[nights], n[nights] + 1e-9, 0.0)
        capital = np.zeros(bets.shape[1:])
        first = math.inf
        for place in range(len(nights)):
            capital = np.maximum(capital, 0.0) + bets[place]
            if (special.logsumexp(capital, axis=-1) - math.log(capital.shape[-1]) >= limit).any():
                first = place + 1
                break
        delays.append(first)
    return float(np.median(delays)), float(np.quantile(delays, 0.95, method="higher"))


def _same_when_killed(year: Year, times: int) -> Iterator[str]:
    """One night, undisturbed and killed at random moments and started again: the same result each time."""
    moments = random.Random(times)  # noqa: S311 - repeatable, no secret
    begun = time.monotonic()
    expected = _told(year, "undisturbed")
    lasts = time.monotonic() - begun
    for number in range(times):
        job = _small(year, f"killed-{number}")
        started = subprocess.Popen(  # noqa: S603 - our own command
            _command(year, job, FIRST), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        moment = moments.uniform(0, lasts)
        time.sleep(moment)
        started.send_signal(signal.SIGKILL)
        started.wait()
        found = _told(year, f"killed-{number}")
        same = "the same" if found == expected else "ANOTHER"
        print(f"killed after {moment:.1f} of {lasts:.1f} s: {same} end", flush=True)
        if found != expected:
            yield f"a night that was killed after {moment:.1f} s ended otherwise: {found}, not {expected}"


def _small(year: Year, name: str) -> Path:
    """The configuration of a job of one small suite and one seed, in a folder of its own."""
    folder = year.folder / name
    folder.mkdir(exist_ok=True)
    document = {
        "job": "small",
        "rehearsal": {"seed": 7},
        "suites": ["pii"],
        "allow_partial": True,
        "batches": "../batches-1",
        "out": "nights",
        "report": False,
    }
    (folder / "nightly.yaml").write_text(yaml.safe_dump(document))
    return folder / "nightly.yaml"


def _told(year: Year, name: str) -> tuple[object, ...]:
    """Start the night, wait for its end, and take what must be the same: verdict, line and every count."""
    job = _small(year, name)
    ended = subprocess.run(  # noqa: S603 - our own command
        _command(year, job, FIRST, "--json"), capture_output=True, text=True, check=False
    )
    result = json.loads(ended.stdout)
    with History(load_config(job).history_url) as history:
        counts = [tuple(row.values()) for row in history.read(tables.PAIRS, "small")]
    return ended.returncode, result["verdict"], result["tonight"], result["headline"], tuple(counts)


if __name__ == "__main__":
    sys.exit(main())
