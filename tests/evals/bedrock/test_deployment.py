"""What is deployed from a policy, when something new is made, and whose guardrails are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.bedrock import deployment
from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.guardrails import fetch
from evals.bedrock.keys import with_key_arn
from evals.bedrock.listing import versions
from evals.bedrock.lookup import find
from evals.bedrock.tags import of_guardrail
from evals.rehearsal import child
from suites.configured import deployed_rules, differences, policy_rules
from suites.documents import read_yaml
from suites.policy import Policy

REGION = "us-east-1"
POLICY = Policy.model_validate(
    read_yaml(Path(__file__).parents[3] / "docs" / "policy.yaml") | {"name": "every-kind"}
)
"""With every setting that there is."""


def settings(policy: Policy) -> dict[str, Any]:
    """What a cut says beside its tags, which only CreateGuardrail takes."""
    return {name: each for name, each in policy.create_request("full").items() if name != "tags"}


@pytest.fixture(scope="module")
def there() -> Iterator[dict[str, Any]]:
    """A rehearsal of this module's own."""
    with child.start() as rehearsal:
        yield {"endpoint_url": rehearsal.endpoint_url, "region": REGION}


@pytest.fixture
def control(there: dict[str, Any]) -> Any:
    return client("bedrock", **there)


@pytest.mark.parametrize("cut", ["full", "input", "output"])
def test_every_policy_kind_is_deployed_as_it_is_written(there, cut):
    """What GetGuardrail tells of a new guardrail is the policy, rule by rule; again, nothing is made."""
    made = deployment.deploy(POLICY, cut, **there)
    told = fetch(made.guardrail.id, made.guardrail.version, **there)

    assert (made.made, made.name, made.guardrail.version) == ("guardrail", f"every-kind-{cut}", "1")
    request = with_key_arn(POLICY.create_request(cut), **there)
    assert differences(policy_rules(request), deployed_rules(told)) == []
    assert told["kmsKeyArn"] == request["kmsKeyId"]
    assert told["description"] == "Shows all settings"
    assert of_guardrail(told["guardrailArn"], **there) == {
        "guardrail-parity": made.name,
        "team": "safety",
        "cost-center": "4711",
    }
    assert told["crossRegionDetails"]["guardrailProfileId"] == "us.guardrail.v1:0"
    assert deployment.deploy(POLICY, cut, **there) == deployment.Deployment(
        made.name, made.guardrail, "nothing"
    )


def test_a_changed_policy_is_the_next_version_and_an_old_one_comes_back(there, control):
    """The version before stays as it was, and a policy that returns to it makes nothing."""
    policy = POLICY.model_copy(update={"name": "changing"})
    first = deployment.deploy(policy, "full", **there)
    second = deployment.deploy(policy.model_copy(update={"blocked_input": "Not today."}), "full", **there)
    back = deployment.deploy(policy, "full", **there)

    assert (second.made, second.guardrail.id, second.guardrail.version) == (
        "version",
        first.guardrail.id,
        "2",
    )
    assert second.guardrail.digest != first.guardrail.digest
    assert (back.made, back.guardrail) == ("nothing", first.guardrail)
    assert versions(control, first.guardrail.id) == ["2", "1"]


def test_another_key_or_modality_is_the_next_version(there):
    """Neither changes a word of what is found in texts, and both are seen."""
    policy = POLICY.model_copy(update={"name": "sealed"})
    first = deployment.deploy(policy, "full", **there).guardrail
    opened = policy.model_copy(update={"kms_key": None})
    second = deployment.deploy(opened, "full", **there)
    blind = tuple(rule.model_copy(update={"input_modalities": None}) for rule in policy.content)
    third = deployment.deploy(opened.model_copy(update={"content": blind}), "full", **there)

    assert (second.made, third.made) == ("version", "version")
    assert len({first.digest, second.guardrail.digest, third.guardrail.digest}) == 3
    assert first.configuration is not None
    assert second.guardrail.configuration == {
        name: each for name, each in first.configuration.items() if name != "kmsKey"
    }
    assert deployment.deploy(policy, "full", **there).guardrail == first


def test_tags_are_made_good_without_a_new_version(there, control):
    """Those of the policy are put there again; those that others gave stay."""
    policy = POLICY.model_copy(update={"name": "tagged"})
    made = deployment.deploy(policy, "full", **there)
    arn = control.get_guardrail(guardrailIdentifier=made.guardrail.id)["guardrailArn"]
    control.untag_resource(resourceARN=arn, tagKeys=["team"])
    control.tag_resource(resourceARN=arn, tags=[{"key": "theirs", "value": "1"}])

    again = deployment.deploy(policy.model_copy(update={"tags": {"team": "other"}}), "full", **there)

    assert again.made == "nothing"
    assert of_guardrail(arn, **there) == {
        "guardrail-parity": "tagged-full",
        "team": "other",
        "cost-center": "4711",
        "theirs": "1",
    }


