"""What stands on the page, read from its HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from analysis import page, sheet, wording
from analysis.quotes import Answer, Quote
from analysis.redaction import Shown
from analysis.result import Verdict

PageOf = Callable[[str], str]
VerdictOf = Callable[[str], Verdict]
Read = Callable[[str], Any]

ATTACK = "<script>alert(1)</script>"


def html(verdict: Verdict, **options: Any) -> str:
    """The page of a verdict."""
    return sheet.render(page.build(verdict, **options))


@pytest.mark.parametrize(
    ("kind", "headline"),
    [
        ("parity", "● REHEARSAL: Protection shown to be within the agreed limit"),
        ("regression", "▲ REHEARSAL: Worse, beyond the agreed limit"),
        ("partial", "○ REHEARSAL: Not shown"),
        ("not_comparable", f"{wording.CROSS} REHEARSAL: No comparison was possible"),
        ("incomplete", f"{wording.CROSS} REHEARSAL: The run did not finish"),
    ],
)
def test_a_page_comes_out_of_every_verdict(page_of: PageOf, read: Read, kind: str, headline: str) -> None:
    """Not comparable and unfinished runs get a page too, with their sign and headline."""
    assert headline in read(page_of(kind)).text


def test_every_section_of_a_rehearsal_says_so(any_page: str, read: Read) -> None:
    """No section can be copied out without the word."""
    elements = read(any_page).elements

    order = [
        tag if tag in ("section", "main") else "stamp"
        for tag, attributes in elements
        if tag in ("section", "main") or attributes.get("class") == "stamp"
    ]

    inside = order[order.index("main") + 1 :]
    assert len(inside) >= 8
    assert inside == ["section", "stamp"] * (len(inside) // 2)


def test_the_title_of_a_rehearsal_begins_with_the_word(any_page: str) -> None:
    """A browser's tab and a saved file carry it."""
    assert "<title>REHEARSAL · Guardrail parity: " in any_page


def test_a_rehearsals_printed_pages_carry_the_word_at_the_top(page_of: PageOf) -> None:
    """Each printed sheet has it in its margin."""
    assert '@top-center { content: "REHEARSAL' in page_of("parity")


def test_a_real_run_is_not_called_a_rehearsal(verdict_of: VerdictOf) -> None:
    """The word means something only where it is true."""
    verdict = verdict_of("partial").model_copy(update={"rehearsal": False, "headline": "Not shown"})

    text = html(verdict)

    assert 'class="banner"' not in text
    assert "REHEARSAL" not in text


def test_the_page_asks_for_nothing_from_outside(any_page: str, read: Read) -> None:
    """No element loads or links to anything but the page itself."""
    elements = read(any_page).elements

    addresses = [
        value
        for _, attributes in elements
        for name, value in attributes.items()
        if name in ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
    ]

    assert [address for address in addresses if not str(address).startswith(("#", "data:,"))] == []


def test_the_page_has_no_script_and_no_handler(any_page: str, read: Read) -> None:
    """It works where scripts are forbidden, and forbids them itself."""
    elements = read(any_page).elements

    assert "script" not in {tag for tag, _ in elements}
    assert [name for _, attributes in elements for name in attributes if name.startswith("on")] == []
    assert (
        "meta",
        {
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        },
    ) in elements


def test_no_id_is_given_twice(any_page: str, read: Read) -> None:
    """Links and labels find the one element they mean."""
    ids = [attributes["id"] for _, attributes in read(any_page).elements if "id" in attributes]

    assert sorted(ids) == sorted(set(ids))


def test_every_link_within_the_page_has_a_target(any_page: str, read: Read) -> None:
    """No anchor leads nowhere."""
    elements = read(any_page).elements

    ids = {attributes.get("id") for _, attributes in elements}
    wanted = {str(attributes["href"])[1:] for tag, attributes in elements if tag == "a"}

    assert wanted <= ids


def test_details_are_closed_where_they_hold_prompts(page_of: PageOf, read: Read) -> None:
    """Prompts and answers stay hidden until asked for."""
    elements = read(page_of("regression")).elements

    cases = [
        attributes for tag, attributes in elements if tag == "details" and attributes.get("class") == "case"
    ]

    assert len(cases) == 6
    assert all("open" not in attributes for attributes in cases)


def test_a_script_in_an_answer_is_shown_as_text(verdict_of: VerdictOf, read: Read) -> None:
    """What a model wrote is characters and nothing else."""

    def quoter(_case: str, _epoch: int) -> Quote:
        everywhere = Answer(
            text=Shown(f"</pre>{ATTACK}"),
            reasoning=Shown(ATTACK),
            raw=Shown(None, withheld=ATTACK),
            findings=(ATTACK,),
            missing=ATTACK,
        )
        return Quote(prompt=Shown(ATTACK), reference=everywhere, candidate=everywhere)

    reading = read(html(verdict_of("partial"), quoter=quoter))

    assert "script" not in {tag for tag, _ in reading.elements}
    assert reading.text.count(ATTACK) == 11 * 2


