"""The arms file: who is compared, and how a faulty file is told."""

from __future__ import annotations

import pytest
import yaml

from suites.arms import ARMS_FOLDER, Arm, load_arms
from suites.errors import RegistrationError
from suites.routes import family_of

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
            r"version: .*DRAFT can change .* a numbered version\. Publish one .*\(found: 'DRAFT'\)",
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


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        (
            {"stream": "sync"},
            "`stream` is for the routes converse_stream, invoke_stream; this one is converse",
        ),
        ({"route": "invoke"}, "the route invoke needs `family: anthropic` or `family: openai`"),
        ({"route": "sidecar", "service_tier": "flex"}, "`service_tier` is not sent by the route sidecar"),
        ({"sidecar": "openai/m"}, "`sidecar` is for the route auto; this one is converse"),
        ({"guardrails": {"pii": WHOLE}}, "for an arm with a `region` of its own"),
        ({"region": "eu-west-1", "guardrails": {"pii": {}}}, "lacks the cuts full, input, output"),
    ],
)
def test_what_a_route_does_not_take_is_refused(written, arm, said):
    """A setting that would not be sent is no setting."""
    with pytest.raises(RegistrationError, match=said):
        load_arms(written(reference=ARM | arm, candidate=ARM | arm))


@pytest.mark.parametrize(
    ("arm", "name", "shown"),
    [
        ({"route": "converse_stream"}, "route", "reference: converse, candidate: converse_stream"),
        ({"route": "sidecar"}, "route", "reference: converse, candidate: sidecar"),
        ({"region": "eu-west-1"}, "region", "reference: us-east-1, candidate: eu-west-1"),
        ({"service_tier": "flex"}, "service_tier", "reference: default, candidate: flex"),
        ({"parameters": {"max_tokens": 5}}, "max_tokens", "reference: 1024, candidate: 5"),
        ({"parameters": {"temperature": 0.0}}, "temperature", "reference: not sent, candidate: 0.0"),
        ({"parameters": {"top_p": 1.0}}, "top_p", "reference: not sent, candidate: 1.0"),
    ],
)
def test_a_difference_is_refused_until_it_is_accepted_by_name(written, arm, name, shown):
    """Whatever differs beside the model would be measured with it; the message says what to write."""
    with pytest.raises(RegistrationError, match=rf"differ in {name} \({shown}\).*`accept: \[{name}\]`"):
        load_arms(written(candidate=ARM | arm))

    accepted = load_arms(written(candidate=ARM | arm, accept=[name]))

    assert list(accepted.different) == [name]


def test_modes_of_two_streams_are_compared(written):
    """One that streams beside one that does not differs in its route; two streams differ in their modes."""
    stream = ARM | {"route": "converse_stream"}
    with pytest.raises(RegistrationError, match=r"stream \(reference: sync, candidate: async\)"):
        load_arms(written(reference=stream, candidate=stream | {"stream": "async"}))

    assert load_arms(written(reference=stream, candidate=stream | {"stream": "sync"})).different == {}


def test_an_open_route_is_compared_when_it_is_chosen(written):
    """Until then nobody knows whether it differs."""
    assert load_arms(written(candidate=ARM | {"route": "auto"})).different == {}


def test_every_difference_is_told_at_once(written):
    """And none of those that are accepted already."""
    arm = ARM | {"route": "sidecar", "region": "eu-west-1", "parameters": {"max_tokens": 5}}
    with pytest.raises(RegistrationError, match=r"differ in route \(.*\); max_tokens \(") as refused:
        load_arms(written(candidate=arm, accept=["region"]))
    assert "`accept: [max_tokens, region, route]`" in str(refused.value)


def test_an_unknown_difference_cannot_be_accepted(written):
    """A misspelt name accepts nothing."""
    with pytest.raises(RegistrationError, match=r"accept\.0: .*'route'.*\(found: 'roote'\)"):
        load_arms(written(accept=["roote"]))


@pytest.mark.parametrize(
    ("arm", "provider"),
    [
        ({}, "guarded/us.example.model-1"),
        ({"route": "invoke", "family": "openai"}, "guarded/us.example.model-1"),
        ({"route": "sidecar"}, "sidecar/bare/us.example.model-1"),
        ({"route": "sidecar", "model": "openai/bedrock/gpt"}, "sidecar/openai/bedrock/gpt"),
        ({"route": "sidecar", "model": "arn:aws:bedrock:x:1:a/b"}, "sidecar/bare/arn:aws:bedrock:x:1:a/b"),
    ],
)
def test_the_route_says_which_provider_asks(arm, provider):
    """A model of Bedrock is asked by ours, any other by its own behind a sidecar."""
    assert Arm.model_validate(ARM | arm).provider == provider


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("us.anthropic.claude-opus-4-7", "anthropic"),
        ("openai.gpt-oss-20b-1:0", "openai"),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/global.openai.gpt-5.5", "openai"),
        ("amazon.nova-pro-v1:0", None),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", None),
    ],
)
def test_a_name_tells_the_family_where_it_can(model, family):
    """Of which the body of InvokeModel depends."""
    assert family_of(model) == family


@pytest.mark.parametrize("quotas", [{"requests_per_second": {"reference": 0}}, {"text_units_per_second": -1}])
def test_a_rate_is_more_than_nothing(written, quotas):
    """At a rate of zero a run would never end."""
    with pytest.raises(RegistrationError, match=r"quotas\..*greater than 0"):
        load_arms(written(quotas=quotas))


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
