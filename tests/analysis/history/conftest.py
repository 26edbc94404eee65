"""A history on an SQLite file and on a PostgreSQL server of the tests' own, and nights to put into it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from analysis.history.entries import NightRow, PairRow, SuiteEntry
from analysis.history.store import History, sqlite_url

FIRST = date(2026, 1, 1)
FACTS = {"batch": {"sha256": "0" * 64}, "policy": {"version": "1"}, "guardrail": {"here": {"full": "1" * 64}}}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that was started for these tests alone."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(found[-1]) if found else None)
    if initdb is None:
        pytest.skip("no PostgreSQL server here: install Debian's package postgresql, as .ci/run does")
    bin_folder = Path(initdb).resolve().parent
    folder = Path(tempfile.mkdtemp(prefix="parity-postgresql-"))
    # The server refuses to run as root.
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    common: dict[str, Any] = {
        "cwd": folder,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        **who,
    }
    subprocess.run(
        [bin_folder / "initdb", "-D", data, "-U", "parity", "--auth=trust", "--no-sync", "-E", "UTF8"],
        check=True,
        **common,
    )
    server = subprocess.Popen(
        [bin_folder / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", folder, "-F"],
        **common,
    )
    url = f"postgresql+psycopg://parity@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # its "fast" shutdown, which waits for nobody
        server.wait(timeout=30)
        shutil.rmtree(folder)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    engine = sa.create_engine(url)
    deadline = time.monotonic() + 60
    while True:
        try:
            engine.connect().close()
            break
        except sa.exc.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "history.sqlite")
    server = request.getfixturevalue("postgresql")
    name = f"h{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(sa.make_url(server).set(database=name).render_as_string(hide_password=False))


@pytest.fixture
def history(url: str) -> Iterator[History]:
    """An open, empty history, on either database."""
    with History(url) as opened:
        yield opened


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[History]:
    """An open, empty history in a file, for what does not depend on the database."""
    with History(sqlite_url(tmp_path / "quick.sqlite")) as opened:
        yield opened


def night_of(number: int) -> date:
    """The night with this number, from 0."""
    return FIRST + timedelta(days=number)


def row(number: int, **changes: Any) -> NightRow:
    """A night that ended well."""
    night = night_of(number)
    fields: dict[str, Any] = {
        "job": "job",
        "night": night,
        "began": datetime(night.year, night.month, night.day, 1, tzinfo=UTC),
        "ended": datetime(night.year, night.month, night.day, 2, tzinfo=UTC),
        "attempts": 1,
        "rehearsal": True,
        "verdict": "parity",
        "tonight": "parity",
        "exit_code": 0,
        "cause": "parity",
        "headline": "fine",
        "folder": f"nights/{night}",
    }
    return NightRow(**fields | changes)


def pair(metric: str = "exposure", **changes: Any) -> PairRow:
    """The counts of one metric over 100 pairs that all went well."""
    fields: dict[str, Any] = {
        "suite": "pii",
        "metric": metric,
        "slice": "all",
        "family": "primary",
        "margin": 0.02,
        "pairs": 100.0,
        "missing": 0.0,
        "both": 0.0,
        "candidate_only": 0.0,
        "reference_only": 0.0,
    }
    return PairRow(**fields | changes)


def suite(*pairs: PairRow, **changes: Any) -> SuiteEntry:
    """A suite that was compared."""
    fields: dict[str, Any] = {
        "suite": "pii",
        "facts": FACTS,
        "compared": True,
        "cases": 100,
        "epochs": 1,
        "watched": 5,
        "pairs": pairs,
        "anchor": {"a": "masked/1", "b": "answered/0"},
    }
    return SuiteEntry(**fields | changes)
