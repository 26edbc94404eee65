"""A guardrail that the account enforces: before which models, over what, and how it shows."""

from __future__ import annotations

import pytest

from evals.rehearsal.application import Settings

OPUS, GPT = "us.anthropic.claude-opus-4-7", "us.openai.gpt-5.5"
CLAUDE = "anthropic.claude-opus-4-7"
HERON = {"wordPolicyConfig": {"wordsConfig": [{"text": "heron"}]}}
ON_INPUT = {"inputEnabled": True, "outputEnabled": False}


def masks(kind):
    return {
        "sensitiveInformationPolicyConfig": {
            "piiEntitiesConfig": [{"type": kind, "action": "ANONYMIZE", **ON_INPUT}]
        }
    }


@pytest.fixture
def account(clients_for, hosted):
    """Clients of an account of one's own, in which anything may be enforced."""
    with hosted(Settings()) as endpoint_url:
        yield clients_for(endpoint_url)


def published(clients, **policies):
    """The id of a guardrail with a version 1."""
    identifier = clients.guardrail(**policies)
    clients.control.create_guardrail_version(guardrailIdentifier=identifier)
    return identifier


def enforce(clients, identifier, **more):
    """Put version 1 before the models; gives the configuration's id."""
    config = more.pop("config", None)
    inference = {"guardrailIdentifier": identifier, "guardrailVersion": "1", **more}
    given = {"configId": config} if config else {}
    put = clients.control.put_enforced_guardrail_configuration(guardrailInferenceConfig=inference, **given)
    return put["configId"]


def models(*included, excluded=()):
    return {"modelEnforcement": {"includedModels": list(included), "excludedModels": list(excluded)}}


def origins(answer):
    """By guardrail, why it stood before the input."""
    assessed = answer["trace"]["guardrail"]["inputAssessment"]
    return {name: found["appliedGuardrailDetails"]["guardrailOrigin"] for name, found in assessed.items()}


def stopped(answer):
    return answer["stopReason"] == "guardrail_intervened"


def test_enforced_guardrail_stands_before_calls_that_name_none(account):
    """On every operation, and gone as soon as it is deleted; ApplyGuardrail is not concerned."""
    identifier = published(account)
    config = enforce(account, identifier)
    body = {"messages": [{"role": "user", "content": "krakatoa"}]}

    assert stopped(account.converse("krakatoa"))
    assert account.stream("krakatoa")[-2]["messageStop"]["stopReason"] == "guardrail_intervened"
    assert account.invoke(GPT, body)["amazon-bedrock-guardrailAction"] == "INTERVENED"
    assert account.apply(account.guardrail(**HERON), "krakatoa")["action"] == "NONE"

    account.control.delete_enforced_guardrail_configuration(configId=config)

    assert not stopped(account.converse("krakatoa"))
    assert account.control.list_enforced_guardrails_configuration()["guardrailsConfig"] == []


def test_two_guardrails_stand_side_by_side(account):
    """Each has its assessment and its origin; the account's canned text comes first."""
    enforced, asked = published(account), account.guardrail(**HERON)
    enforce(account, enforced)

    clean, one, both = (account.converse(text, asked) for text in ("Hello.", "heron", "heron krakatoa"))

    assert origins(clean) == {enforced: ["ACCOUNT_ENFORCED"], asked: ["REQUEST"]}
    assert set(clean["trace"]["guardrail"]["outputAssessments"]) == {enforced, asked}
    assert stopped(one)
    assert stopped(both)
    assert not stopped(clean)


def test_what_one_masks_stays_masked_for_the_other(account):
    """Each finds what is its own in the text as it was, and the model gets neither."""
    enforced, asked = published(account, **masks("EMAIL")), account.guardrail(**masks("IP_ADDRESS"))
    enforce(account, enforced)

    for number in range(20):
        prompt = f"Repeat {number}: <text>heron, ada@example.com, 192.0.2.7</text>"
        answer = account.converse(prompt, asked)
        said = answer["trace"]["guardrail"]["modelOutput"][0]
        if "heron" in said:
            break

    assert "{EMAIL}" in said
    assert "{IP_ADDRESS}" in said
    found = answer["trace"]["guardrail"]["inputAssessment"]
    assert [len(found[name]["sensitiveInformationPolicy"]["piiEntities"]) for name in (enforced, asked)] == [
        1,
        1,
    ]


def test_one_version_for_both_reasons_is_assessed_once(account):
    """It is charged once, and says both."""
    identifier = published(account)
    enforce(account, identifier)
    settings = {"guardrailIdentifier": identifier, "guardrailVersion": "1", "trace": "enabled"}

    answer = account.converse("Hello.", guardrailConfig=settings)

    assert origins(answer) == {identifier: ["REQUEST", "ACCOUNT_ENFORCED"]}
    with pytest.raises(account.runtime.exceptions.ValidationException, match="two versions of one guardrail"):
        account.converse("Hello.", identifier)


