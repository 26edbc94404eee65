"""The command line: which commands there are, and how an error becomes a message and an exit code."""

from __future__ import annotations

import importlib
import signal
import sys
import traceback
from typing import Any

import click

from analysis.errors import EvidenceError, RequestError
from analysis.result import EXIT_CODES
from suites.errors import RegistrationError

COMMANDS = {
    "rehearse": "Run everything against the local stand-in for Bedrock.",
    "init": "Write an arms file, after asking the account what exists.",
    "doctor": "Is the guardrail there, in front of both models?",
    "run": "Run everything against AWS.",
    "nightly": "Run a night that nobody watches, and set it beside the nights before.",
    "baseline": "Pin a run that later nights are compared with; list what is pinned.",
    "history": "What a job's nights show together: trend, alarms, breaks.",
    "compare": "Reach the verdict from a folder of logs.",
    "report": "Write the report as a page, on paper, or as a picture.",
    "verify": "Check an evidence pack: every digest, and the verdict made again.",
    "show": "One case: both answers, both traces, the judgement.",
    "batch": "Bring prompts of your own: check them, import them.",
    "adjudicate": "People settle what judges said of answers; the verdict is made again.",
    "interval": "The exact interval for counts typed by hand.",
    "register": "Settle a comparison before it is run: a plan with a digest.",
    "ledger": "Every plan and every run there was; verify that none was left out.",
    "drill": "How often a run would have noticed a regression of known size.",
    "plan": "How many pairs a margin needs, or what a batch can show.",
    "guardrails": "Guardrails as code: deploy, diff, show, delete.",
    "serve": "Run the local stand-in for Bedrock for any client.",
}
"""The commands in the order in which a new user meets them; each is `command` in a module of its name."""

EPILOG = """\b
Exit codes
  0  protection shown to be within the agreed limits
  1  regression: the candidate is worse
  2  usage error: a wrong option, name or file
  3  inconclusive: not shown, or only a part of the plan was run
  4  not comparable: the guardrail was not proved to be there
  5  incomplete: the run did not finish, so there is no verdict
What to do about each: docs/runbook/

Start with `parity rehearse`: it needs no AWS account and no network.
"""

USAGE_ERROR = 2
INCOMPLETE = EXIT_CODES[None]


class Door(click.Group):
    """Loads a command's module when it is asked for, and turns known errors into one clear message."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing them, so that --help answers at once."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None, upon which click lists near names."""
        if cmd_name not in COMMANDS:
            ctx.fail(f"No such command {cmd_name!r}. There are: {', '.join(COMMANDS)}.")
        command = importlib.import_module(f"parity.{cmd_name}").command
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; bad input and unusable evidence end in a message, never in a traceback.

        A fault of our own shows its traceback, since somebody has to mend it, and ends as incomplete:
        Python's own exit code for it would read as a regression.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            return super().invoke(ctx)
        except (RegistrationError, RequestError) as error:
            _say(str(error))
            sys.exit(USAGE_ERROR)
        except EvidenceError as error:
            _say(str(error))
            sys.exit(INCOMPLETE)
        except KeyboardInterrupt:
            _say("Interrupted. No verdict was reached.")
            sys.exit(INCOMPLETE)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:  # noqa: BLE001 - whatever else it is must not end with the code of a regression
            traceback.print_exc()
            _say("This is a fault of parity itself, shown above. No verdict was reached.")
            sys.exit(INCOMPLETE)


def _say(message: str) -> None:
    click.echo(click.style("Error: ", fg="red", bold=True) + message, err=True)


@click.group(
    cls=Door,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="guardrail-parity")
def main() -> None:
    """Does one Bedrock guardrail protect as well before a candidate model as before a reference?

    The same prompts go through the same guardrail in front of both models. Paired statistics say
    whether the candidate is worse, and by how much at most. What was not measured never passes.
    """


if __name__ == "__main__":
    main()
