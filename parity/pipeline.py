"""Plan, suites, verdict, report: the one way that a run takes, for the rehearsal and for AWS alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from analysis.result import EXIT_CODES, Verdict
from parity.manifest import Manifest, begin
from parity.processes import SuiteOutcome, run_suites
from parity.purse import Purse
from parity.registration.freeze import Registration
from parity.registration.runs import PLAN_FILE, enter
from suites.arms import arms_file
from suites.batch import DATASETS, batch_digest
from suites.plan import Plan
from suites.registered import UnderPlan
from suites.suite import load_suite


def plan(
    *,
    rehearsal: bool,
    suites: Sequence[str],
    arms: str,
    batches: Path | None = None,
    full: bool,
    limit: int | None,
    epochs: int,
    grader: str | None = None,
    seed: int | None = None,
    plants: Sequence[str] = (),
    faults: Path | None = None,
    registration: Registration | None = None,
) -> Manifest:
    """Everything that was asked for, read and checked before anything is started.

    Raises:
        RegistrationError: A suite, its batch or the arms file is not what it should be.
    """
    file = arms_file(arms)
    return Manifest(
        rehearsal=rehearsal,
        suites=tuple(suites),
        suite_versions={suite: load_suite(suite).version for suite in suites},
        batches={suite: batch_digest(suite, batches or DATASETS) for suite in suites},
        arms=arms if not Path(arms).exists() else str(file.resolve()),
        arms_sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        batches_folder=None if batches is None else str(batches.resolve()),
        full=full,
        limit=limit,
        epochs=epochs,
        grader=grader,
        seed=seed,
        plants=tuple(sorted(plants)),
        plan_sha256=registration.plan.sha256 if registration else None,
        faults_sha256=hashlib.sha256(faults.read_bytes()).hexdigest() if faults else None,
    )


def execute(
    manifest: Manifest,
    *,
    out: Path,
    endpoint_url: str | None,
    retry_missing: bool,
    allow_partial: bool,
    as_json: bool,
    registration: Registration | None = None,
    purse: Purse | None = None,
) -> int:
    """Run the plan in `out`, write verdict and report, say what came of it; returns the exit code.

    With `retry_missing` the plan has been run, and only the pairs without an answer are asked again. Every
    start is entered in the ledger, and so is how it ended. Where the purse is empty before all is asked, the
    run is incomplete, and the same command with more money finishes it.

    Raises:
        RegistrationError: `out` belongs to another plan.
        EvidenceError: The logs cannot be judged.
        KeyboardInterrupt: Stopped by the user, with every finished case kept.
    """
    console = Console(stderr=True)
    if begin(out, manifest):
        console.print(f"Continuing {out}: finished cases are kept.")
    with entered(out, manifest, registration, console) as entry:
        return _execute(
            manifest,
            entry,
            out=out,
            endpoint_url=endpoint_url,
            retry_missing=retry_missing,
            allow_partial=allow_partial,
            as_json=as_json,
            console=console,
            purse=purse,
        )


def _execute(
    manifest: Manifest,
    entry: Entered,
    *,
    out: Path,
    endpoint_url: str | None,
    retry_missing: bool,
    allow_partial: bool,
    as_json: bool,
    console: Console,
    purse: Purse | None,
) -> int:
    try:
        outcomes = run_suites(
            manifest,
            logs=out / "logs",
            endpoint_url=endpoint_url,
            retry_missing=retry_missing,
            console=console,
            plan=entry.plan_file,
            purse=purse,
        )
    except KeyboardInterrupt:
        console.print(f"Run the same command with --out {out} to finish the rest.")
        raise
    _tell(outcomes, console)
    with console.status("Comparing and writing the report ..."):
        seek_causes(out, endpoint_url=endpoint_url, console=console)
        verdict = judge(out, allow_partial=allow_partial)
        entry.reached = verdict
        pages = write_pages(out)
    conclude(verdict, as_json=as_json)
    if not as_json:
        for page in pages:
            click.echo(f"Report: {page}")
    return verdict.exit_code


@dataclass
class Entered:
    """A start of a run that is in the ledger."""

    plan_file: Path | None
    """What the suites' processes register of the plan; None: the run is under none."""
    reached: Verdict | None = None


@contextmanager
def entered(
    out: Path, manifest: Manifest, registration: Registration | None, console: Console
) -> Iterator[Entered]:
    """Enter a start in the ledger, and at the end how it ended, whatever ended it.

    Raises:
        RegistrationError: Under a plan: the ledger does not know it, or cannot be relied on.
    """
    entry = enter(out, manifest, registration)
    if entry.trouble:
        console.print(f"Not entered in the ledger: {entry.trouble}", markup=False, highlight=False)
    start = Entered(plan_file=out / PLAN_FILE if registration else None)
    try:
        yield start
    finally:
        reached = start.reached
        trouble = entry.end(
            out,
            verdict=reached.verdict if reached else None,
            exit_code=reached.exit_code if reached else EXIT_CODES[None],
        )
        if trouble and not entry.trouble:
            console.print(f"Not entered in the ledger: {trouble}", markup=False, highlight=False)


def seek_causes(folder: Path, *, endpoint_url: str | None, console: Console) -> None:
    """Show the guardrail alone what both models said on the pairs that differ, and keep what it did.

    What stays unanswered leaves causes unknown and changes no verdict.
    """
    from analysis.attribution import wanted

    if pairs := wanted(folder):
        from evals.swap import show_again

        if unanswered := show_again(folder, pairs, endpoint_url=endpoint_url):
            console.print(
                f"{unanswered} recorded texts could not be shown to the guardrail again; why the arms differ "
                "there stays unknown. The same command asks again."
            )


def judge(folder: Path, *, allow_partial: bool, laid_over: tuple[Plan, UnderPlan] | None = None) -> Verdict:
    """Read the logs of a folder, reach the verdict and write `verdict.json` beside them.

    `laid_over` is a plan for logs that were made under none, with what a run under it registers.
    """
    from analysis.compare import compare, write_verdict

    verdict = compare(folder, allow_partial=allow_partial, laid_over=laid_over)
    write_verdict(verdict, folder / "verdict.json")
    return verdict


def write_pages(folder: Path) -> list[Path]:
    """Write the report as a page, with every picture beside it, and on paper; returns the two."""
    from analysis.report import write_report

    pages = [folder / "report" / "index.html", folder / "report" / "report.pdf"]
    write_report(folder, *pages)
    return pages


def conclude(verdict: Verdict, *, as_json: bool) -> None:
    """Say the verdict on standard output: as JSON alone, or as one line and a table."""
    if as_json:
        click.echo(verdict.model_dump_json(indent=2, by_alias=True))
        return
    from analysis.terminal import verdict_table

    Console().print(verdict_table(verdict))


def _tell(outcomes: Sequence[SuiteOutcome], console: Console) -> None:
    for outcome in outcomes:
        if outcome.status != "success":
            console.print(f"[bold red]{outcome.suite}: {outcome.status}[/]", highlight=False)
            console.print(outcome.message or "no message", markup=False, highlight=False)
        elif outcome.message:
            console.print(f"{outcome.suite}: {outcome.message}", markup=False, highlight=False)
