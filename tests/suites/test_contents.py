"""What the shipped batches hold: numbers, kinds, twins, payloads, order."""

from __future__ import annotations

import difflib
import re
import statistics
from collections import Counter
from typing import get_args

import pytest

from suites.authoring.forms import FORMS
from suites.batch import load_batch
from suites.rules import PiiType
from suites.suite import load_suite

every_suite = pytest.mark.parametrize("suite", ["pii", "topics", "toxicity"])


def words(case):
    """The words of the part that matters: the material, or the prompt where there is none."""
    return (case.material or case.prompt).split()


@every_suite
def test_a_run_asks_enough_cases_of_every_kind(suite):
    """Under 300 input-side or 330 output-side cases a margin of two or three points cannot be shown."""
    kinds = Counter(
        case.side if case.expectation == "protect" else case.expectation for case in load_batch(suite).cases
    )

    assert kinds["input"] >= 300
    assert kinds["output"] >= 330
    assert kinds["allow"] >= 360


@every_suite
def test_cases_come_from_many_templates_and_categories(shipped, suite):
    """Cases of one template resemble each other, so no template gives more than one in fifty."""
    templates = Counter(case.template for case in shipped[suite])
    categories = {case.category for case in shipped[suite] if case.expectation == "protect"}

    assert len(templates) >= 200
    assert max(templates.values()) <= len(shipped[suite]) / 50
    assert len(categories) >= 5


@every_suite
def test_ids_and_prompts_stand_once(shipped, suite):
    """The same prompt twice would be one case with double weight."""
    assert len({case.id for case in shipped[suite]}) == len(shipped[suite])
    assert len({case.texts for case in shipped[suite]}) == len(shipped[suite])


def test_ids_name_their_suite(shipped):
    """An id alone tells where a case belongs."""
    for suite, cases in shipped.items():
        assert all(case.id.startswith(f"{suite}-{case.template}-") for case in cases)


@every_suite
def test_many_harmful_cases_have_a_twin_on_the_same_side(shipped, suite):
    """Minimal pairs show whether the guardrail reads words or meaning."""
    by_id = {case.id: case for case in shipped[suite]}
    paired = [case for case in shipped[suite] if case.expectation == "protect" and case.twin]

    assert len(paired) >= 150
    for case in paired:
        twin = by_id[case.twin]
        assert (twin.expectation, twin.twin, twin.side, twin.category) == (
            "allow",
            case.id,
            case.side,
            case.category,
        )


@every_suite
def test_twins_differ_in_a_few_words(shipped, suite):
    """Half of the pairs differ in at most four words, and none in more than seven."""
    by_id = {case.id: case for case in shipped[suite]}
    changed = {}
    for case in shipped[suite]:
        if case.expectation == "protect" and case.twin:
            matcher = difflib.SequenceMatcher(None, words(case), words(by_id[case.twin]), autojunk=False)
            changed[case.id] = sum(
                max(i2 - i1, j2 - j1) for kind, i1, i2, j1, j2 in matcher.get_opcodes() if kind != "equal"
            )

    assert statistics.median(changed.values()) <= 4
    assert {case: number for case, number in changed.items() if not 1 <= number <= 7} == {}


@every_suite
def test_twins_get_the_same_instruction(shipped, suite):
    """On the output side only the material differs."""
    by_id = {case.id: case for case in shipped[suite]}
    for case in shipped[suite]:
        if case.twin and case.material:
            twin = by_id[case.twin]
            assert case.prompt.replace(case.material, "") == twin.prompt.replace(twin.material, "")


@every_suite
@pytest.mark.parametrize("size", [50, 100, 200])
def test_every_prefix_is_a_fair_sample(suite, size):
    """Of what a run asks: expectations and sides are off by one case at most, categories within by two."""
    cases = load_batch(suite).cases
    kinds = Counter((case.expectation, case.side) for case in cases)
    cells = Counter((case.expectation, case.side, case.category) for case in cases)
    first_kinds = Counter((case.expectation, case.side) for case in cases[:size])
    first_cells = Counter((case.expectation, case.side, case.category) for case in cases[:size])

    share = size / len(cases)
    assert all(abs(first_kinds[kind] - number * share) <= 1 for kind, number in kinds.items())
    assert all(abs(first_cells[cell] - number * share) <= 2 for cell, number in cells.items())


@every_suite
def test_a_prefix_of_a_hundred_holds_every_kind_of_policy(shipped, suite):
    """A quick look meets each policy on each side on which it is tested."""

    def kinds(cases):
        return {(case.policy, case.side) for case in cases if case.expectation == "protect"}

    assert kinds(shipped[suite][:100]) == kinds(shipped[suite])


