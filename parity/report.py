"""`parity report`: the verdict as a page, on paper, as a picture, tests or a summary, and told to people."""

from __future__ import annotations

from pathlib import Path

import click

from parity import options


@click.command(name="report")
@options.folder
@click.option(
    "-o",
    "--output",
    "targets",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to, and by its ending in what form: .html (one page that needs nothing else), .pdf (ten "
    "sheets at most), .png or .svg (the first screen), .xml (JUnit) or .md (a summary). May be given again. "
    "Default: DIR/report/index.html.",
)
@click.option(
    "--tell",
    "telling",
    is_flag=True,
    help="Tell people too: GitHub's step summary and outputs, where GITHUB_STEP_SUMMARY and GITHUB_OUTPUT "
    "are set, and the webhook in PARITY_WEBHOOK_URL or in the file of PARITY_WEBHOOK_URL_FILE.",
)
@options.allow_partial
def command(folder: Path, targets: tuple[Path, ...], telling: bool, allow_partial: bool) -> None:
    """Write the report of the run in DIR; compares first where that has not been done."""
    from analysis.report import write_report
    from parity.pipeline import judge

    if not (folder / "verdict.json").exists():
        judge(folder, allow_partial=allow_partial)
    wanted = targets or (folder / "report" / "index.html",)
    write_report(folder, *wanted)
    for target in wanted:
        click.echo(target)
    if telling:
        from parity.telling import tell

        told = tell(folder)
        for each in told:
            click.echo(each, err=True)
        if not told:
            click.echo("Nobody was told: no channel is set up (docs/telling.md).", err=True)
