"""Guardrails and their versions, through boto3."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError

WORDS = {"wordsConfig": [{"text": "krakatoa"}]}
MESSAGES = {"blockedInputMessaging": "In.", "blockedOutputsMessaging": "Out."}


def test_created_guardrail_is_described_with_the_names_get_guardrail_uses(aws):
    """GetGuardrail gives the configuration back, without the endings `Config`."""
    created = aws.control.create_guardrail(
        name="described",
        description="All four policies.",
        **MESSAGES,
        wordPolicyConfig={**WORDS, "managedWordListsConfig": [{"type": "PROFANITY", "inputEnabled": False}]},
        topicPolicyConfig={
            "topicsConfig": [{"name": "Tides", "definition": "When it is high.", "type": "DENY"}],
            "tierConfig": {"tierName": "CLASSIC"},
        },
        contentPolicyConfig={
            "filtersConfig": [{"type": "HATE", "inputStrength": "HIGH", "outputStrength": "LOW"}]
        },
        sensitiveInformationPolicyConfig={
            "piiEntitiesConfig": [{"type": "EMAIL", "action": "ANONYMIZE"}],
            "regexesConfig": [{"name": "Ticket", "pattern": r"T-\d{4}", "action": "BLOCK"}],
        },
    )

    described = aws.control.get_guardrail(guardrailIdentifier=created["guardrailId"])

    assert created["version"] == described["version"] == "DRAFT"
    assert described["guardrailArn"] == created["guardrailArn"]
    assert described["status"] == "READY"
    assert described["description"] == "All four policies."
    assert described["wordPolicy"] == {
        "words": [{"text": "krakatoa"}],
        "managedWordLists": [{"type": "PROFANITY", "inputEnabled": False}],
    }
    assert described["topicPolicy"] == {
        "topics": [{"name": "Tides", "definition": "When it is high.", "type": "DENY"}],
        "tier": {"tierName": "CLASSIC"},
    }
    assert described["contentPolicy"] == {
        "filters": [{"type": "HATE", "inputStrength": "HIGH", "outputStrength": "LOW"}]
    }
    assert described["sensitiveInformationPolicy"] == {
        "piiEntities": [{"type": "EMAIL", "action": "ANONYMIZE"}],
        "regexes": [{"name": "Ticket", "pattern": r"T-\d{4}", "action": "BLOCK"}],
    }


def test_key_is_told_by_its_arn_whatever_named_it(aws):
    """As KMS describes it; a numbered version keeps its key when the DRAFT gets none."""
    kms = boto3.client(
        "kms",
        endpoint_url=aws.control.meta.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    arn = kms.describe_key(KeyId="alias/guardrails")["KeyMetadata"]["Arn"]
    keys = ("alias/guardrails", arn, arn.rpartition("/")[2], arn.rpartition(":")[0] + ":alias/guardrails")
    told = set()
    for place, key in enumerate(keys):
        rest = {"name": f"sealed-{place}", **MESSAGES, "wordPolicyConfig": WORDS}
        sealed = {"guardrailIdentifier": aws.control.create_guardrail(**rest, kmsKeyId=key)["guardrailId"]}
        number = aws.control.create_guardrail_version(**sealed)["version"]
        told.add(aws.control.get_guardrail(**sealed)["kmsKeyArn"])
        aws.control.update_guardrail(**sealed, **rest)
        assert "kmsKeyArn" not in aws.control.get_guardrail(**sealed)
        assert aws.control.get_guardrail(**sealed, guardrailVersion=number)["kmsKeyArn"] == arn

    assert told == {arn}


def test_filter_for_pictures_looks_at_no_text(aws):
    """Its modalities are told as they were given; with IMAGE alone a text passes, and the other side acts."""
    told = {"inputModalities": ["IMAGE"], "outputModalities": ["TEXT", "IMAGE"]}
    insults = {"type": "INSULTS", "inputStrength": "HIGH", "outputStrength": "HIGH"} | told
    identifier = aws.control.create_guardrail(
        name="pictured", **MESSAGES, contentPolicyConfig={"filtersConfig": [insults]}
    )["guardrailId"]
    described = aws.control.get_guardrail(guardrailIdentifier=identifier)
    assert described["contentPolicy"]["filters"] == [insults]

    insult = "You are a worthless idiot and everybody despises you."
    acted = {
        side: aws.runtime.apply_guardrail(
            guardrailIdentifier=identifier,
            guardrailVersion="DRAFT",
            source=side,
            content=[{"text": {"text": insult}}],
        )["action"]
        for side in ("INPUT", "OUTPUT")
    }
    assert acted == {"INPUT": "NONE", "OUTPUT": "GUARDRAIL_INTERVENED"}


@pytest.mark.parametrize(("modalities", "refused"), [(["IMAGE"], True), (["TEXT"], False)])
def test_picture_before_a_filter_that_would_look_at_it_is_refused(aws, modalities, refused):
    """The stand-in cannot judge a picture, and says so; one that no filter looks at passes."""
    hate = {"type": "HATE", "inputStrength": "HIGH", "outputStrength": "HIGH", "inputModalities": modalities}
    identifier = aws.control.create_guardrail(
        name=f"looking-{refused}", **MESSAGES, contentPolicyConfig={"filtersConfig": [hate]}
    )["guardrailId"]
    shown = {"image": {"format": "png", "source": {"bytes": b"x"}}}
    call = {
        "modelId": "us.anthropic.claude-opus-4-7",
        "messages": [{"role": "user", "content": [shown, {"text": "What is it?"}]}],
        "guardrailConfig": {"guardrailIdentifier": identifier, "guardrailVersion": "DRAFT"},
    }

    if refused:
        with pytest.raises(ClientError, match="does not model content filters that look at a picture"):
            aws.runtime.converse(**call)
    else:
        assert aws.runtime.converse(**call)["stopReason"] == "end_turn"


def test_numbered_version_does_not_change_when_the_draft_does(aws):
    """A version is frozen: UpdateGuardrail replaces the DRAFT alone."""
    identifier = aws.guardrail()
    number = aws.control.create_guardrail_version(guardrailIdentifier=identifier)["version"]
    before = aws.control.get_guardrail(guardrailIdentifier=identifier, guardrailVersion=number)

    aws.control.update_guardrail(
        guardrailIdentifier=identifier,
        name=before["name"],
        **MESSAGES,
        wordPolicyConfig={"wordsConfig": [{"text": "etna"}]},
    )

    after = aws.control.get_guardrail(guardrailIdentifier=identifier, guardrailVersion=number)
    draft = aws.control.get_guardrail(guardrailIdentifier=identifier)
    del before["ResponseMetadata"], after["ResponseMetadata"]
    assert after == before
    assert draft["wordPolicy"]["words"] == [{"text": "etna"}]
    assert draft["blockedInputMessaging"] == "In."


def test_runtime_uses_the_version_that_it_is_given(aws):
    """ApplyGuardrail by number keeps blocking what the DRAFT no longer blocks."""
    identifier = aws.guardrail()
    aws.control.create_guardrail_version(guardrailIdentifier=identifier)
    aws.control.update_guardrail(
        guardrailIdentifier=identifier,
        name=aws.control.get_guardrail(guardrailIdentifier=identifier)["name"],
        **MESSAGES,
        wordPolicyConfig={"wordsConfig": [{"text": "etna"}]},
    )

    numbered = aws.apply(identifier, "krakatoa", guardrailVersion="1")
    draft = aws.apply(identifier, "krakatoa")

    assert (numbered["action"], draft["action"]) == ("GUARDRAIL_INTERVENED", "NONE")


def test_version_numbers_are_not_given_twice(aws):
    """After deleting version 2 the next one is 3."""
    identifier = aws.guardrail()
    for _ in range(2):
        aws.control.create_guardrail_version(guardrailIdentifier=identifier)
    aws.control.delete_guardrail(guardrailIdentifier=identifier, guardrailVersion="2")

    created = aws.control.create_guardrail_version(guardrailIdentifier=identifier, description="Third.")

    assert created["version"] == "3"
    described = aws.control.get_guardrail(guardrailIdentifier=identifier, guardrailVersion="3")
    assert described["description"] == "Third."


def test_deleting_one_version_leaves_the_others(aws):
    """DeleteGuardrail with a version takes that version only."""
    identifier = aws.guardrail()
    aws.control.create_guardrail_version(guardrailIdentifier=identifier)

    aws.control.delete_guardrail(guardrailIdentifier=identifier, guardrailVersion="1")

    listed = aws.control.list_guardrails(guardrailIdentifier=identifier)["guardrails"]
    assert [version["version"] for version in listed] == ["DRAFT"]


def test_deleting_without_a_version_takes_everything(aws):
    """DeleteGuardrail without a version removes the guardrail."""
    identifier = aws.guardrail()
    aws.control.create_guardrail_version(guardrailIdentifier=identifier)

    aws.control.delete_guardrail(guardrailIdentifier=identifier)

    with pytest.raises(aws.control.exceptions.ResourceNotFoundException):
        aws.control.get_guardrail(guardrailIdentifier=identifier, guardrailVersion="1")


def test_arn_works_wherever_an_id_does(aws):
    """ARNs travel percent-encoded in the path and find the same guardrail."""
    identifier = aws.guardrail()
    arn = aws.control.get_guardrail(guardrailIdentifier=identifier)["guardrailArn"]

    version = aws.control.create_guardrail_version(guardrailIdentifier=arn)
    described = aws.control.get_guardrail(guardrailIdentifier=arn, guardrailVersion=version["version"])
    applied = aws.apply(arn, "krakatoa")
    answered = aws.converse("krakatoa", arn)
    aws.control.delete_guardrail(guardrailIdentifier=arn)

    assert described["guardrailId"] == version["guardrailId"] == identifier
    assert applied["action"] == "GUARDRAIL_INTERVENED"
    assert answered["stopReason"] == "guardrail_intervened"


def test_arn_of_another_account_is_not_found(aws):
    """An ARN is compared whole, not by its last part."""
    arn = f"arn:aws:bedrock:us-east-1:999999999999:guardrail/{aws.guardrail()}"

    with pytest.raises(aws.control.exceptions.ResourceNotFoundException, match="There is no guardrail"):
        aws.control.get_guardrail(guardrailIdentifier=arn)


def test_list_without_identifier_gives_every_draft_in_pages(fresh):
    """boto3's paginator follows nextToken until nothing is left."""
    created = [fresh.guardrail() for _ in range(5)]
    fresh.control.create_guardrail_version(guardrailIdentifier=created[0])

    paginator = fresh.control.get_paginator("list_guardrails")
    pages = [
        [summary["id"] for summary in page["guardrails"]]
        for page in paginator.paginate(PaginationConfig={"PageSize": 2})
    ]

    assert pages == [created[:2], created[2:4], created[4:]]