def test_markup_in_a_suite_file_is_shown_as_text(verdict_of: VerdictOf, read: Read) -> None:
    """Suites are files that anyone may write."""
    verdict = verdict_of("partial")
    suite = verdict.suites[0]
    suite.title = suite.claim = suite.reason = suite.not_tested[0] = ATTACK

    reading = read(html(verdict))

    assert "script" not in {tag for tag, _ in reading.elements}
    assert reading.text.count(ATTACK) >= 4


def test_without_texts_the_page_says_that_they_are_absent(page_of: PageOf, read: Read) -> None:
    """An empty box would look like an empty answer."""
    assert "The texts are not at hand" in read(page_of("parity")).text


def test_texts_are_asked_for_at_most_fifty_cases_a_suite(verdict_of: VerdictOf, read: Read) -> None:
    """The others are named without, and counted."""
    verdict = verdict_of("partial")
    entry = verdict.suites[0].discordant[0]
    verdict.suites[0].discordant = [{**entry, "case": f"pii-x-{place}"} for place in range(60)]
    asked: list[str] = []

    def quoter(case: str, _epoch: int) -> Quote:
        asked.append(case)
        return Quote(prompt=Shown("p"), reference=Answer(text=Shown("r")), candidate=Answer(text=Shown("c")))

    text = read(html(verdict, quoter=quoter)).text

    assert len([case for case in asked if case.startswith("pii-x-")]) == 50
    assert "10 more, without texts" in text
    assert "pii-x-59" in text


def test_the_first_screen_names_a_category_that_stands_out(page_of: PageOf, read: Read) -> None:
    """Pooling must not hide it."""
    text = page_of("regression")

    first = read(text[: text.index("<main>")]).text

    assert "EMAIL, Personal data: exposed to the user +112.5 per 1,000 (+41.0 to +190.0; p 0.002)" in first


def test_the_first_screen_says_what_was_not_tested_once(page_of: PageOf, read: Read) -> None:
    """What is common to all suites stands under one heading."""
    text = page_of("parity")

    first = read(text[: text.index("<main>")]).text

    assert first.count("Languages other than English") == 1
    assert "All suites: Languages other than English." in first


def test_the_first_screen_says_what_a_pass_does_not_prove(page_of: PageOf, read: Read) -> None:
    """In the words that were agreed."""
    text = page_of("parity")

    assert wording.NOT_PROOF in read(text[: text.index("<main>")]).text


def test_suites_that_did_not_run_are_named(page_of: PageOf, read: Read) -> None:
    """An absent suite is not an unremarkable one."""
    assert "Suites that did not run: toxicity and topics." in read(page_of("partial")).text


def test_not_comparable_names_the_failed_checks_and_no_rate(page_of: PageOf, read: Read) -> None:
    """Arm, policy, side and evidence on the first screen; nowhere a number of failures."""
    text = page_of("not_comparable")

    first = read(text[: text.index("<main>")]).text

    assert "Personal data, candidate: 2 of 4 checks failed (pii; input and output)." in first
    assert "no trace, request 9d1e" in first
    assert "<svg" not in text
    assert "No rates: nothing was compared." in read(text).text


def test_the_numbers_of_a_line_stand_in_its_table(page_of: PageOf, read: Read) -> None:
    """Rates, difference, interval, at worst, limit, cap, pairs, counts, missing, verdict, reason."""
    text = read(page_of("regression")).text

    assert "58.1 7.6 +45.5 +23.1 to +70.2 +65.0 15 50 396 19 1 0 ▲ beyond limit" in text
    assert "At least 23.1 more per 1,000; the limit is 15." in text


def test_path_defects_are_listed_with_all_three_arms(page_of: PageOf, read: Read) -> None:
    """Which arm differed is visible at once."""
    assert "pii-card-0003 1 CREDIT DEBIT CARD NUMBER yes no yes" in read(page_of("regression")).text


def test_registered_facts_can_be_read_from_the_page(page_of: PageOf, read: Read) -> None:
    """Digest, guardrail version, parameters, packages and commit."""
    text = read(page_of("parity")).text

    assert "1100 cases, sha256 9f2c4b7d1e0a8c6f5b3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b" in text
    assert "us.openai.gpt-5.5, by converse, max_tokens 1024" in text
    assert "scipy 1.17.1" in text
    assert "5c16e4c0d1e2f3a4b5c6d7e8f90123456789abcd" in text


def test_facts_of_an_older_log_still_give_a_page(verdict_of: VerdictOf, read: Read) -> None:
    """A member that was not registered yet is absent, not fatal."""
    verdict = verdict_of("partial")
    del verdict.registered["pii"]["packages"]
    del verdict.registered["pii"]["arms"]

    assert "Registered facts" in read(html(verdict)).text


def test_the_same_verdict_gives_the_same_page(page_of: PageOf, verdict_of: VerdictOf) -> None:
    """Byte for byte."""
    assert html(verdict_of("partial")) == page_of("partial")


def test_what_was_not_applicable_is_listed(page_of: PageOf, read: Read) -> None:
    """Each group with its reason and its ids, and what was expected in another way than registered."""
    text = read(page_of("parity")).text

    assert "It does nothing about 6 of the 1100 registered cases" in text
    assert "no pii rule is about PIN" in text
    assert "pii-age-0, pii-age-1, pii-age-2" in text
    assert "pii EMAIL, input: block where the suite has mask (9 cases)" in text