@every_suite
def test_a_case_asks_for_what_the_policy_registers(shipped, suite):
    """Category, policy kind and action are those of a rule in the suite's policy."""
    policy = load_suite(suite).policy
    rules = (
        {("pii", rule.type, rule.action) for rule in policy.pii}
        | {("regex", rule.name, rule.action) for rule in policy.regexes}
        | {("topic", rule.name, "block") for rule in policy.topics}
        | {("content", rule.type, "block") for rule in policy.content}
        | (
            {("word", "custom words", "block"), ("word", "competitor names", "block")}
            if policy.words
            else set()
        )
        | ({("profanity", "profanity", "block")} if policy.profanity else set())
    )
    asked = {
        (case.policy, case.category, case.action) for case in shipped[suite] if case.expectation == "protect"
    }

    assert asked <= rules
    assert {kind for kind, _, _ in asked} == set(policy.kinds)
    assert {rule[1] for rule in rules if rule[0] in {"pii", "regex", "topic", "content"}} <= {
        category for _, category, _ in asked
    }


def test_toxicity_is_wide_enough(shipped):
    """Many templates of few wordings each, half of them answers, some in every language that is claimed."""
    cases = shipped["toxicity"]
    protect = [case for case in cases if case.expectation == "protect"]
    outputs = [case for case in protect if case.side == "output"]
    templates = Counter(case.template for case in protect)

    assert len(cases) >= 2500
    assert len(templates) >= 250
    assert max(templates.values()) <= 10
    assert 0.4 <= len(outputs) / len(protect) <= 0.6
    assert 0.12 <= sum(case.judged for case in outputs) / len(outputs) <= 0.18
    assert {case.language for case in protect} == set(load_suite("toxicity").languages)
    assert 0.05 <= sum(case.language != "en" for case in cases) / len(cases) <= 0.09


def test_every_harmful_template_of_toxicity_has_a_benign_twin(shipped):
    """No sentence is harmful by its looks alone."""
    protect = [case for case in shipped["toxicity"] if case.expectation == "protect"]
    alone = {case.template for case in protect} - {case.template for case in protect if case.twin}

    assert alone == set()


def test_the_critical_part_of_toxicity_is_large_enough(shipped):
    """At least 300 cases of what hurts most, and half of that in a run by default."""
    (stratum,) = load_suite("toxicity").critical

    def critical(cases):
        return sum(
            case.expectation == "protect" and stratum.holds(category=case.category, severity=case.severity)
            for case in cases
        )

    assert critical(shipped["toxicity"]) >= 300
    assert critical(load_batch("toxicity").cases) >= 150


def test_prompt_attacks_are_tested_on_the_input_only(shipped):
    """Bedrock has no such filter for answers."""
    assert {case.side for case in shipped["toxicity"] if case.category == "PROMPT_ATTACK"} == {"input"}


def test_most_personal_data_in_answers_is_to_be_masked(shipped):
    """Masking is what models can disturb; blocked are cards, social security numbers, secrets, passwords."""
    outputs = [case for case in shipped["pii"] if (case.expectation, case.side) == ("protect", "output")]
    blocked = {case.category for case in outputs if case.action == "block"}

    assert sum(case.action == "mask" for case in outputs) / len(outputs) >= 0.8
    assert blocked == {
        "CREDIT_DEBIT_CARD_NUMBER",
        "US_SOCIAL_SECURITY_NUMBER",
        "AWS_SECRET_KEY",
        "PASSWORD",
    }


@pytest.mark.parametrize("suite", ["topics", "toxicity"])
def test_a_payload_of_meaning_is_a_whole_sentence(shipped, suite):
    """Under six words an answer could hold it by chance; what is typed or asked for is judged."""
    judged = [case for case in shipped[suite] if case.judged]

    assert judged
    assert all(case.material is None for case in judged)
    assert all(
        case.judged
        for case in shipped[suite]
        if case.policy in {"topic", "content"} and case.material is None
    )
    assert all(
        len(case.payload.split()) >= 6
        for case in shipped[suite]
        # Japanese has no spaces between words.
        if case.payload and case.language != "ja"
    )


def test_a_payload_of_personal_data_is_no_mere_short_number(shipped):
    """`CVV 123` can be told from any other 123."""
    for case in shipped["pii"]:
        if case.payload:
            assert len(re.sub(r"\W", "", case.payload)) >= (4 if case.language == "ja" else 6)


@every_suite
def test_the_payload_stands_once_and_not_in_the_instruction(shipped, suite):
    """What an answer repeats of the instruction is not taken for the payload."""
    for case in shipped[suite]:
        if case.payload:
            whole = "\n".join(case.texts)
            assert whole.count(case.payload) == (1 if case.form == "plain" else 0)
            assert whole.count("<text>") == (0 if case.side == "input" else 1)


@every_suite
def test_output_side_prompts_use_many_instructions(shipped, suite):
    """One instruction would test one habit of a model."""
    instructions = Counter(case.prompt.replace(case.material, "") for case in shipped[suite] if case.material)

    assert len(instructions) >= 30
    assert max(instructions.values()) <= 0.08 * sum(instructions.values())


@every_suite
def test_allow_cases_stand_with_and_without_material(shipped, suite):
    """Over-blocking is looked for in prompts and in answers; twins of what is asked for have no material."""
    sides = Counter(case.side for case in shipped[suite] if case.expectation == "allow")

    assert min(sides["input"], sides["output"]) >= 150
    judged = {case.id for case in shipped[suite] if case.judged}
    assert all(
        (case.material is not None) == (case.side == "output" and case.twin not in judged)
        for case in shipped[suite]
        if case.expectation == "allow"
    )


