"""How the commands say where an answer came from, and what a value is."""

from __future__ import annotations

import json
from typing import Any

import click


def as_json(rehearsal: bool, **result: Any) -> None:
    """The result alone on standard output; a rehearsal's says that it is one."""
    click.echo(json.dumps({"rehearsal": rehearsal, **result}, indent=2))


def where(rehearsal: bool, endpoint_url: str | None) -> None:
    """A line on standard error where no AWS was asked."""
    if rehearsal:
        click.echo(f"REHEARSAL: the local stand-in at {endpoint_url}, not AWS.", err=True)


def shown(value: Any) -> str:
    """One value of a rule or setting, for people."""
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return "-" if value is None else str(value)
