"""The one way in which a run's result reaches people who were not there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis import runbook, summary
from analysis.errors import EvidenceError
from analysis.report import read_verdict
from analysis.result import EXIT_CODES, Verdict
from parity.telling import github, webhook
from parity.telling.webhook import Webhook


@dataclass(frozen=True)
class Told:
    """Whether one channel took the message."""

    channel: str
    """`github summary`, `github outputs` or `webhook`."""
    trouble: str | None
    """Why it did not; None: it did."""

    def __str__(self) -> str:
        """One line for a terminal or a log."""
        return (
            f"Told: {self.channel}" if self.trouble is None else f"Not told: {self.channel}: {self.trouble}"
        )


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is told, in the forms that channels take."""

    lines: tuple[str, ...]
    """Plain text, the first line first."""
    markdown: str
    outputs: Mapping[str, str]


def tell(
    folder: Path,
    *,
    more: Sequence[str] = (),
    trouble: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Told]:
    """Tell what came of the run in `folder` on every channel that is set up; returns how that went.

    Channels are set up by environment variables: `GITHUB_STEP_SUMMARY` and `GITHUB_OUTPUT`, as GitHub sets
    them, and `PARITY_WEBHOOK_URL` or, for a secret in a file, `PARITY_WEBHOOK_URL_FILE`. A channel that
    fails is reported and never raised: the verdict and its exit code stand whoever heard of them.

    Args:
        folder: A run's folder; one without `verdict.json` is told as a run without a verdict.
        more: Lines of the caller's own, such as alarms or the age of a baseline.
        trouble: What kept the run from its end; it stands in place of whatever verdict lies there.
        environment: Instead of the process's own.
    """
    found = os.environ if environment is None else environment
    return announce(_message(folder, more=more, trouble=trouble, pages=github.runbook_address(found)), found)


def announce(message: Message, environment: Mapping[str, str]) -> list[Told]:
    """Send a message on every channel that the environment sets up; see `tell`."""
    channels: list[tuple[str, Callable[[], None]]] = []
    if summary_file := environment.get("GITHUB_STEP_SUMMARY"):
        channels.append(("github summary", lambda: github.summarize(Path(summary_file), message.markdown)))
    if output_file := environment.get("GITHUB_OUTPUT"):
        channels.append(("github outputs", lambda: github.put_out(Path(output_file), message.outputs)))
    if webhook.wanted(environment):
        link = github.run_address(environment)
        lines = [*message.lines, *([link] if link else [])]
        channels.append(("webhook", lambda: Webhook.of(environment).send(lines)))
    return [Told(channel, _tried(send)) for channel, send in channels]


def _tried(send: Callable[[], None]) -> str | None:
    try:
        send()
    except (OSError, webhook.WebhookError) as error:
        return str(error)
    return None


def _message(folder: Path, *, more: Sequence[str], trouble: str | None, pages: str) -> Message:
    if trouble is None:
        try:
            return _of_verdict(read_verdict(folder), folder, more=more, pages=pages)
        except EvidenceError as error:
            trouble = str(error)
    line = (
        f"\N{MULTIPLICATION SIGN} The run did not finish; there is no verdict. {trouble} Next: run the same"
        " command again; what was finished is kept."
    )
    return plain_message(
        line,
        more=more,
        page=f"{pages}/{runbook.NO_VERDICT}",
        verdict=None,
        exit_code=EXIT_CODES[None],
        folder=folder,
    )


def plain_message(
    line: str, *, more: Sequence[str], page: str, verdict: str | None, exit_code: int, folder: Path
) -> Message:
    """A message that is one line, lines under it, and the page of the runbook that tells what to do.

    `verdict` is for the next steps of a job; it already says so where it is a rehearsal's.
    """
    first, further = summary.one_line(line), [summary.one_line(each) for each in more]
    told = [f"**{summary.escaped(first)}**", "", *(f"- {summary.escaped(each)}" for each in further)]
    name = page.rpartition("/")[2]
    return Message(
        lines=(first, *further, f"What to do: {page}"),
        markdown="\n".join([*told, "", f"What to do: [{name}]({page})", ""]),
        outputs={
            "verdict": verdict or "none",
            "exit_code": str(exit_code),
            "summary": first,
            "folder": str(folder),
            "runbook": page,
        },
    )


def _of_verdict(verdict: Verdict, folder: Path, *, more: Sequence[str], pages: str) -> Message:
    page = runbook.page_for(verdict)
    name = verdict.verdict or "none"
    return Message(
        lines=(*summary.plain(verdict, more=more), f"What to do: {pages}/{page}"),
        markdown=summary.markdown(verdict, more=more, pages=pages),
        outputs={
            # A rehearsal proves the tool: no step may take its verdict for one about the models.
            "verdict": f"rehearsal_{name}" if verdict.rehearsal else name,
            "exit_code": str(verdict.exit_code),
            "summary": summary.first_line(verdict),
            "folder": str(folder),
            "runbook": f"{pages}/{page}",
        },
    )
