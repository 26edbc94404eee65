"""The ledger: one line for every plan that was registered, and for every run's beginning and end.

A file of JSON lines. Each holds the sha256 of the line before it, so that a line that was changed, taken
out or put in shows. That the last lines were cut off does not show by itself: each run's folder and each
evidence pack hold the digest of a line of theirs, and `parity ledger verify DIR` looks for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from suites.errors import RegistrationError
from suites.files import write_atomically

VARIABLE = "PARITY_LEDGER"
DEFAULT = Path("results") / "ledger.jsonl"
FIRST = "0" * 64
"""What the first line holds as the digest of the line before it."""
_PATIENCE_S = 60.0

Kind = Literal["plan", "begun", "resumed", "ended", "revealed"]


class Line(BaseModel):
    """One line; what a kind does not have is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    previous: str
    """sha256 of the line before, without its line end."""
    at: AwareDatetime
    kind: Kind
    run: str | None = None
    """The run's id, the same for all that happens in its folder."""
    folder: str | None = None
    rehearsal: bool | None = None
    plan: str | None = None
    plan_sha256: str | None = None
    attempt: int | None = None
    """Of the plan, counted over all runs that were begun under it."""
    suites: tuple[str, ...] | None = None
    models: dict[str, str] | None = None
    verdict: str | None = None
    exit_code: int | None = None
    verdict_sha256: str | None = None
    """Of `verdict.json`."""
    by: str | None = None
    why: str | None = None


class Ledger:
    """A ledger's file; it need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def here(cls) -> Ledger:
        """The one that PARITY_LEDGER names, else `results/ledger.jsonl` of the current folder."""
        return cls(Path(os.environ.get(VARIABLE) or DEFAULT))

    def lines(self) -> list[tuple[Line, str]]:
        """Every line with its digest.

        Raises:
            RegistrationError: The chain is broken, or the file cannot be read.
        """
        raw = self.raw()
        if faults := list(check(raw)):
            raise RegistrationError(
                f"The ledger {self.path} was changed: {faults[0]}. Put back the copy from before, or name"
                f" another ledger in {VARIABLE}; attempts at a plan are counted in the ledger it was"
                " registered in."
            )
        return [(Line.model_validate_json(line), digest(line)) for line in raw]

    def append(self, kind: Kind, **facts: Any) -> tuple[Line, str]:
        """Add a line; returns it with its digest.

        A broken chain is continued from its last line, and stays as visibly broken as it was.

        Raises:
            RegistrationError: The file cannot be written to.
        """
        with self.locked():
            return self.append_locked(kind, **facts)

    def append_locked(self, kind: Kind, **facts: Any) -> tuple[Line, str]:
        """`append` within `locked`."""
        raw = self.raw()
        line = Line(
            number=len(raw) + 1,
            previous=digest(raw[-1]) if raw else FIRST,
            at=datetime.now(UTC).replace(microsecond=0),
            kind=kind,
            **facts,
        )
        written = line.model_dump_json(exclude_none=True).encode()
        try:
            write_atomically(self.path, b"".join(each + b"\n" for each in (*raw, written)))
        except OSError as error:
            raise RegistrationError(f"The ledger {self.path} cannot be written to: {error}") from None
        return line, digest(written)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else appends within this context.

        Raises:
            RegistrationError: The ledger cannot be written to, or is in use for too long.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(f"{self.path}.lock", timeout=_PATIENCE_S)
            lock.acquire()
        except Timeout:
            raise RegistrationError(
                f"The ledger {self.path} was in use for {_PATIENCE_S:g} s. If no run is going, remove"
                f" {self.path}.lock."
            ) from None
        except OSError as error:
            raise RegistrationError(f"The ledger {self.path} cannot be written to: {error}") from None
        try:
            yield
        finally:
            lock.release()

    def raw(self) -> list[bytes]:
        """The lines as they are in the file, without line ends; none where there is no file.

        Raises:
            RegistrationError: The file cannot be read.
        """
        try:
            return self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RegistrationError(f"The ledger {self.path} cannot be read: {error}") from None


def digest(line: bytes) -> str:
    """sha256 of a line without its line end."""
    return hashlib.sha256(line).hexdigest()


def check(raw: Sequence[bytes]) -> Iterator[str]:
    """Every place where a chain of lines is broken, in words; nothing where it is whole."""
    before = FIRST
    for number, line in enumerate(raw, 1):
        try:
            read = Line.model_validate_json(line)
        except ValidationError as error:
            yield f"line {number} is no line of a ledger ({error.errors()[0]['msg']})"
        else:
            if read.number != number:
                yield f"line {number} says that it is line {read.number}; a line was taken out or put in"
            if read.previous != before:
                yield (
                    f"line {number} follows a line with sha256 {read.previous[:12]}, but line {number - 1}"
                    f" has {before[:12]}: one of them was changed"
                )
        before = digest(line)
