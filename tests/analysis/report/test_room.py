"""A page stays small however many cases differ and however long their texts are; it says what it left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from analysis import page, room, sheet
from analysis.quotes import LONGEST, Answer, Quote
from analysis.redaction import Shown
from analysis.result import PathDefect, Verdict

VerdictOf = Callable[[str], Verdict]
MOST_BYTES = 3_000_000
FOUND = 3333
"""In each suite: with three suites, as if every one of 10,000 pairs differed."""


@pytest.fixture(scope="module")
def broken() -> Callable[[Verdict], Verdict]:
    """A run in which the arms differed on every pair, at the input too."""

    def every_pair(verdict: Verdict) -> Verdict:
        suites = [
            result.model_copy(
                update={
                    "discordant": [
                        {
                            "case": f"{result.suite}-denied-something-{place:05d}",
                            "epoch": 1,
                            "category": "US_BANK_ACCOUNT_NUMBER",
                            "failed": {"exposure": "candidate", "uncaught": "candidate"},
                            "reference": "blocked_output",
                            "candidate": "answered",
                        }
                        for place in range(FOUND)
                    ]
                }
            )
            for result in verdict.suites
        ]
        defects = [
            PathDefect(
                suite=result.suite,
                case=f"{result.suite}-denied-something-{place:05d}",
                epoch=1,
                category="US_BANK_ACCOUNT_NUMBER",
                reference=True,
                candidate=False,
                control=True,
            )
            for result in suites
            for place in range(FOUND)
        ]
        return verdict.model_copy(update={"suites": suites, "path_defects": defects})

    return every_pair


def quoter(text: str) -> Callable[[str, int], Quote]:
    """The same text in every place of every case."""
    shown = Shown(text)
    answer = Answer(text=shown, reasoning=shown, raw=shown)
    return lambda _case, _epoch: Quote(prompt=shown, reference=answer, candidate=answer)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"' * LONGEST * 2, id="long, all escaped"),
        pytest.param("\u202e" * LONGEST, id="long, all written out"),
    ],
)
def test_a_page_of_10000_differing_pairs_is_under_three_megabytes(
    broken: Callable[[Verdict], Verdict], verdict_of: VerdictOf, text: str
) -> None:
    """Neither many cases nor long texts make it grow beyond."""
    html = sheet.render(page.build(broken(verdict_of("regression")), quoter=quoter(text)))

    assert len(html.encode()) < MOST_BYTES


def test_what_is_left_out_is_counted_and_said_where_it_stands(
    broken: Callable[[Verdict], Verdict], verdict_of: VerdictOf, read: Any
) -> None:
    """Opened, named and left out add up to all."""
    built = page.build(broken(verdict_of("regression")), quoter=quoter("short"))

    for part in built.suites:
        assert len(part.cases.quoted) == room.QUOTED_CASES
        assert len(part.cases.named) == room.NAMED_CASES
        assert part.cases.left_out == FOUND - room.QUOTED_CASES - room.NAMED_CASES
    words = read(sheet.render(built)).text
    assert "3,333 in all; the first 50 can be opened here" in words
    assert "2,983 more are left out here" in words
    assert "verdict.json of this run lists them all under discordant" in words
    assert "3,033 more are left out here; verdict.json of this run lists them all under path_defects" in words
    assert [part.defects_found for part in built.suites] == [FOUND] * len(built.suites)


def test_cases_without_room_for_their_texts_are_named(
    broken: Callable[[Verdict], Verdict], verdict_of: VerdictOf
) -> None:
    """Only as many are quoted as there is room for, and none is cut."""
    built = page.build(broken(verdict_of("regression")), quoter=quoter("x" * LONGEST))

    quoted = room.QUOTED_CHARACTERS // (7 * LONGEST)
    assert [len(part.cases.quoted) for part in built.suites] == [quoted] * len(built.suites)
    assert built.suites[0].cases.named[0].case.endswith(f"{quoted:05d}")


def test_few_cases_are_all_opened_and_nothing_is_said_to_be_left_out(
    verdict_of: VerdictOf, read: Any
) -> None:
    """What fits is there whole."""
    built = page.build(verdict_of("regression"), quoter=quoter("short"))

    assert all(not part.cases.named and not part.cases.left_out for part in built.suites)
    assert "left out" not in read(sheet.render(built)).text