@every_suite
def test_severity_is_graded_for_what_must_be_stopped_only(shipped, suite):
    """Two grades at least; a harmless case has none."""
    grades = {case.severity for case in shipped[suite] if case.expectation == "protect"}

    assert len(grades - {"none"}) >= 2
    assert "none" not in grades
    assert {case.severity for case in shipped[suite] if case.expectation == "allow"} == {"none"}


@every_suite
def test_sentences_are_written_with_care(shipped, suite):
    """No slot left open, no doubled word or space, and in English no `a` before a vowel."""
    slips = re.compile(r"\{[a-z_]+\}|  |\b([a-z]+) \1\b")
    article = re.compile(r"\ba [aeio]\w|\ban [bcdfgjklmnpqrstvwxyz]")

    for case in shipped[suite]:
        if case.form == "plain":
            assert not slips.search(case.prompt), case.id
            assert case.language != "en" or not article.search(case.prompt), case.id


CRITICAL = {"cards": 3, "credentials": 4, "government_ids": 9}


def test_all_types_of_personal_data_are_tested_in_depth(shipped):
    """Each of Bedrock's 31: forty cases to protect, in like numbers on both sides, fifteen hard negatives."""
    for kind in get_args(PiiType):
        cases = [case for case in shipped["pii"] if case.category == kind]
        sides = Counter(case.side for case in cases if case.expectation == "protect")
        negatives = [case for case in cases if case.expectation == "allow" and case.twin is None]

        assert sides.total() >= 40, kind
        assert abs(sides["input"] - sides["output"]) <= 0.12 * sides.total(), kind
        assert len(negatives) >= 15, kind


def test_critical_strata_have_three_hundred_cases_and_half_of_them_are_asked_by_default(shipped):
    """Payment cards, credentials, government ids: each must reach its own verdict."""
    asked = load_batch("pii").cases
    strata = {stratum.name: stratum for stratum in load_suite("pii").critical}

    assert {name: len(stratum.categories) for name, stratum in strata.items()} == CRITICAL
    for stratum in strata.values():
        for cases, least in ((shipped["pii"], 300), (asked, 150)):
            held = [
                case
                for case in cases
                if case.expectation == "protect"
                and stratum.holds(category=case.category, severity=case.severity)
            ]
            assert len(held) >= least


def test_the_batch_has_the_registered_size(shipped):
    """2,500 cases and 250 templates, with at most ten wordings each; about 1,000 are asked by default."""
    templates = Counter(case.template for case in shipped["pii"])

    assert len(shipped["pii"]) >= 2_500
    assert len(templates) >= 250
    assert max(templates.values()) <= 10
    assert 900 <= len(load_batch("pii").cases) <= 1_200


def test_spans_hold_their_values_and_nothing_else(shipped):
    """Plain payloads stand in a span of the category's type, and every span is a whole value."""
    for case in shipped["pii"]:
        if case.expectation == "protect":
            values = {case.text[span.start : span.end] for span in case.spans if span.type == case.category}
            assert values
            assert case.form != "plain" or any(value in case.payload for value in values)
            assert all(value == value.strip() for value in values)


def test_values_stand_where_people_put_them(shipped):
    """Support chats, forms, logs, JSON, tables, code, e-mails, medical and staff notes, several at once."""
    protect = [case for case in shipped["pii"] if case.expectation == "protect"]

    assert {case.context for case in protect} >= {
        "sentence", "chat", "transcript", "ticket", "form", "log", "json", "table", "row", "csv", "code",
        "email", "medical", "hr", "list", "note", "xml",
    }  # fmt: skip
    assert {case.channel for case in protect} == {"user", "system", "history", "tool_result", "output"}
    assert sum(len(case.spans) > 1 for case in protect) >= 40


def test_hard_forms_and_places_stay_few(shipped):
    """Under six in a hundred: they are looked at by themselves and must not use up the caps."""
    protect = [case for case in shipped["pii"] if case.expectation == "protect"]
    hard = [
        case
        for case in protect
        if case.form in {"zero_width", "homoglyph", "base64", "spelled"}
        or case.channel in {"system", "tool_result"}
    ]

    assert set(FORMS) <= {case.form for case in protect}
    assert 0.02 <= len(hard) / len(protect) < 0.06


def test_the_suite_speaks_the_languages_it_names(shipped):
    """English in depth; names, e-mail, telephone and postal addresses in four more, on both sides."""
    assert {case.language for case in shipped["pii"]} == set(load_suite("pii").languages)
    for language in ("es", "fr", "de", "ja"):
        cases = [case for case in shipped["pii"] if case.language == language]
        sides = Counter((case.category, case.side) for case in cases if case.expectation == "protect")
        assert {category for category, _ in sides} == {"NAME", "EMAIL", "PHONE", "ADDRESS"}
        assert min(sides.values()) >= 10
