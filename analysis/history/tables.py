"""The tables of the history, as SQLAlchemy knows them: the same for SQLite and for PostgreSQL.

A job is one nightly comparison, by the name that its configuration gives it; a night is a date. Everything
of a night is found by these two, so that writing a night anew replaces it and nothing else.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

METADATA = MetaData()


def _table(name: str, *columns: Column[object], key: tuple[str, ...]) -> Table:
    """A table of nights, with job and night before its own columns and in front of its key."""
    return Table(
        name,
        METADATA,
        Column("job", String(120), nullable=False),
        Column("night", Date, nullable=False),
        *columns,
        PrimaryKeyConstraint("job", "night", *key),
    )


def _text(name: str, length: int = 120) -> Column[object]:
    return Column(name, String(length), nullable=False)


def _number(name: str) -> Column[object]:
    return Column(name, Double, nullable=False)


VERSION = Table("schema_version", METADATA, Column("version", Integer, nullable=False))

NIGHTS = _table(
    "nights",
    Column("began", DateTime(timezone=True), nullable=False),
    Column("ended", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False),
    Column("rehearsal", Boolean, nullable=False),
    Column("verdict", String(20)),
    Column("tonight", String(20)),
    Column("exit_code", Integer, nullable=False),
    Column("cause", String(40), nullable=False),
    Column("headline", Text, nullable=False),
    Column("folder", Text, nullable=False),
    key=(),
)
"""One row for a night. `verdict` counts the alarms, `tonight` is the comparison by itself."""

SUITES = _table(
    "suites",
    _text("suite", 40),
    _text("segment", 64),
    Column("facts", Text, nullable=False),
    Column("compared", Boolean, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("epochs", Integer, nullable=False),
    Column("watched", Integer, nullable=False),
    key=("suite",),
)
"""One row for a night and suite: under what settings, and whether there are counts."""

RATES = _table(
    "rates",
    _text("arm", 20),
    _text("suite", 40),
    _text("metric", 20),
    _text("slice"),
    _number("opportunities"),
    _number("failures"),
    _number("missing"),
    key=("arm", "suite", "metric", "slice"),
)
"""One row for a night, arm, suite, metric and slice: what the arm did by itself."""

PAIRS = _table(
    "pairs",
    _text("suite", 40),
    _text("metric", 20),
    _text("slice"),
    _text("family", 20),
    _number("margin"),
    _number("pairs"),
    _number("missing"),
    _number("both"),
    _number("candidate_only"),
    _number("reference_only"),
    key=("suite", "metric", "slice"),
)
"""One row for a night, suite, metric and slice: what both arms did with the same cases."""

FAILED = _table(
    "failed",
    _text("suite", 40),
    _text("arm", 20),
    _text("metric", 20),
    _text("case", 200),
    Column("times", Integer, nullable=False),
    key=("suite", "arm", "metric", "case"),
)
"""One row for a case that an arm failed that night, with how many of its answers did; the rest did not."""

ANCHORS = _table(
    "anchors",
    _text("suite", 40),
    Column("outcomes", Text, nullable=False),
    key=("suite",),
)
"""By night and suite what the guardrail alone made of the anchor's texts: JSON, outcome by case."""

CHANGES = _table(
    "changes",
    _text("suite", 40),
    _text("kind", 20),
    Column("message", Text, nullable=False),
    key=("suite", "kind"),
)
"""What is different from the night before, so that the series begins anew."""

ALARMS = _table(
    "alarms",
    _text("kind", 20),
    _text("suite", 40),
    _text("arm", 20),
    _text("metric", 20),
    _text("slice"),
    Column("since", Date, nullable=False),
    Column("message", Text, nullable=False),
    key=("kind", "suite", "arm", "metric", "slice"),
)
"""What was raised, or still stood, that night."""

ACKNOWLEDGED = _table(
    "acknowledged",
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text, nullable=False),
    Column("reason", Text, nullable=False),
    key=(),
)
"""Up to which night somebody has taken note of standing alarms. The one table that logs cannot rebuild."""

OF_A_NIGHT = (NIGHTS, SUITES, RATES, PAIRS, FAILED, ANCHORS, CHANGES, ALARMS)
"""What writing a night replaces."""
