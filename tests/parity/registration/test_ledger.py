"""The ledger: a chain that shows what was changed, however many write to it at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from parity.registration.ledger import Ledger, check, digest
from suites.errors import RegistrationError


@pytest.fixture
def ledger(tmp_path):
    """A ledger of six lines."""
    made = Ledger(tmp_path / "ledger.jsonl")
    for number in range(6):
        made.append("begun", run=f"run-{number}")
    return made


def _changed(line: bytes) -> bytes:
    return line.replace(b"run-", b"RUN-")


TAMPERED = {
    "a line changed": (lambda lines: [*lines[:2], _changed(lines[2]), *lines[3:]], "line 4 follows"),
    "a line taken out": (lambda lines: lines[:2] + lines[3:], "line 3 says that it is line 4"),
    "two lines swapped": (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "line 3 says"),
    "a line twice": (lambda lines: [*lines[:3], lines[2], *lines[3:]], "line 4 says that it is line 3"),
    "no line": (lambda lines: [*lines[:2], b"{}", *lines[3:]], "line 3 is no line"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_ledger_that_was_changed_says_where(ledger, how):
    """Nothing can be changed, taken out or put in before the last line."""
    change, said = TAMPERED[how]
    assert not list(check(ledger.raw()))

    ledger.path.write_bytes(b"".join(line + b"\n" for line in change(ledger.raw())))

    assert said in next(iter(check(ledger.raw())))
    with pytest.raises(RegistrationError, match=said.split(" follows")[0]):
        ledger.lines()


def test_a_broken_chain_is_continued_and_stays_broken(ledger):
    """A night still gets its line, and the break does not heal."""
    lines = ledger.raw()
    ledger.path.write_bytes(b"".join(line + b"\n" for line in [lines[0], *lines[2:]]))
    before = list(check(ledger.raw()))

    ledger.append("ended", run="run-6")

    assert list(check(ledger.raw()))[: len(before)] == before
    assert json.loads(ledger.raw()[-1])["previous"] == digest(lines[-1])


def test_many_may_write_at_once(tmp_path):
    """Three processes with eight lines each leave one chain of 24."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom parity.registration.ledger import Ledger\n"
        "for _ in range(8): Ledger(Path(sys.argv[1])).append('begun', run=sys.argv[2])\n"
    )
    path = tmp_path / "ledger.jsonl"
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), str(each)]) for each in range(3)]

    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert sorted(line.run for line, _ in Ledger(path).lines()) == sorted("012" * 8)
