"""The stand-in cannot answer what AWS could not: shapes are held both ways.

All tests here run under the watch of `conftest.py`, which holds every success against the output shape
of its operation; these make sure that the watch sees all of them, and that it would object.
"""

from __future__ import annotations

import json

import pytest
from botocore.parsers import create_parser

from evals.rehearsal import wire
from evals.rehearsal.application import Application, Settings
from evals.rehearsal.constraints import validate
from evals.rehearsal.errors import ServiceError
from evals.rehearsal.operations import OPERATIONS

API = wire.load()


def everything(aws):
    """One success of every modelled operation, by the operation's name."""
    control, runtime = aws.control, aws.runtime
    created = control.create_guardrail(
        name="everything",
        description="Of each kind one.",
        blockedInputMessaging="In.",
        blockedOutputsMessaging="Out.",
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}],
            "regexesConfig": [{"name": "Ticket", "pattern": r"T-\d+", "action": "ANONYMIZE"}],
        },
        topicPolicyConfig={
            "topicsConfig": [{"name": "Tides", "definition": "High water at sea.", "type": "DENY"}]
        },
        contentPolicyConfig={
            "filtersConfig": [{"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH"}]
        },
    )
    identifier = {"guardrailIdentifier": created["guardrailId"]}
    yield "CreateGuardrail"
    control.create_guardrail_version(**identifier, description="First.")
    yield "CreateGuardrailVersion"
    control.get_guardrail(**identifier, guardrailVersion="1")
    yield "GetGuardrail"
    control.list_guardrails(**identifier, maxResults=1)
    yield "ListGuardrails"
    control.put_enforced_guardrail_configuration(
        guardrailInferenceConfig={**identifier, "guardrailVersion": "1"}
    )
    yield "PutEnforcedGuardrailConfiguration"
    (enforced,) = control.list_enforced_guardrails_configuration()["guardrailsConfig"]
    yield "ListEnforcedGuardrailsConfiguration"
    control.get_foundation_model(modelIdentifier="anthropic.claude-opus-4-7")
    yield "GetFoundationModel"
    control.get_inference_profile(inferenceProfileIdentifier="us.openai.gpt-5.5")
    yield "GetInferenceProfile"
    control.list_foundation_models()
    yield "ListFoundationModels"
    control.list_inference_profiles(maxResults=1)
    yield "ListInferenceProfiles"
    for text in ("A quiet day.", "krakatoa", "T-12 for ada@example.com"):
        for scope in ("INTERVENTIONS", "FULL"):
            runtime.apply_guardrail(
                **identifier,
                guardrailVersion="1",
                source="OUTPUT",
                content=[{"text": {"text": text}}],
                outputScope=scope,
            )
        for trace in ("disabled", "enabled", "enabled_full"):
            runtime.converse(
                modelId="us.anthropic.claude-opus-4-7",
                messages=[{"role": "user", "content": [{"text": f"Repeat: <text>{text}</text>"}]}],
                system=[{"text": "Be brief."}],
                inferenceConfig={"maxTokens": 200, "stopSequences": ["STOP"]},
                guardrailConfig={**identifier, "guardrailVersion": "1", "trace": trace},
            )
            asked = {
                "modelId": "us.openai.gpt-5.5",
                "messages": [{"role": "user", "content": [{"text": f"Repeat: <text>{text}</text>"}]}],
            }
            aws.stream("", guardrailConfig={**identifier, "guardrailVersion": "1", "trace": trace}, **asked)
            body = {"messages": [{"role": "user", "content": f"Repeat: <text>{text}</text>"}]}
            behind = {**identifier, "guardrailVersion": "1", "trace": trace.upper()}
            aws.invoke("us.openai.gpt-5.5", body, **behind)
            aws.invoke_stream("us.openai.gpt-5.5", body, **behind)
    yield "ApplyGuardrail"
    yield "Converse"
    yield "ConverseStream"
    yield "InvokeModel"
    yield "InvokeModelWithResponseStream"
    control.update_guardrail(
        **identifier,
        name="everything",
        blockedInputMessaging="In.",
        blockedOutputsMessaging="Out.",
        wordPolicyConfig={"wordsConfig": [{"text": "krakatoa"}]},
    )
    yield "UpdateGuardrail"
    control.delete_enforced_guardrail_configuration(configId=enforced["configId"])
    yield "DeleteEnforcedGuardrailConfiguration"
    arn = created["guardrailArn"]
    control.tag_resource(
        resourceARN=arn, tags=[{"key": "team", "value": "a"}, {"key": "team2", "value": "b"}]
    )
    yield "TagResource"
    control.untag_resource(resourceARN=arn, tagKeys=["team2", "never-there"])
    yield "UntagResource"
    assert control.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "a"}]
    yield "ListTagsForResource"
    control.delete_guardrail(**identifier)
    yield "DeleteGuardrail"


def test_every_operation_answers_in_its_output_shape(fresh):
    """All modelled operations succeed under the watch, none is left out."""
    seen = set(everything(fresh))

    dispatcher = Application(Settings())._dispatcher
    assert seen == {*dispatcher._control, *dispatcher._runtime} == set(OPERATIONS)


def test_botocore_drops_nothing_of_an_answer(send, aws):
    """What botocore's parser reads from a traced Converse is all that was sent."""
    identifier = aws.guardrail()
    body = {
        "messages": [{"role": "user", "content": [{"text": "What makes a good list?"}]}],
        "guardrailConfig": {
            "guardrailIdentifier": identifier,
            "guardrailVersion": "DRAFT",
            "trace": "enabled_full",
        },
    }
    status, headers, sent = send("POST", "/model/us.openai.gpt-5.5/converse", json.dumps(body).encode())

    response = {"status_code": status, "headers": headers, "body": json.dumps(sent).encode()}
    output = API.operations["Converse"].output._raw
    read = create_parser("rest-json").parse(response, output)

    del read["ResponseMetadata"]
    assert read == sent


@pytest.mark.parametrize(
    ("name", "document", "message"),
    [
        ("CreateGuardrail", {"guardrailId": "abc"}, "Value null at 'guardrailArn'"),
        ("ListGuardrails", {"guardrails": [{"id": "gr-1"}]}, "Value 'gr-1' at 'guardrails.1.member.id'"),
        ("Converse", {"stopReason": "tired"}, "Value 'tired' at 'stopReason'"),
        ("Converse", {"guess": 1}, "Value at 'guess' failed to satisfy constraint: Member is not part"),
        ("ApplyGuardrail", {"usage": {"topicPolicyUnits": 1}}, "Value null at 'usage.wordPolicyUnits'"),
    ],
)
def test_watch_objects(name, document, message):
    """A document that AWS could not have sent does not pass."""
    with pytest.raises(ServiceError) as caught:
        validate(API.operations[name].output, document)

    assert message in caught.value.message


def inner(shape):
    """The shapes directly inside a shape."""
    if shape.document:
        return []
    match shape.kind:
        case "structure":
            return list(shape.members.values())
        case "list":
            return [shape.element]
        case "map":
            return [shape.key, shape.value]
    return []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_patterns_of_all_shapes_compile(name):
    """AWS writes its patterns for another engine; all that we meet must mean something here."""
    pending = [API.operations[name].input, API.operations[name].output]
    seen = set()
    while pending:
        shape = pending.pop()
        if shape.name not in seen:
            seen.add(shape.name)
            pending.extend(inner(shape))
            assert shape.pattern is None or shape.pattern.pattern
    assert len(seen) > 2
