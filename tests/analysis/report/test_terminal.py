"""The verdict on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from analysis.result import Verdict
from analysis.terminal import verdict_table
from analysis.wording import CROSS

VerdictOf = Callable[[str], Verdict]


def printed(verdict: Verdict, width: int = 120) -> str:
    """What the terminal shows, spaces narrowed to one."""
    stream = StringIO()
    Console(file=stream, width=width).print(verdict_table(verdict))
    return stream.getvalue()


def test_the_verdict_comes_before_everything_but_the_rehearsal(verdict_of: VerdictOf) -> None:
    """Two lines answer the question."""
    first, second, *_ = printed(verdict_of("regression")).splitlines()

    assert first.startswith("REHEARSAL  Local stand-ins answered")
    assert second == "▲ REHEARSAL: Worse, beyond the agreed limit"


def test_a_line_has_counts_rates_interval_limit_and_verdict(verdict_of: VerdictOf) -> None:
    """All of it on one line of a wide terminal."""
    (line,) = [line for line in printed(verdict_of("regression")).splitlines() if "+45.5" in line]

    assert " ".join(line.split()) == (
        "Exposed to the user 396 19 1 58.1 7.6 +45.5 +23.1 to +70.2 15 ▲ beyond limit"
    )


@pytest.mark.parametrize("kind", ["parity", "regression", "partial"])
def test_eighty_columns_cut_no_number(verdict_of: VerdictOf, kind: str) -> None:
    """A pipe or a small window drops the rates and keeps what decides."""
    text = printed(verdict_of(kind), width=80)

    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_what_to_do_is_said(verdict_of: VerdictOf) -> None:
    """Partial runs say what is missing."""
    assert "Next: Run the whole plan: toxicity and topics did not run." in printed(verdict_of("partial"))


def test_failed_checks_are_listed_where_nothing_was_compared(verdict_of: VerdictOf) -> None:
    """Suite, arm, policies, sides and the first evidence; and no table of rates."""
    text = " ".join(printed(verdict_of("not_comparable")).split())

    assert (
        f"{CROSS} Personal data, candidate: 2 of 4 checks failed (pii; input and output). "
        "First evidence: has to act: end_turn, no trace, request 9d1e."
    ) in text
    assert "cand." not in text


def test_a_category_that_stands_out_is_named(verdict_of: VerdictOf) -> None:
    """Below the table, with its uncorrected p."""
    assert (
        "Stands out: pii, EMAIL, exposed to the user +112.5 per 1,000 (+41.0 to +190.0), uncorrected p 0.002"
    ) in printed(verdict_of("regression"))


def test_markup_in_a_note_is_printed_as_it_is(verdict_of: VerdictOf) -> None:
    """Text from files cannot colour or link anything."""
    verdict = verdict_of("parity").model_copy(update={"notes": ["[bold]a[/bold] [link=http://x]b[/link]"]})

    assert "Note: [bold]a[/bold] [link=http://x]b[/link]" in printed(verdict)


def test_any_verdict_can_be_printed(any_verdict: Verdict) -> None:
    """Also one without findings."""
    assert any_verdict.headline in printed(any_verdict)