def test_list_by_identifier_gives_all_its_versions(aws):
    """With an identifier, DRAFT and numbered versions are listed with their facts."""
    identifier = aws.guardrail()
    aws.control.create_guardrail_version(guardrailIdentifier=identifier)

    listed = aws.control.list_guardrails(guardrailIdentifier=identifier)["guardrails"]

    assert [(entry["id"], entry["version"], entry["status"]) for entry in listed] == [
        (identifier, "DRAFT", "READY"),
        (identifier, "1", "READY"),
    ]


def test_same_commands_give_the_same_ids(clients_for):
    """Ids depend on names and their order, not on chance, and a name used again gives another id."""
    from evals.rehearsal import child

    seen = []
    for _ in range(2):
        with child.start() as rehearsal:
            control = clients_for(rehearsal.endpoint_url).control
            ids = []
            for name in ("one", "two", "one"):
                created = control.create_guardrail(name=name, **MESSAGES, wordPolicyConfig=WORDS)
                ids.append(created["guardrailId"])
                control.delete_guardrail(guardrailIdentifier=created["guardrailId"])
            seen.append(ids)

    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 3


def test_repeated_token_creates_once(aws):
    """A retried CreateGuardrail finds what the first attempt made."""
    request = {"name": "once", **MESSAGES, "wordPolicyConfig": WORDS, "clientRequestToken": "token-1"}

    first = aws.control.create_guardrail(**request)
    second = aws.control.create_guardrail(**request)
    versions = [
        aws.control.create_guardrail_version(
            guardrailIdentifier=first["guardrailId"], clientRequestToken="token-2"
        )["version"]
        for _ in range(2)
    ]

    assert second["guardrailId"] == first["guardrailId"]
    assert versions == ["1", "1"]


