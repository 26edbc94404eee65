"""Runs one suite in this process and tells about it in JSON lines; run again, it finishes what is left.

    python -m evals.runner --suite pii --arms rehearsal --log-dir DIR

It prints {"event": "start", "samples": n}, {"event": "sample", "done": k, "used": {arm: {...}}} and at last
{"event": "end", "status": "success" | "error" | "cancelled", "log": path, "message": text or null}. `used` is
what each arm's calls took since the run began, as `suites.prices.Used` has it. The exit code is 0
after success, 1 after an error, 2 when something given is not right, and 130 or 143 when it was
interrupted; finished samples stay in the log then. With --until-stdin-closes it also counts as
interrupted when standard input ends, as it does when the process that started it dies.

More samples than one log may hold are asked in parts, one after the other, each with a log of its own and
proved anew.

With --retry-missing a finished folder is asked again, in a log of its own, for the pairs that lack an
observation of either arm.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, NoReturn, TextIO

from inspect_ai import eval as inspect_eval
from inspect_ai import eval_retry
from inspect_ai.hooks import Hooks, SampleEnd, TaskStart, hooks
from inspect_ai.log import EvalLog
from pydantic import ValidationError

from evals import attempts as earlier
from evals.endpoint import VARIABLE
from evals.judge.grader import ROLE
from evals.parts import SAMPLES_OF_A_PART
from evals.suite_task import FOR_PEOPLE, Intent, intent
from suites.errors import RegistrationError, malformed, unknown
from suites.prices import Used, count
from suites.registered import KEY, UnderPlan
from suites.suite import suite_names

_FOLDER = Path(__file__).resolve().parent

_STOPS = (signal.SIGINT, signal.SIGTERM)
_CALLS_AT_ONCE = 10
"""To each arm, so that about thirty are in flight."""
_CASES_AT_ONCE = 20
"""More than calls to an arm: while one case is judged and logged, another's calls are on their way."""
_LOST_AT_MOST = 24
"""Finished samples between two writes of the log: what a killed process takes with it."""

_COLLECT_AFTER = (50_000, 20, 100)
"""Objects made, and rounds, between two looks for garbage. Python's own 700 fit small programs: a sample
makes more than that, and each look goes through what Inspect keeps of all the others."""

SETTINGS: dict[str, Any] = {
    "display": "none",
    "log_level": "error",
    "max_samples": _CASES_AT_ONCE,
    "max_connections": _CALLS_AT_ONCE,
    "log_buffer": _LOST_AT_MOST,
    "log_realtime": False,
    "score_display": False,
    "ctl_server": False,
}


class _Progress:
    """What is told while the suite runs."""

    told = False
    done = 0
    events: TextIO = sys.stdout
    used: ClassVar[dict[str, Used]] = {}


@hooks(name="parity_progress", description="Tells the finished samples of a suite's run as JSON lines.")
class ProgressHooks(Hooks):
    """Inspect calls these while a task runs."""

    def enabled(self) -> bool:
        """Only in a process that is this runner."""
        return _Progress.told

    async def on_task_start(self, data: TaskStart) -> None:
        """Tell how much there is to do."""
        config, samples = data.spec.config, data.spec.dataset.samples or 0
        limit = config.limit if isinstance(config.limit, int) else samples
        part = ((data.spec.metadata or {}).get(KEY) or {}).get("part")
        tell("start", samples=part["samples"] if part else min(limit, samples) * (config.epochs or 1))
        if _Progress.done:
            _tell_sample()

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Tell that one more is done."""
        score = (data.sample.scores or {}).get(earlier.SCORER)
        count(_Progress.used, (score and score.metadata) or {})
        if data.sample.error is None:
            _Progress.done += 1
            _tell_sample()


def main(arguments: Sequence[str] | None = None, *, events: TextIO = sys.stdout) -> int:
    """Run one suite, and tell about it in `events`; returns the exit code.

    One process may run several, one after the other.
    """
    given = _parser().parse_args(arguments)
    gc.set_threshold(*_COLLECT_AFTER)
    _Progress.told = True
    _Progress.events = events
    while (code := _run_part(given)) is None:
        if arguments is None:
            _start_over()
    return code


def _start_over() -> NoReturn:
    """Become a fresh process of the same number, which finds on disk what is done.

    What a part took of memory would not go back to the system: others lie between.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the very command that this is


def _run_part(given: argparse.Namespace) -> int | None:
    """Ask one part of what is left; the exit code, None where another part is to come."""
    _Progress.done = 0
    _Progress.used.clear()
    interrupted: list[int] = []

    def terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler
        interrupted.append(number)
        signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGTERM, terminate)
    # A shell starts what it puts in the background deaf to Ctrl-C, and a stop is sent as that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    if given.until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    folder: Path = given.log_dir.resolve()
    try:
        # Inspect has things to say on standard output too, which here is for events alone.
        with contextlib.redirect_stdout(sys.stderr):
            log, message = _run(given, folder)
    except KeyboardInterrupt:
        log = message = None
    except FOR_PEOPLE as error:
        tell("end", status="error", log=None, message=str(error))
        return 2
    if log is None or log.status == "cancelled":
        left = earlier.attempts(folder)
        kept = earlier.kept(left) if left else 0
        tell(
            "end",
            status="cancelled",
            log=str(left[0].path) if left else None,
            message=f"Interrupted; {kept} finished samples are kept. Run the same again to finish the rest.",
        )
        return 128 + (interrupted[0] if interrupted else signal.SIGINT)
    return _conclude(log, folder, message)


def tell(event: str, **facts: Any) -> None:
    """Print one event."""
    _Progress.events.write(json.dumps({"event": event, **facts}) + "\n")
    _Progress.events.flush()


