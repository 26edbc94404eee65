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
@click.option(
    "--pack",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.zip",
    help="Write the evidence pack for an auditor, without any text of a prompt or answer (docs/evidence.md).",
)
@click.option(
    "--with-logs", is_flag=True, help="Put the logs into the pack; they hold all texts: needs --reveal."
)
@click.option(
    "--reveal",
    metavar="REASON",
    help="Leave protected values in the texts of cases on the page, or let the pack hold texts, and say why. "
    "The page says so and DIR/revealed.jsonl records it; of a pack, pack and ledger do.",
)
@options.allow_partial
def command(
    folder: Path,
    targets: tuple[Path, ...],
    telling: bool,
    pack: Path | None,
    with_logs: bool,
    reveal: str | None,
    allow_partial: bool,
) -> None:
    """Write the report of the run in DIR; compares first where that has not been done."""
    if with_logs and not reveal:
        raise click.UsageError(
            "--with-logs packs the texts of all prompts and answers; say why: --reveal REASON."
        )
    if with_logs and pack is None:
        raise click.UsageError("--with-logs is about a pack; name it with --pack FILE.zip.")
    from analysis.report import check_endings, write_report
    from parity.pipeline import judge

    check_endings(targets)
    if not (folder / "verdict.json").exists():
        judge(folder, allow_partial=allow_partial)
    wanted = targets or (() if pack or telling else (folder / "report" / "index.html",))
    if wanted:
        write_report(folder, *wanted, reveal=reveal)
    for target in wanted:
        click.echo(target)
    if pack is not None:
        from parity.pack.assemble import assemble

        sha256 = assemble(folder, pack, with_logs=with_logs, reveal=reveal)
        click.echo(f"{pack}\nsha256 {sha256}")
    if telling:
        from parity.telling import tell

        told = tell(folder)
        for each in told:
            click.echo(each, err=True)
        if not told:
            click.echo("Nobody was told: no channel is set up (docs/telling.md).", err=True)