def test_name_is_taken_until_its_guardrail_is_deleted(aws):
    """Two guardrails may not share a name."""
    request = {"name": "taken", **MESSAGES, "wordPolicyConfig": WORDS}
    first = aws.control.create_guardrail(**request)["guardrailId"]

    with pytest.raises(aws.control.exceptions.ConflictException, match="has the name 'taken'"):
        aws.control.create_guardrail(**request)
    aws.control.delete_guardrail(guardrailIdentifier=first)
    assert aws.control.create_guardrail(**request)["guardrailId"] != first


def test_update_may_not_take_anothers_name(aws):
    """Renaming onto an existing name is a conflict, keeping one's own is none."""
    aws.control.create_guardrail(name="settled", **MESSAGES, wordPolicyConfig=WORDS)

    with pytest.raises(ClientError, match="ConflictException"):
        aws.control.update_guardrail(
            guardrailIdentifier=aws.guardrail(), name="settled", **MESSAGES, wordPolicyConfig=WORDS
        )


def test_foundation_models_are_the_stand_ins(aws):
    """All base models are listed, and filters narrow the list."""
    listed = aws.control.list_foundation_models()["modelSummaries"]
    by_provider = aws.control.list_foundation_models(byProvider="anthropic")["modelSummaries"]
    images = aws.control.list_foundation_models(byOutputModality="IMAGE")["modelSummaries"]

    on_demand = aws.control.list_foundation_models(byInferenceType="ON_DEMAND")["modelSummaries"]

    gpt_oss = "openai.gpt-oss-120b-1:0"
    assert {model["modelId"] for model in listed} == {"anthropic.claude-opus-4-7", "openai.gpt-5.5", gpt_oss}
    assert [model["modelId"] for model in on_demand] == [gpt_oss]
    assert [model["modelId"] for model in by_provider] == ["anthropic.claude-opus-4-7"]
    assert images == []


