"""`parity show`: one case whole, both answers side by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from parity import options

if TYPE_CHECKING:
    from analysis.show import ArmView, CaseView, EpochView


@click.command(name="show")
@options.folder
@click.argument("case", metavar="CASE")
@options.json_output
def command(folder: Path, case: str, as_json: bool) -> None:
    """Show one case of the run in DIR: the prompt, what each arm answered, what the guardrail did, and how
    it was judged.

    CASE is a case's id, as the report lists them. Prompts and answers are printed as they are: mind who
    looks over your shoulder.
    """  # noqa: D205 - click takes the first paragraph as the summary
    from analysis.show import case_view

    view = case_view(folder, case)
    if as_json:
        click.echo(json.dumps(asdict(view), indent=2, default=str))
        return
    console = Console()
    if view.rehearsal:
        console.print(
            Text("REHEARSAL: stand-in models, nothing here is about the real ones", style="bold yellow")
        )
    console.print(_heading(view))
    for sentence in _terms(folder):
        console.print(Text(sentence, style="dim"))
    for epoch in view.epochs:
        console.print(_epoch(epoch, several=len(view.epochs) > 1))


def _terms(folder: Path) -> list[str]:
    """On what the run's verdict stands; nothing where none was reached yet."""
    from analysis.report import read_verdict
    from analysis.terms import sentences

    return sentences(read_verdict(folder), brief=True) if (folder / "verdict.json").is_file() else []


def _heading(view: CaseView) -> RenderableType:
    table = Table(show_header=False, box=None, title=f"{view.suite} / {view.case}", title_justify="left")
    for name, fact in view.facts.items():
        if fact is not None and name not in {"material", "payload"}:
            table.add_row(name, Text(str(fact)))
    if view.payload is not None:
        table.add_row("protected", Text(view.payload))
    return table


def _epoch(epoch: EpochView, *, several: bool) -> RenderableType:
    judged = Table(show_header=False, box=None)
    for metric, judgement in epoch.judgement.items():
        judged.add_row(metric, judgement)
    parts: list[RenderableType] = [
        Panel(Text(epoch.prompt), title=f"prompt, epoch {epoch.epoch}" if several else "prompt"),
        Columns([_arm(name, arm) for name, arm in epoch.arms.items()], equal=True, expand=True),
        Panel(judged, title="judgement"),
    ]
    return Group(*parts)


def _arm(name: str, arm: ArmView) -> Panel:
    text = Text()
    _section(text, "answer", [arm.text if arm.text is not None else "no call on record"])
    _section(text, "reasoning", [arm.reasoning] if arm.reasoning else [])
    _section(text, "said before the guardrail", arm.raw)
    _section(text, "guardrail found", arm.findings)
    _section(text, "missing because", [arm.missing] if arm.missing else [])
    _section(text, "facts", [f"{fact}: {_word(value)}" for fact, value in arm.facts.items()])
    _section(text, "evidence", [f"{key}: {value}" for key, value in arm.evidence.items()])
    return Panel(text, title=f"{name}: {arm.outcome}")


def _section(text: Text, title: str, lines: Iterable[str]) -> None:
    if lines := list(lines):
        text.append(f"{title}\n", style="bold")
        text.append("\n".join(lines) + "\n\n")


def _word(fact: bool | None) -> str:
    return "unknown" if fact is None else "yes" if fact else "no"
