"""`parity report`: the verdict as a page or a picture."""

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
    help="Where to, and by its ending in what form: .html (one page that needs nothing else) or .png. "
    "May be given again. Default: DIR/report/index.html.",
)
@options.allow_partial
def command(folder: Path, targets: tuple[Path, ...], allow_partial: bool) -> None:
    """Write the report of the run in DIR; compares first where that has not been done."""
    from analysis.report import write_report
    from parity.pipeline import judge

    if not (folder / "verdict.json").exists():
        judge(folder, allow_partial=allow_partial)
    for target in targets or (folder / "report" / "index.html",):
        write_report(folder, target)
        click.echo(target)