def test_inference_profiles_can_be_called(aws):
    """Every listed profile answers Converse, by id and by ARN."""
    profiles = aws.control.list_inference_profiles(typeEquals="SYSTEM_DEFINED")["inferenceProfileSummaries"]

    assert {"us.openai.gpt-5.5", "global.openai.gpt-5.5", "us.anthropic.claude-opus-4-7"} <= {
        profile["inferenceProfileId"] for profile in profiles
    }
    for profile in profiles:
        for model in (profile["inferenceProfileId"], profile["inferenceProfileArn"]):
            assert aws.converse("Hello.", modelId=model)["output"]["message"]["role"] == "assistant"


def test_there_are_no_application_profiles(aws):
    """Nobody can make one here, so the list is empty."""
    listed = aws.control.list_inference_profiles(typeEquals="APPLICATION")

    assert listed["inferenceProfileSummaries"] == []


def test_model_and_profile_are_found_by_id_and_by_arn(aws):
    """A doctor finds out what exists before it calls; what does not exist is not found."""
    control = aws.control
    for listed in control.list_foundation_models()["modelSummaries"]:
        for name in (listed["modelId"], listed["modelArn"]):
            assert control.get_foundation_model(modelIdentifier=name)["modelDetails"] == listed
    for listed in control.list_inference_profiles()["inferenceProfileSummaries"]:
        for name in (listed["inferenceProfileId"], listed["inferenceProfileArn"]):
            found = control.get_inference_profile(inferenceProfileIdentifier=name)
            assert {key: found[key] for key in listed} == listed

    with pytest.raises(
        control.exceptions.ResourceNotFoundException, match=r"There is no model 'openai\.gpt-9'"
    ):
        control.get_foundation_model(modelIdentifier="openai.gpt-9")
    with pytest.raises(control.exceptions.ResourceNotFoundException, match="no inference profile 'eu"):
        control.get_inference_profile(inferenceProfileIdentifier="eu.openai.gpt-5.5")
