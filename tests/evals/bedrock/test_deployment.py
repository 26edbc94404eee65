"""What is deployed from a policy, when something new is made, and whose guardrails are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from evals.bedrock import deployment
from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.guardrails import fetch
from evals.bedrock.listing import versions
from evals.rehearsal import child
from suites.configured import deployed_rules, differences, policy_rules
from suites.policy import (
    AutomatedReasoning,
    ContentRule,
    GroundingRule,
    PiiRule,
    Policy,
    RegexRule,
    TopicRule,
)

REGION = "us-east-1"
POLICY = Policy(
    name="every-kind",
    blocked_input="No.",
    blocked_output="Not that.",
    pii=(PiiRule(type="EMAIL", action="mask"), PiiRule(type="PHONE", action="detect")),
    regexes=(RegexRule(name="Ticket", pattern="T-[0-9]{4}", action="block"),),
    words=("krakatoa",),
    profanity=True,
    topics=(TopicRule(name="Betting", definition="Advice on bets.", examples=("Which horse?",)),),
    content=(ContentRule(type="HATE", input="HIGH", output="NONE"),),
    grounding=(GroundingRule(type="GROUNDING", threshold=0.7),),
    automated_reasoning=AutomatedReasoning(
        policies=("arn:aws:bedrock:us-east-1:111122223333:automated-reasoning-policy/abcdefghijkl",),
        confidence=0.9,
    ),
    topics_tier="STANDARD",
    content_tier="CLASSIC",
    cross_region_profile="us.guardrail.v1:0",
)


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
    assert differences(policy_rules(POLICY.create_request(cut)), deployed_rules(told)) == []
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


def test_what_was_changed_by_hand_is_made_good_by_a_new_version(there, control):
    """A version that somebody published from a changed DRAFT is not taken for the policy."""
    policy = POLICY.model_copy(update={"name": "by-hand"})
    made = deployment.deploy(policy, "full", **there)
    changed = policy.create_request("full") | {"blockedInputMessaging": "Mine."}
    control.update_guardrail(guardrailIdentifier=made.guardrail.id, **changed)
    control.create_guardrail_version(guardrailIdentifier=made.guardrail.id)

    assert deployment.deploy(policy, "full", **there).guardrail == made.guardrail
    other = deployment.deploy(policy.model_copy(update={"profanity": False}), "full", **there)
    assert (other.made, other.guardrail.version) == ("version", "3")


def test_a_guardrail_that_others_made_is_left_alone(there, control):
    """Neither changed nor deleted, though it has the name that ours would have."""
    policy = POLICY.model_copy(update={"name": "theirs"})
    request = policy.create_request("full") | {"blockedInputMessaging": "Theirs."}
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
    assert deployment.find("passing-input", **there) is None


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