@pytest.mark.parametrize(
    ("enforcement", "expected"),
    [
        ({}, {OPUS: True, GPT: True}),
        (models("ALL"), {OPUS: True, GPT: True}),
        (models(CLAUDE), {OPUS: True, GPT: False}),
        (models("ALL", excluded=[CLAUDE]), {OPUS: False, GPT: True}),
        (models("openai.gpt-oss-120b-1:0"), {OPUS: False, GPT: False}),
        (
            models(CLAUDE, excluded=[CLAUDE]),
            {OPUS: False, GPT: False},
        ),
    ],
)
def test_enforcement_can_name_one_model_and_not_the_other(account, enforcement, expected):
    """A gap between two models that no request shows; exclusion outweighs inclusion."""
    enforce(account, published(account), **enforcement)

    assert {model: stopped(account.converse("krakatoa", modelId=model)) for model in expected} == expected


@pytest.mark.parametrize(
    ("guarding", "expected"),
    [
        ({}, (True, True, True)),
        ({"system": "SELECTIVE"}, (False, True, True)),
        ({"messages": "SELECTIVE"}, (True, True, False)),
        ({"system": "SELECTIVE", "messages": "SELECTIVE"}, (False, True, False)),
    ],
)
def test_selective_guarding_honours_tags(account, guarding, expected):
    """Comprehensive reads everything; selective leaves untagged system text, and text beside tags, unread."""
    word = {"wordsConfig": [{"text": "krakatoa", **ON_INPUT}]}
    selective = {"selectiveContentGuarding": guarding} if guarding else {}
    enforce(account, published(account, wordPolicyConfig=word), **selective)
    tag = {"guardContent": {"text": {"text": "Hello."}}}
    calls = (
        {"system": [{"text": "krakatoa"}]},
        {"system": [{"guardContent": {"text": {"text": "krakatoa"}}}]},
        {"messages": [{"role": "user", "content": [{"text": "krakatoa"}, tag]}]},
    )

    assert tuple(stopped(account.converse("Hello.", **call)) for call in calls) == expected


def test_endpoint_that_ignores_guardrails_ignores_enforcement_too(account):
    """The account's guardrail does not reach it either."""
    enforce(account, published(account))

    assert not stopped(account.converse("krakatoa", modelId="mantle.openai.gpt-5.5"))


def test_trace_can_be_asked_for_without_a_guardrail(account):
    """What the account enforces shows in the trace of a call that names nothing."""
    identifier = published(account)
    enforce(account, identifier)

    answer = account.converse("Hello.", guardrailConfig={"trace": "enabled"})

    assert origins(answer) == {identifier: ["ACCOUNT_ENFORCED"]}


def test_one_model_cannot_be_named(account):
    """The service's own pattern has room for one dot in a model's id, and GPT-5.5 has two."""
    for enforcement in (models("openai.gpt-5.5"), models("ALL", excluded=["openai.gpt-5.5"])):
        with pytest.raises(
            account.control.exceptions.ValidationException, match="regular expression pattern"
        ):
            enforce(account, published(account), **enforcement)


def test_configuration_is_listed_as_it_was_put(account):
    """With its guardrail, its models and its owner; an update keeps the id."""
    first, second = published(account), published(account, **HERON)
    config = enforce(account, first)
    assert enforce(account, second, config=config, **models(CLAUDE)) == config

    (listed,) = account.control.list_enforced_guardrails_configuration()["guardrailsConfig"]

    assert (listed["configId"], listed["guardrailId"], listed["guardrailVersion"]) == (config, second, "1")
    assert listed["modelEnforcement"] == {"includedModels": [CLAUDE], "excludedModels": []}
    assert listed["selectiveContentGuarding"] == {"system": "COMPREHENSIVE", "messages": "COMPREHENSIVE"}
    assert listed["owner"] == "ACCOUNT"


def test_enforced_version_cannot_be_deleted(account):
    """Neither alone nor with its guardrail; another version can."""
    identifier = published(account)
    account.control.create_guardrail_version(guardrailIdentifier=identifier)
    enforce(account, identifier)

    for version in ({"guardrailVersion": "1"}, {}):
        with pytest.raises(account.control.exceptions.ResourceInUseException, match="is enforced"):
            account.control.delete_guardrail(guardrailIdentifier=identifier, **version)
    account.control.delete_guardrail(guardrailIdentifier=identifier, guardrailVersion="2")


def test_wrong_enforcement_is_refused(account):
    """A second one, a draft, a version, a model or a configuration that does not exist."""
    identifier = published(account)
    errors = account.control.exceptions
    with pytest.raises(errors.ResourceNotFoundException, match="There is no version '7' of a guardrail"):
        enforce(account, identifier, guardrailVersion="7")
    with pytest.raises(errors.ValidationException, match="Value 'DRAFT'"):
        enforce(account, identifier, guardrailVersion="DRAFT")
    with pytest.raises(errors.ValidationException, match=r"the model 'openai\.gpt-9', which does not"):
        enforce(account, identifier, **models("openai.gpt-9"))
    with pytest.raises(errors.ResourceNotFoundException, match="configuration 'abc'"):
        enforce(account, identifier, config="abc")
    with pytest.raises(errors.ResourceNotFoundException, match="configuration 'abc'"):
        account.control.delete_enforced_guardrail_configuration(configId="abc")
    enforce(account, identifier)
    with pytest.raises(errors.ConflictException, match="enforces a guardrail already"):
        enforce(account, identifier)
