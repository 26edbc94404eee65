"""The history in a database: an SQLite file, or whatever a URL of SQLAlchemy names.

A night is written whole or not at all, and writing it again replaces it. The schema has a number; an older
one is brought up step by step when it is opened, a newer one is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from analysis.errors import EvidenceError
from analysis.history import segments, tables
from analysis.history.entries import Alarm, Change, NightRow, SuiteEntry, outcomes_text

SCHEMA = 1

Row = Mapping[str, Any]

MIGRATIONS: Mapping[int, Callable[[sa.Connection], None]] = {}
"""By the schema that a step starts from, what brings it to the next one."""

_TOO_LONG_S = 30.0
"""How long a writer of the SQLite file waits for another one."""


class History:
    """An open history. Use it as a context manager, or call `close`.

    Raises:
        EvidenceError: It cannot be opened, or is of a newer schema; the message names it without password.
    """

    def __init__(self, url: str) -> None:
        self.name = _shown(url)
        try:
            self._engine = _engine(url)
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise self._broken(error) from error
        try:
            with self._engine.begin() as connection:
                _prepare(connection, self.name)
        except SQLAlchemyError as error:
            self.close()
            raise self._broken(error) from error
        except EvidenceError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, night: NightRow) -> None:
        """Note that a night was started; what was counted of it before stays until it is written anew."""
        self._replace(night, {tables.NIGHTS: [asdict(night)]})

    def write(self, night: NightRow, suites: Sequence[SuiteEntry]) -> None:
        """Put a night and what was counted in the place of what was known of it; see `conclude`."""
        key = {"job": night.job, "night": night.night}
        self._replace(
            night,
            {
                tables.NIGHTS: [asdict(night)],
                tables.SUITES: [key | _suite(each) for each in suites],
                tables.RATES: [key | _flat(row) for each in suites for row in each.rates],
                tables.PAIRS: [key | _flat(row) for each in suites for row in each.pairs],
                tables.FAILED: [key | _flat(row) for each in suites for row in each.failed],
                tables.ANCHORS: [
                    key | {"suite": each.suite, "outcomes": outcomes_text(each.anchor)}
                    for each in suites
                    if each.anchor
                ],
                tables.CHANGES: [],
                tables.ALARMS: [],
            },
        )

    def conclude(
        self, night: NightRow, *, changes: Iterable[Change] = (), alarms: Iterable[Alarm] = ()
    ) -> None:
        """Add to a night that was written what its counts mean beside those of the nights before."""
        key = {"job": night.job, "night": night.night}
        self._replace(
            night,
            {
                tables.NIGHTS: [asdict(night)],
                tables.CHANGES: [key | asdict(each) for each in changes],
                tables.ALARMS: [key | asdict(each) for each in alarms],
            },
        )

    def _replace(self, night: NightRow, rows: Mapping[sa.Table, Sequence[Row]]) -> None:
        try:
            with self._engine.begin() as connection:
                for table, there in rows.items():
                    _forget(connection, table, night.job, night.night)
                    if there:
                        connection.execute(sa.insert(table), there)
        except SQLAlchemyError as error:
            raise self._broken(error) from error

    def acknowledge(self, job: str, night: date, *, who: str, reason: str) -> None:
        """Note that somebody has taken note of what stood up to and with a night."""
        row = {"job": job, "night": night, "at": datetime.now(UTC), "who": who, "reason": reason}
        with self._engine.begin() as connection:
            _forget(connection, tables.ACKNOWLEDGED, job, night)
            connection.execute(sa.insert(tables.ACKNOWLEDGED), [row])

    def read(
        self,
        table: sa.Table,
        job: str,
        *,
        since: date | None = None,
        until: date | None = None,
        **where: str | Sequence[str],
    ) -> list[Row]:
        """Rows of a table of one job, in the order of nights and of the table's key.

        Args:
            table: One of `tables`.
            job: The job.
            since: The first night; None from the beginning.
            until: The last one; None to the end.
            where: By column one value, or several that are allowed.
        """
        query = sa.select(table).where(table.c.job == job).order_by(*table.primary_key.columns)
        if since is not None:
            query = query.where(table.c.night >= since)
        if until is not None:
            query = query.where(table.c.night <= until)
        for column, allowed in where.items():
            query = query.where(
                table.c[column] == allowed if isinstance(allowed, str) else table.c[column].in_(allowed)
            )
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise self._broken(error) from error

    def nights(self, job: str) -> list[NightRow]:
        """All nights of a job, oldest first."""
        return [_night(row) for row in self.read(tables.NIGHTS, job)]

    def jobs(self) -> list[str]:
        """The names of all jobs."""
        query = sa.select(tables.NIGHTS.c.job).distinct().order_by(tables.NIGHTS.c.job)
        with self._engine.connect() as connection:
            return [str(name) for name in connection.scalars(query)]

    def latest(self, job: str, before: date) -> dict[str, tuple[date, segments.Facts]]:
        """By suite the latest night before this one on which it was compared, with its facts."""
        suites = tables.SUITES
        last = (
            sa.select(suites.c.suite, sa.func.max(suites.c.night).label("night"))
            .where(suites.c.job == job, suites.c.night < before, suites.c.compared)
            .group_by(suites.c.suite)
            .subquery()
        )
        query = sa.select(suites).join(
            last, sa.and_(suites.c.suite == last.c.suite, suites.c.night == last.c.night)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(suites.c.job == job)).mappings()
            return {row["suite"]: (row["night"], segments.read(row["facts"])) for row in rows}

    def _broken(self, error: Exception) -> EvidenceError:
        first = str(error).partition("\n")[0]
        return EvidenceError(
            f"The history {self.name} cannot be used ({first}). Give another `history` in the configuration,"
            " or mend it; an SQLite file can be moved away and made anew with `parity history rebuild`."
        )


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path.resolve()}"


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return sa.create_engine(parsed, connect_args={"timeout": _TOO_LONG_S})


def _prepare(connection: sa.Connection, name: str) -> None:
    if not sa.inspect(connection).has_table(tables.VERSION.name):
        tables.METADATA.create_all(connection)
        connection.execute(sa.insert(tables.VERSION).values(version=SCHEMA))
        return
    version = connection.scalar(sa.select(tables.VERSION.c.version)) or 0
    if version > SCHEMA:
        raise EvidenceError(
            f"The history {name} has schema {version}, and this version knows up to {SCHEMA}. Use the version"
            " that wrote it, or a newer one."
        )
    while version < SCHEMA:
        MIGRATIONS[version](connection)
        version += 1
        connection.execute(sa.update(tables.VERSION).values(version=version))


def _forget(connection: sa.Connection, table: sa.Table, job: str, night: date) -> None:
    connection.execute(sa.delete(table).where(table.c.job == job, table.c.night == night))


def _flat(row: Any) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _suite(entry: SuiteEntry) -> dict[str, Any]:
    return {
        "suite": entry.suite,
        "segment": entry.segment,
        "facts": segments.written(entry.facts),
        "compared": entry.compared,
        "cases": entry.cases,
        "epochs": entry.epochs,
        "watched": entry.watched,
    }


def _night(row: Row) -> NightRow:
    return NightRow(
        **{
            **row,
            "began": _aware(row["began"]),
            "ended": None if row["ended"] is None else _aware(row["ended"]),
        }
    )


def _aware(moment: datetime) -> datetime:
    """SQLite forgets the zone; what is written is always UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "(no URL that SQLAlchemy understands)"
