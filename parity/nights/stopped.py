"""How a night ends without a verdict: why, what happened, and what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from analysis.errors import EvidenceError
from analysis.history.store import History
from analysis.result import EXIT_CODES
from parity.nights.config import NightlyConfig
from parity.nights.result import Cause
from parity.processes import SuiteOutcome
from parity.purse import Purse
from suites.errors import RegistrationError

AGAIN = "Start the night again: finished cases are kept."
_USAGE_ERROR = 2


class Stopped(Exception):  # noqa: N818 - it is how a night ends, and not always by a fault
    """The night ends here, without a verdict.

    Args:
        cause: Why, in a word.
        what: What happened.
        do: What to do about it.
        exit_code: Of the command.
    """

    def __init__(self, cause: Cause, what: str, do: str = AGAIN, exit_code: int = EXIT_CODES[None]) -> None:
        super().__init__(what)
        self.cause: Cause = cause
        self.what = what
        self.do = do
        self.exit_code = exit_code


@contextmanager
def configured() -> Iterator[None]:
    """What is registered wrongly ends the night as a usage error does, but told and kept.

    Raises:
        Stopped: Instead of a RegistrationError.
    """
    try:
        yield
    except RegistrationError as error:
        raise Stopped(
            "configuration", f"{error}", "Mend that and start the night again.", _USAGE_ERROR
        ) from error


@contextmanager
def kept(config: NightlyConfig) -> Iterator[History]:
    """The history; where it fails the night has no alarms, and so no verdict.

    Raises:
        Stopped: It cannot be opened, read or written.
    """
    try:
        with History(config.history_url) as history:
            yield history
    except EvidenceError as error:
        raise Stopped("history", str(error)) from error
    except RegistrationError as error:
        raise Stopped("configuration", str(error), exit_code=_USAGE_ERROR) from error


def unfinished(outcomes: Sequence[SuiteOutcome], until: float | None, purse: Purse | None) -> Stopped:
    """Why not everything was asked: the time, the money, or what ended the suites.

    Args:
        outcomes: Of the suites that did not come to their end.
        until: When the time is used up, by `time.monotonic`; None: it is not limited.
        purse: What the night may spend; None: that is not limited.
    """
    if until is not None and time.monotonic() >= until:
        return Stopped("time", "the time budget was used up.")
    if purse is not None and any(each.status == "cancelled" for each in outcomes):
        return Stopped("money", f"the budget is used up ({purse.told}).", "Raise budgets.usd to finish it.")
    told = "; ".join(
        f"{each.suite} ended as {each.status} ({(each.message or 'no message').splitlines()[0]})"
        for each in outcomes
    )
    return Stopped("unfinished", f"{told or 'a log is not whole'}.")
