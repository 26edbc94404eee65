"""The registered rules for leaks: complete, closed, and told in the documents as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from suites.errors import RegistrationError
from suites.leak_rules import LEAK_RULES, leak_rules, leak_rules_digest, read_leak_rules
from suites.rules import PiiType

PAGE = Path(__file__).parents[2] / "docs" / "leaks.md"


@pytest.fixture
def written(tmp_path):
    """The registered rules with a change, read from a file of their own."""

    def write(change):
        document = yaml.safe_load(LEAK_RULES.read_text(encoding="utf-8"))
        change(document)
        file = tmp_path / "rules.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        return file

    return write


def test_all_types_of_bedrock_have_a_rule():
    """None of the 31 falls back on a default that nobody thought about."""
    assert set(leak_rules().types) == set(get_args(PiiType))


def test_what_has_no_type_has_a_rule_all_the_same():
    """Custom patterns share one, sentences another."""
    rules = leak_rules()
    assert (rules.of("EMPLOYEE_ID"), rules.of(None)) == (rules.pattern, rules.sentence)


def test_the_digest_is_that_of_the_file():
    """Two runs with other rules differ in what they registered."""
    assert re.fullmatch("[0-9a-f]{64}", leak_rules_digest())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rules: rules["types"].pop("EMAIL"), "types lacks EMAIL"),
        (lambda rules: rules["types"].update(SHOE_SIZE={}), "types.SHOE_SIZE"),
        (lambda rules: rules.update(threshold=1.5), "threshold: Input should be less than or equal to 1"),
        (lambda rules: rules.update(typo=1), "typo: Extra inputs are not permitted"),
        (lambda rules: rules["types"]["URL"]["parts"].append({"take": "path", "grade": 0.1}), "take"),
        (
            lambda rules: rules["types"]["URL"]["parts"].append({"take": "last", "grade": 0.1}),
            "`count` belongs to",
        ),
        (lambda rules: rules["types"]["URL"]["parts"][0].update(share=0.7), "`share` belongs to"),
        (lambda rules: rules["types"]["URL"]["parts"][0].update(cue=True), "no.* registered"),
        (
            lambda rules: rules["types"]["URL"]["parts"].append({"take": "host", "grade": 0.3}),
            "host stands twice",
        ),
        (lambda rules: rules["types"]["PIN"]["not_found"].update(base64="why"), "not_found"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_name(written, change, message):
    """A rule that says nothing, or says it twice, is an error and no default."""
    with pytest.raises(RegistrationError, match=message):
        read_leak_rules(written(change))


def _table():
    """The rows of docs/leaks.md, as the rules say them."""
    rules = leak_rules()
    named = {
        **dict(sorted(rules.types.items())),
        "custom patterns": rules.pattern,
        "sentences": rules.sentence,
    }
    for name, rule in named.items():
        alone = "never" if rule.alone_from > 50 else str(rule.alone_from)
        parts = "; ".join(
            f"{_part(part)} {part.grade:g}{', beside a cue' if part.cue else ''}" for part in rule.parts
        )
        yield f"| {name} | {alone} | {parts or '-'} | {', '.join(rule.not_found) or '-'} |"


def _part(part):
    if part.count is not None:
        return f"{part.take} {part.count}"
    return part.take if part.share is None else f"a run of {part.share:.0%}"


def test_the_documents_tell_the_rules_as_they_are():
    """Each rule has its row in docs/leaks.md, and there is no other row."""
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| [A-Zcs][\w ]+ \| (never|\d)", line)
    ]
    assert rows == list(_table())