@pytest.mark.parametrize(
    "key", ["alias/aws/kms", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
)
def test_a_key_that_cannot_be_used_is_named(there, key):
    """AWS's own key and one of another region: told with what is allowed, and nothing is made."""
    policy = POLICY.model_copy(update={"name": "locked", "kms_key": key})
    with pytest.raises(GuardrailError, match=rf"The key {key} in us-east-1, .* NotFound.*kms:CreateGrant"):
        deployment.deploy(policy, "full", **there)
    assert find("locked-full", **there) is None


def test_what_was_changed_by_hand_is_made_good_by_a_new_version(there, control):
    """A version that somebody published from a changed DRAFT is not taken for the policy."""
    policy = POLICY.model_copy(update={"name": "by-hand"})
    made = deployment.deploy(policy, "full", **there)
    changed = settings(policy) | {"blockedInputMessaging": "Mine."}
    control.update_guardrail(guardrailIdentifier=made.guardrail.id, **changed)
    control.create_guardrail_version(guardrailIdentifier=made.guardrail.id)

    assert deployment.deploy(policy, "full", **there).guardrail == made.guardrail
    other = deployment.deploy(policy.model_copy(update={"profanity": None}), "full", **there)
    assert (other.made, other.guardrail.version) == ("version", "3")


def test_a_guardrail_that_others_made_is_left_alone(there, control):
    """Neither changed nor deleted, though it has the name that ours would have."""
    policy = POLICY.model_copy(update={"name": "theirs"})
    request = settings(policy) | {"blockedInputMessaging": "Theirs."}
    theirs = control.create_guardrail(**request, tags=[{"key": "team", "value": "other"}])["guardrailId"]

    with pytest.raises(GuardrailError, match=rf"theirs-full \({theirs}\) without the tag guardrail-parity"):
        deployment.deploy(policy, "full", **there)
    with pytest.raises(GuardrailError, match="was not made here, and is left alone"):
        deployment.delete(theirs, **there)

    assert control.get_guardrail(guardrailIdentifier=theirs)["blockedInputMessaging"] == "Theirs."
    assert theirs not in {each.id for each in deployment.ours(**there)}


def test_ours_is_deleted_with_all_versions(there):
    """It is listed with its numbers before, and is gone after."""
    policy = POLICY.model_copy(update={"name": "passing"})
    made = deployment.deploy(policy, "input", **there)
    deployment.deploy(policy.model_copy(update={"blocked_input": "Other."}), "input", **there)
    found = {each.id: each for each in deployment.ours(**there)}[made.guardrail.id]

    deployment.delete(made.guardrail.id, **there)

    assert (found.name, found.versions) == ("passing-input", ("2", "1"))
    assert find("passing-input", **there) is None


def test_an_enforced_guardrail_is_not_deleted(there, control):
    """The service's own words are passed on."""
    made = deployment.deploy(POLICY.model_copy(update={"name": "enforced"}), "full", **there)
    enforced = control.put_enforced_guardrail_configuration(
        guardrailInferenceConfig={
            "guardrailIdentifier": made.guardrail.id,
            "guardrailVersion": made.guardrail.version,
        }
    )

    with pytest.raises(GuardrailError, match="cannot be deleted: ResourceInUseException"):
        deployment.delete(made.guardrail.id, **there)
    control.delete_enforced_guardrail_configuration(configId=enforced["configId"])


def test_a_refused_policy_is_told(there):
    """What the service says against a policy is passed on."""
    odd = POLICY.model_copy(update={"name": "odd", "cross_region_profile": None})
    with pytest.raises(GuardrailError, match=r"odd-full cannot be deployed: ValidationException: The tier"):
        deployment.deploy(odd, "full", **there)


def test_a_text_that_would_have_to_be_reasoned_about_is_refused(there):
    """What the stand-in keeps and does not do, it never leaves out silently."""
    made = deployment.deploy(POLICY.model_copy(update={"name": "reasons"}), "full", **there)
    runtime = client("bedrock-runtime", **there)

    with pytest.raises(runtime.exceptions.ValidationException, match="automated reasoning about an answer"):
        runtime.apply_guardrail(
            guardrailIdentifier=made.guardrail.id,
            guardrailVersion="1",
            source="OUTPUT",
            content=[{"text": {"text": "Good morning."}}],
        )
