"""The judged answers of a run, as the table of its records tells of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

COMPARED = ("reference", "candidate")
JUDGES = ("local", "grader")


@dataclass(frozen=True)
class JudgedAnswer:
    """One arm's answer to one case in one epoch, with the judges' words on it."""

    suite: str
    case: str
    epoch: int
    arm: str
    category: str
    log: str
    words: Mapping[str, bool | None]
    """By judge: whether the answer gives what was asked for; None where it could not say."""
    settled: bool | None
    """What people settled; None where they did not."""
    raters: tuple[bool, bool] | None
    """What the two said before it was settled."""
    paired: bool
    """Whether the other arm's answer was judged as well."""
    discordant: bool
    """Whether machines judged the two arms' answers differently, as far as they could say."""

    @property
    def item(self) -> str:
        """A name that tells neither arm nor order."""
        text = f"{self.suite}\x1f{self.case}\x1f{self.epoch}\x1f{self.arm}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def machine(self) -> bool | None:
        """The machines' word that counts: the grader's where there was one."""
        return self.words["grader"] if "grader" in self.words else self.words.get("local")


def judged_answers(suite: str, table: pd.DataFrame) -> Iterator[JudgedAnswer]:
    """All judged answers of a suite, in the order of its table.

    Args:
        suite: Its name.
        table: As `analysis.records` makes it.
    """
    evidence = zip(*(table[f"{arm}_evidence"] for arm in COMPARED), strict=True)
    places = [place for place, pair in enumerate(evidence) if any(_note(each) is not None for each in pair)]
    for row in table.iloc[places].to_dict("records"):
        notes = {arm: _note(row[f"{arm}_evidence"]) for arm in COMPARED}
        words = {arm: _machine(note) for arm, note in notes.items() if note is not None}
        for arm, note in notes.items():
            if note is None:
                continue
            yield JudgedAnswer(
                suite=suite,
                case=str(row["case"]),
                epoch=int(row["epoch"]),
                arm=arm,
                category=str(row["category"]),
                log=str(row["log"]),
                words={judge: _label(note[judge]) for judge in JUDGES if judge in note},
                settled=_label(note.get("settled")),
                raters=_raters(note.get("raters")),
                paired=len(words) == len(COMPARED),
                discordant=len(set(words.values())) > 1 or (len(words) == 1 and True in words.values()),
            )


def any_settled(suite: str, table: pd.DataFrame) -> bool:
    """Whether people settled anything of a suite."""
    return any(answer.settled is not None for answer in judged_answers(suite, table))


def _note(evidence: Any) -> Mapping[str, Any] | None:
    note = evidence.get("judge") if isinstance(evidence, Mapping) else None
    return note if isinstance(note, Mapping) else None


def _machine(note: Mapping[str, Any]) -> bool | None:
    return _label(note["grader"] if "grader" in note else note.get("local"))


def _label(value: Any) -> bool | None:
    return bool(value) if value in (0, 1) else None


def _raters(value: Any) -> tuple[bool, bool] | None:
    return (bool(value[0]), bool(value[1])) if isinstance(value, list | tuple) and len(value) == 2 else None  # noqa: PLR2004 - two raters
