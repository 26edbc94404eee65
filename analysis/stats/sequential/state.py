"""The file in which a watch waits for the next night.

JSON, written beside its place and then renamed, so that a night that is killed leaves the old one.
"""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

from analysis.stats.sequential import betting
from analysis.stats.sequential.detector import Drift, Watch
from suites.files import write_atomically

SCHEMA = 1


def write(watch: Watch, path: Path) -> None:
    """Put the watch into `path`, whole or not at all.

    Raises:
        OSError: The folder cannot be written to.
    """
    document = {
        "schema": SCHEMA,
        "arl": watch.arl,
        "last": watch.last.isoformat() if watch.last else None,
        "shares": betting.SHARES,
        "metrics": {
            name: {"delta": drift.delta, "nights": drift.nights, "log_capital": drift.log_capital}
            for name, drift in watch.metrics.items()
        },
    }
    write_atomically(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def read(path: Path) -> Watch:
    """The watch in `path`.

    Raises:
        FileNotFoundError: There is none yet; `detector.start` makes one.
        ValueError: The file is not a watch of this kind; the message says what is wrong with it.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _watch(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not the state of a watch ({type(error).__name__}: {error}). "
            "Move it away to start a new watch; what it had gathered is lost then."
        ) from error


def _watch(document: dict[str, Any]) -> Watch:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema is {document['schema']}, this version reads {SCHEMA}")
    if tuple(document["shares"]) != betting.SHARES:
        raise ValueError(f"its shares are {document['shares']}, this version bets {list(betting.SHARES)}")
    return Watch(
        metrics={name: _drift(name, drift) for name, drift in document["metrics"].items()},
        arl=int(document["arl"]),
        last=None if document["last"] is None else date.fromisoformat(document["last"]),
    )


def _drift(name: str, drift: dict[str, Any]) -> Drift:
    capital = tuple(float(each) for each in drift["log_capital"])
    if len(capital) != len(betting.SHARES) or not all(map(math.isfinite, capital)):
        raise ValueError(f"log_capital of {name} must be {len(betting.SHARES)} finite numbers")
    return Drift(delta=float(drift["delta"]), nights=int(drift["nights"]), log_capital=capital)
