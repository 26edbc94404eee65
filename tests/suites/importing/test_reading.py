"""From a source's rows to cases: what is mapped, what is set aside, and what is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from suites.importing.maps import ImportMap, map_names, read_map
from suites.importing.reading import read_cases, read_source
from suites.importing.tables import rows_of
from suites.suite import load_suite

CHECKOUT = Path(__file__).parents[3]
DATA = CHECKOUT.parent / "shared" / "data"
EXAMPLES = re.findall(
    r"```yaml\n(name: .+?)```", (CHECKOUT / "docs" / "own-prompts.md").read_text(), re.DOTALL
)
TOPICS, NOTES = (ImportMap.model_validate(yaml.safe_load(example)) for example in EXAMPLES)
NOTE = "Jane Doe wrote to jdoe@example.com from Oslo."
ENTITIES = [
    {"begin": 0, "end": 8, "label": "PER", "text": "Jane Doe"},
    {"begin": 18, "end": 34, "label": "MAIL", "text": "jdoe@example.com"},
]


def ticket(**fields):
    """A row that is in order, as the first example of the documents has it."""
    row = {"ticket": "T 7", "question": "Which fund should I buy?", "macro": "m1", "subject": "shares"}
    return row | {"kind": "real", "agent": "x", "received": "y"} | fields


def read(*rows, plan=TOPICS):
    """The rows by a map, against the shipped policy of its suite."""
    return read_source(plan, load_suite(plan.suite).policy, rows)


def kinds(reading):
    """The problems as (kind, row, where)."""
    return [(problem.kind, problem.row, problem.where) for problem in reading.problems]


def test_a_row_becomes_a_case_by_the_documents_example():
    """The policy says which rule acts and how; what an answer does with a topic is judged."""
    reading = read(ticket())

    ((row, case),) = reading.cases
    assert (row, case.id, case.template) == (1, "topics-our-bank-t-7", "m1")
    assert (case.expectation, case.policy, case.action, case.payload) == ("protect", "topic", "block", None)
    assert case.provenance == "Support questions of the Example Bank, March (internal), row 1"
    assert reading.problems == []


def test_a_value_without_a_translation_of_its_own_is_other():
    """Harmless subjects need not be listed."""
    ((_, case),) = read(ticket(subject="opening hours")).cases

    assert (case.expectation, case.category, case.severity) == ("allow", "everyday", "none")


def test_rows_are_left_out_on_purpose_and_counted():
    """Set aside is neither a case nor a problem."""
    reading = read(ticket(), ticket(ticket="T 8", question="Another one entirely?", kind="test"))

    assert (reading.rows, len(reading.cases)) == (2, 1)
    assert dict(reading.aside) == {"entered by our own testers": 1}


def test_gold_spans_make_the_expectation():
    """Several values in one text; types that no rule is about are left out."""
    city = {"begin": 40, "end": 44, "label": "CITY", "text": "Oslo"}
    reading = read(
        {"note": NOTE, "entities": [*reversed(ENTITIES), city]},
        {"note": "Nobody is named in this one.", "entities": []},
        {"note": "We met in Oslo before.", "entities": [city | {"begin": 10, "end": 14}]},
        plan=NOTES,
    )

    (_, named), (_, plain) = reading.cases
    assert [named.text[span.start : span.end] for span in named.spans] == ["Jane Doe", "jdoe@example.com"]
    assert (named.category, named.policy, named.payload) == ("NAME", "pii", "Jane Doe")
    assert (plain.expectation, plain.spans) == ("allow", ())
    assert dict(reading.aside) == {"it holds only types that no rule is about": 1}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([ticket(colour="red")], ("unknown_column", None, "colour")),
        ([{"question": "Which fund?", "kind": "real"}], ("missing_column", None, "macro")),
        ([ticket(question=" ")], ("empty_text", 1, "prompt")),
        ([ticket(), ticket(question="How do I sue them all?", subject="lawsuit")], ("duplicate_id", 2, "id")),
        ([ticket(), ticket(ticket="T 8")], ("near_duplicate", 2, "prompt")),
        ([ticket(question="Write to a@real-bank.com about my fund.")], ("personal_data", 1, "prompt")),
        ([ticket(question="x" * 8001)], ("invalid_row", 1, "prompt")),
    ],
)
def test_what_is_wrong_is_told_with_row_and_place(rows, found):
    """One problem each, and it is the one that was planted."""
    assert found in kinds(read(*rows))


@pytest.mark.parametrize(
    ("entity", "kind"),
    [
        (ENTITIES[0] | {"end": 99}, "wrong_offsets"),
        (ENTITIES[0] | {"begin": 8}, "wrong_offsets"),
        (ENTITIES[0] | {"begin": 1}, "wrong_offsets"),
        (ENTITIES[0] | {"begin": "0"}, "wrong_offsets"),
        (ENTITIES[0] | {"label": "ORG"}, "unmapped_value"),
    ],
)
def test_a_wrong_span_is_told(entity, kind):
    """Outside of the text, empty, not what it says, no number, or of an unknown type."""
    reading = read({"note": NOTE, "entities": [ENTITIES[1], entity]}, plan=NOTES)

    assert kinds(reading) == [(kind, 1, "entities[1]")]
    assert reading.cases == []


def test_a_category_without_a_rule_is_told():
    """It would count as missed on every arm."""
    plan = TOPICS.model_copy(
        update={
            "fields": TOPICS.fields
            | {"category": TOPICS.fields["category"].model_copy(update={"values": {}, "other": "Weather"})}
        }
    )

    assert kinds(read(ticket(), plan=plan)) == [("unconfigured_category", 1, "category")]


def test_an_unlisted_value_is_a_problem_where_there_is_no_other():
    """Guessing an expectation is how a harmless prompt comes to be protected."""
    field = TOPICS.fields["expectation"].model_copy(update={"other": None})
    plan = TOPICS.model_copy(update={"fields": TOPICS.fields | {"expectation": field}})

    (problem,) = read(ticket(subject="weather"), plan=plan).problems
    assert str(problem) == "row 1, subject: 'weather' is none of lawsuit, shares [unmapped_value]"


def test_personal_data_is_never_shown():
    """The reason names its kind; the value stays in the source."""
    (problem,) = read(ticket(question="Write to someone@real-bank.com about funds.")).problems

    assert "real-bank" not in str(problem)


def test_cases_are_checked_as_imported_rows_are(shipped):
    """A shipped batch is in order; a changed field, a lost twin and a stranger's rule are told."""
    rows = [case.model_dump(mode="json") for case in shipped["pii"] if case.twin][:2]
    policy = load_suite("pii").policy

    assert {p.kind for p in read_cases(policy, rows[:1]).problems} == {"unbalanced_twins"}
    assert kinds(read_cases(policy, [rows[0] | {"colour": "red"}])) == [("unknown_column", 1, "colour")]
    strange = rows[0] | {"twin": None, "category": "STAR_SIGN"}
    assert ("unconfigured_category", 1, "category") in kinds(read_cases(policy, [strange]))


SOURCES = {
    "hatecheck": ("hatecheck/test_suite_cases.csv", 3728),
    "xstest": ("xstest/xstest_prompts.csv", 400),
    "simplesafetytests": ("simplesafetytests/simplesafetytests.csv", 60),
    "banking77": ("banking77/test.csv", 3080),
    "aws-tutoring": ("aws_bedrock_samples/tdd_tests.csv", 27),
    "presidio-research": ("presidio_research/synth_dataset_v2.json", 1267),
}


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data sets are not at {DATA}")
@pytest.mark.parametrize("name", SOURCES)
def test_ready_made_maps_fit_their_sources(name):
    """Every column known, every value translated, every offset right; the rest may be accepted by name."""
    file, cases = SOURCES[name]
    plan = read_map(name)

    reading = read_source(plan, load_suite(plan.suite).policy, rows_of(str(DATA / file)))

    assert len(reading.cases) == cases
    assert {problem.kind for problem in reading.problems} <= {
        "personal_data", "near_duplicate", "unconfigured_category",
    }  # fmt: skip


def test_every_ready_made_map_is_tested():
    """A new one has to be added here."""
    assert sorted(SOURCES) == map_names()
