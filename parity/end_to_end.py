"""Runs from end to end beside a drill's replay: a service with a fault in it, asked from the start.

The fault begins after the proof. One that strikes canaries too ends a run before its first case, and so says
nothing of what the comparison makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from analysis import drill
from analysis.agreement import Agreement, Beside, Change, Key, agreement
from analysis.drill import Drill, Point, Share
from analysis.finding import VerdictName
from analysis.records import SuiteRecords, read_folder
from evals.rehearsal import child
from evals.rehearsal.faults import AFTER_PROOF
from parity.drilling import changes
from parity.manifest import FILE, Manifest
from parity.processes import run_suites
from suites.errors import RegistrationError

_REGRESSION: VerdictName = "regression"
_PARITY: VerdictName = "parity"


def from_end_to_end(
    result: Drill, folder: Path, *, kinds: Sequence[str], rates: Sequence[float], runs: int, console: Console
) -> Drill:
    """The drill with whole rehearsals beside it: `runs` undisturbed, and as many for each kind and rate.

    Each has a seed of its own; the drilled run is the first of the undisturbed ones. The others have a folder
    beside the run's, whose own logs they must not mix with; one that was finished is not run again. What the
    replay makes of an undisturbed one is held against those of the same seed.

    Raises:
        RegistrationError: The run asked AWS, in which nothing can be planted, or a service that was broken
            already.
    """
    manifest = undisturbed(folder)
    home = folder.with_name(f"{folder.name}-drill")
    own = manifest.seed or 0
    seeds = [own + place for place in range(runs)]
    quiet = {seed: _run(home, manifest, None, seed, console) for seed in seeds[1:]}
    quiet = {own: read_folder(folder), **quiet}
    replayed = {seed: changes(suites) for seed, suites in quiet.items() if _whole(suites)}
    points, agreements = [], []
    for kind, rate in ((kind, rate) for kind in kinds for rate in rates):
        loud = {seed: _run(home, manifest, f"{kind}={rate:g}", seed, console) for seed in seeds}
        points.append(_point(kind, rate, list(loud.values())))
        of_kind = {seed: found[kind] for seed, found in replayed.items()}
        agreements.append(_agreement(kind, rate, quiet, loud, of_kind))
    kept = [each for each in result.points if each.replayed]
    return result.model_copy(
        update={
            "points": (*kept, *points),
            "live": Share.count([drill.judged(each) for each in quiet.values()].count(_REGRESSION), runs),
            "agreement": tuple(agreements),
        }
    )


def undisturbed(folder: Path) -> Manifest:
    """What the rehearsal in a folder asked, if a service can be broken for it and was whole then.

    Raises:
        RegistrationError: It asked AWS, or a service with faults in it.
    """
    manifest = Manifest.model_validate_json((folder / FILE).read_bytes())
    if not manifest.rehearsal:
        raise RegistrationError(
            "--live asks a service in which faults are planted, and this run asked AWS. Leave it out: the"
            " replay needs no service."
        )
    if manifest.plants or manifest.faults_sha256:
        broken = ", ".join(manifest.plants) or "those of a file of faults"
        raise RegistrationError(
            f"--live needs an undisturbed rehearsal to begin with, and {folder} was made with faults"
            f" ({broken}). Leave --live out, or drill a run without --plant and --faults."
        )
    return manifest


def _run(
    home: Path, manifest: Manifest, plant: str | None, seed: int, console: Console
) -> list[SuiteRecords]:
    plants = () if plant is None else (f"{plant}@{AFTER_PROOF}",)
    name = f"{plant or 'undisturbed'}-{seed}"
    logs = home / name / "logs"
    console.print(f"From end to end: {name}", highlight=False)
    again = manifest.model_copy(update={"seed": seed, "plants": plants})
    with child.start(seed=seed, plants=plants) as bedrock:
        run_suites(again, logs=logs, endpoint_url=bedrock.endpoint_url, retry_missing=False, console=console)
    return read_folder(logs)


def _whole(suites: Sequence[SuiteRecords]) -> bool:
    return all(each.attached and not each.unfinished for each in suites)


def _point(kind: str, rate: float, loud: Sequence[Sequence[SuiteRecords]]) -> Point:
    reached = [drill.judged(each) for each in loud]
    return Point(
        kind=kind,
        rate=rate,
        struck=None,
        of_answers=None,
        noticed=Share.count(reached.count(_REGRESSION), len(reached)),
        unsigned=Share.count(len(reached) - reached.count(_PARITY), len(reached)),
        replayed=False,
    )


def _agreement(
    kind: str,
    rate: float,
    quiet: Mapping[int, Sequence[SuiteRecords]],
    loud: Mapping[int, Sequence[SuiteRecords]],
    replayed: Mapping[int, Mapping[Key, Change]],
) -> Agreement:
    beside = [
        Beside(quiet[seed], loud[seed], of_kind) for seed, of_kind in replayed.items() if _whole(loud[seed])
    ]
    alike = sum(
        drill.judged(drill.disturbed(each.undisturbed, each.changes, each.struck()))
        == drill.judged(each.planted)
        for each in beside
    )
    return agreement(kind, rate, beside, left_out=len(loud) - len(beside), ended_alike=alike)