def _tell_sample() -> None:
    tell(
        "sample",
        done=_Progress.done,
        used={arm: asdict(used) for arm, used in sorted(_Progress.used.items())},
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals.runner", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--suite", required=True)
    parser.add_argument("--arms", default="rehearsal", help="name or path of an arms file")
    parser.add_argument("--log-dir", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--batches", help="folder of batches; default: the shipped ones")
    parser.add_argument("--full", action="store_true", help="all cases, not the default part alone")
    parser.add_argument("--grader", help="an Inspect model that judges answers without a payload")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument(
        "--samples-of-a-part", type=int, default=SAMPLES_OF_A_PART, help="how many samples one log may hold"
    )
    parser.add_argument("--plan", type=Path, help="file that says under which registered plan this runs")
    parser.add_argument("--endpoint-url")
    parser.add_argument(
        "--retry-missing",
        action="store_true",
        help="ask again for the pairs that a finished run left without an observation",
    )
    parser.add_argument("--until-stdin-closes", action="store_true")
    return parser


def _stop_at_end_of_input() -> None:
    # Not through sys.stdin, whose lock a thread waiting here would hold when the interpreter ends.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _run(given: argparse.Namespace, folder: Path) -> tuple[EvalLog | None, str | None]:
    """The log, None where the run was interrupted before there was one; and what to say of its success."""
    if given.suite not in suite_names():
        raise unknown("suite", given.suite, suite_names())
    if given.endpoint_url:
        os.environ[VARIABLE] = given.endpoint_url
    plan = _plan(given.plan) if given.plan else None
    folder.mkdir(parents=True, exist_ok=True)
    left = earlier.attempts(folder)
    latest = left[0] if left else None
    for arm, used in earlier.used(left):
        _Progress.used.setdefault(arm, Used()).take(used)
    if given.retry_missing and (latest is None or (latest.number == 1 and not latest.ended)):
        raise RegistrationError(
            f"{folder} holds no finished log of {given.suite} whose missing pairs could be asked again."
            " Run the same without --retry-missing first."
        )
    meant = Intent(
        epochs=given.epochs,
        plan=plan,
        limit=None if given.retry_missing else given.limit,
        samples_of_a_part=given.samples_of_a_part,
    )
    if latest is None:
        return _ask(meant, None, given, folder), None
    whole = earlier.first(left)
    earlier.check_same_plan(whole, limit=given.limit, epochs=given.epochs)
    number = latest.number
    if latest.ended:
        if not given.retry_missing or not earlier.missing(left):
            _Progress.done = earlier.kept(left)
            tell("start", samples=_Progress.done)
            _tell_sample()
            return (
                latest.header,
                "No pair is missing: nothing was asked again." if given.retry_missing else None,
            )
        number += 1
    else:
        _Progress.done = earlier.kept(left)
    again = earlier.missing(left, before=number) if number > 1 else None
    meant = replace(meant, continued=whole.registered, attempt=number, again=again)
    return _ask(meant, None if latest.ended else latest, given, folder), None


def _ask(
    meant: Intent, latest: earlier.Attempt | None, given: argparse.Namespace, folder: Path
) -> EvalLog | None:
    """Ask one part: the one that `latest` left unfinished, or the one after it."""
    if latest is None or latest.finished:
        intent.set(replace(meant, part=1 if latest is None else latest.part + 1))
        return _begin(given, folder)
    intent.set(replace(meant, part=latest.part))
    return _continue(latest, folder)


def _done(log: EvalLog | None, left: Sequence[earlier.Attempt]) -> earlier.Attempt | None:
    """What the log holds, where it came to its end with all that was asked in it."""
    found = (each for each in left if log is not None and str(each.path) == log.location)
    done = next(found, None)
    return (
        done if log is not None and log.status == "success" and done is not None and done.finished else None
    )


def _plan(file: Path) -> UnderPlan:
    try:
        return UnderPlan.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise malformed(file, error) from None
    except OSError as error:
        raise RegistrationError(f"{file} cannot be read: {error}") from None


def _begin(given: argparse.Namespace, folder: Path) -> EvalLog | None:
    logs = inspect_eval(
        f"{_FOLDER / given.suite}.py@{given.suite}",
        task_args={"arms": given.arms, "full": given.full, "batches": given.batches},
        log_dir=str(folder),
        limit=None if given.retry_missing else given.limit,
        epochs=given.epochs,
        model_roles={ROLE: given.grader} if given.grader else None,
        **SETTINGS,
    )
    return logs[0] if logs else None


def _continue(attempt: earlier.Attempt, folder: Path) -> EvalLog | None:
    logs = eval_retry(str(attempt.path), log_dir=str(folder), **SETTINGS)
    return logs[0] if logs else None


def _conclude(log: EvalLog, folder: Path, message: str | None) -> int | None:
    left = earlier.attempts(folder)
    done = _done(log, left)
    if done is not None:
        earlier.keep_only(folder, done)
        if not done.ended:
            return None
        tell("end", status="success", log=log.location, message=message or _answered(left, done.number))
        return 0
    message = log.error.message if log.error else "the log does not hold all the samples that were asked for"
    tell("end", status="error", log=log.location, message=message)
    return 1


def _answered(left: Sequence[earlier.Attempt], number: int) -> str | None:
    """How many of the pairs that were asked again are observed now; None where none was."""
    if number == 1:
        return None
    asked, still = (
        sum(map(len, earlier.missing(left, before=before).values())) for before in (number, number + 1)
    )
    return f"Attempt {number}: of {asked} missing pairs asked again, {asked - still} are observed now."


if __name__ == "__main__":
    sys.exit(main())
