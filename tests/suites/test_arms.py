"""The arms file: who is compared, and how a faulty file is told."""

from __future__ import annotations

import pytest
import yaml

from suites.arms import ARMS_FOLDER, load_arms
from suites.errors import RegistrationError

ARM = {"model": "us.example.model-1"}
WHOLE = {cut: {"id": "abc123def456", "version": "1"} for cut in ("full", "input", "output")}


@pytest.fixture
def written(tmp_path):
    """Write an arms file with both arms and further fields, and give its path."""

    def write(**fields):
        path = tmp_path / "my-arms.yaml"
        path.write_text(yaml.safe_dump({"reference": ARM, "candidate": ARM} | fields))
        return path

    return write


@pytest.mark.parametrize("name", ["rehearsal", "bedrock"])
def test_a_shipped_file_is_found_by_its_name(name):
    """Both compare Opus 4.7 with GPT-5.5, and send no temperature, which neither takes."""
    arms = load_arms(name)

    assert arms.rehearsal == (name == "rehearsal")
    assert "opus-4-7" in arms.reference.model
    assert "gpt-5.5" in arms.candidate.model
    assert arms.reference.parameters.temperature is arms.candidate.parameters.temperature is None


def test_a_file_is_found_by_its_path(written):
    """One's own file needs no place in the package."""
    assert load_arms(written(guardrails={"pii": WHOLE})).guardrails["pii"]["input"].id == "abc123def456"


def test_the_same_file_is_found_by_name_and_path():
    """The name is short for the path."""
    assert load_arms("bedrock") == load_arms(ARMS_FOLDER / "bedrock.yaml")


def test_an_unknown_file_is_answered_with_those_that_exist():
    """A misspelt name gets the list."""
    with pytest.raises(RegistrationError, match=r"No arms file rehersal\..*bedrock, rehearsal"):
        load_arms("rehersal")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"reference": {}}, r"reference\.model: Field required"),
        ({"reference": ARM | {"route": "carrier-pigeon"}}, r"reference\.route: .*'converse'"),
        ({"reference": ARM | {"parameters": {"temperature": 3}}}, r"temperature: .*equal to 1 \(found: 3\)"),
        ({"reference": ARM | {"parameters": {"max_tokens": 0}}}, r"max_tokens: .*greater than or equal to 1"),
        ({"third": ARM}, "third: Extra inputs are not permitted"),
        ({"rehearsal": True, "guardrails": {"pii": WHOLE}}, "a rehearsal brings up its own guardrails"),
        ({"guardrails": {"pii": {"full": WHOLE["full"]}}}, r"guardrails\.pii lacks the cuts input, output"),
        ({"guardrails": {"pii": WHOLE | {"half": WHOLE["full"]}}}, "'full', 'input' or 'output'"),
        (
            {"guardrails": {"pii": WHOLE | {"full": {"id": "abc", "version": "DRAFT"}}}},
            r"version: .*\(found: 'DRAFT'\)",
        ),
        (
            {"guardrails": {"pii": WHOLE | {"full": {"id": "My Guardrail", "version": "1"}}}},
            r"id: .*\(found: 'My Guardrail'\)",
        ),
    ],
)
def test_a_malformed_file_names_path_key_value_and_what_is_allowed(written, fields, said):
    """Whoever wrote it can put it right from the message alone."""
    path = written(**fields)

    with pytest.raises(RegistrationError, match=said) as refused:
        load_arms(path)

    assert str(path) in str(refused.value)


def test_what_is_not_yaml_is_told(tmp_path):
    """Path and place of the fault."""
    path = tmp_path / "arms.yaml"
    path.write_text("reference: {model: x\n")

    with pytest.raises(RegistrationError, match=r"arms\.yaml cannot be read"):
        load_arms(path)


def test_an_arm_is_not_given_twice(tmp_path):
    """The second of two equal keys would win silently."""
    path = tmp_path / "arms.yaml"
    path.write_text("reference: {model: a}\ncandidate: {model: b}\nreference: {model: c}\n")

    with pytest.raises(RegistrationError, match="the key 'reference' stands twice"):
        load_arms(path)
