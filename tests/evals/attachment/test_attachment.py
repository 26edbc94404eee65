"""Canaries: what proves that the guardrail acts, and what does not."""

from __future__ import annotations

import anyio
import pytest

from evals.attachment import failure, prove


def _proved(suite, setting, models):
    return anyio.run(prove, suite, setting, models).proofs


def _failed(proofs):
    return {(proof.arm, proof.policy, proof.side, proof.canary) for proof in proofs if not proof.passed}


def test_every_arm_policy_and_side_is_proved(suite, setting, arms):
    """On three arms and two sides: PII is masked and blocked, the pattern masked; a text of each passes."""
    proofs = _proved(suite, setting, arms())
    assert len({(p.arm, p.policy, p.side, p.action) for p in proofs}) == len(proofs) == 3 * 2 * (3 + 2)
    assert failure(proofs) is None


def test_inert_arm_fails_and_is_named(suite, setting, arms):
    """An endpoint that accepts the settings and ignores them fails every canary of its arm."""
    proofs = _proved(suite, setting, arms(candidate={"inert": True}))
    assert {arm for arm, *_ in _failed(proofs)} == {"candidate"}
    assert (
        "candidate, pii, input: has to act (mask): end_turn, nothing found, the answer carries no assessment"
        " by our guardrail" in failure(proofs)
    )


def test_action_of_another_guardrail_is_no_proof(suite, setting, arms):
    """A guardrail that acts but is not ours proves nothing."""
    proofs = _proved(suite, setting, arms(reference={"guardrail": "other9"}))
    assert {arm for arm, *_ in _failed(proofs)} == {"reference"}
    assert "the trace shows guardrail other9 version 1" in failure(proofs)


def test_one_dead_policy_on_one_side_is_found(suite, setting, arms):
    """A policy kind that is off on one side fails there and nowhere else."""
    proofs = _proved(suite, setting, arms(control={"dead": [("regex", "output")]}))
    assert _failed(proofs) == {("control", "regex", "output", "must_act")}


def test_guardrail_that_acts_on_anything_fails_must_pass(suite, setting, arms):
    """A harmless text that is acted on fails its canary."""
    proofs = _proved(suite, setting, arms(candidate={"strict": True}))
    assert {(arm, canary) for arm, _, _, canary in _failed(proofs)} == {("candidate", "must_pass")}


def test_other_wordings_are_tried(suite, setting, arms):
    """A wording that the model declines says nothing; the next one is asked, and both are told."""
    first = suite.canaries["pii"].must_act["EMAIL"][0]
    proofs = _proved(suite, setting, arms(reference={"refuses": [first]}))
    assert failure(proofs) is None
    (proof,) = [
        p for p in proofs if (p.arm, p.policy, p.side, p.action) == ("reference", "pii", "output", "mask")
    ]
    assert proof.evidence.count(" | ") == 1


def test_all_wordings_failing_are_all_told(suite, setting, arms):
    """When no wording is acted on, every attempt is in the evidence."""
    proofs = _proved(suite, setting, arms(reference={"dead": [("pii", "input")]}))
    failed = [p for p in proofs if not p.passed]
    assert {p.action for p in failed} == {"mask", "block"}
    assert all(p.evidence.count("nothing found") == 3 for p in failed)


def test_another_way_of_acting_is_no_proof(suite, setting, arms):
    """A guardrail that masks what it has to block acts, and not as registered."""
    proofs = _proved(suite, setting, arms(candidate={"masks_all": True}))
    assert {(p.arm, p.policy, p.action) for p in proofs if not p.passed} == {("candidate", "pii", "block")}


def test_no_answer_is_no_proof(suite, setting, arms):
    """Where the call failed, `acted` is unknown and the error is the evidence."""
    proofs = _proved(suite, setting, arms(candidate={"error": "AccessDeniedException: no"}))
    failed = [proof for proof in proofs if not proof.passed]
    assert {(proof.arm, proof.acted) for proof in failed} == {("candidate", None)}
    assert "AccessDeniedException: no" in failed[0].evidence


def test_canaries_meet_the_cuts_of_the_cases(suite, setting, arms):
    """Must-act texts meet the cut of their side, must-pass texts the full one, given back in <text>."""
    models = arms()
    _proved(suite, setting, models)
    asked = models["reference"].api.asked
    harmless = suite.canaries["pii"].must_pass
    assert {route["cut"] for text, route in asked if harmless in text} == {"full"}
    assert {route["cut"] for text, route in asked if "<text>" in text} == {"output", "full"}
    assert {route["cut"] for text, route in asked if "<text>" not in text} == {"input", "full"}


def test_rejected_route_ends_the_run(suite, setting, arms):
    """What the provider raises is not turned into a failed canary."""
    models = arms()

    async def wrong(*_):
        raise ValueError("extra_body is not valid")

    models["control"].api.generate = wrong
    with pytest.raises(ValueError, match="extra_body is not valid"):
        _proved(suite, setting, models)
