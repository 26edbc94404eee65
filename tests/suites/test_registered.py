"""What a run registers."""

from __future__ import annotations

import pytest

from suites.registered import Attachment, Registered


@pytest.fixture
def registered():
    """A registration with canaries that passed or not."""

    def make(*passed):
        proofs = tuple(
            Attachment(
                arm="candidate",
                policy="pii",
                side="input",
                canary="must_act",
                acted=proof,
                guardrail="abc",
                version="1",
                evidence="guardrail_intervened",
                passed=proof,
            )
            for proof in passed
        )
        return Registered.model_construct(attachment=proofs)

    return make


@pytest.mark.parametrize(("passed", "attached"), [((True, True), True), ((True, False), False), ((), False)])
def test_attachment_needs_every_canary_and_at_least_one(registered, passed, attached):
    """No canary at all proves nothing."""
    assert registered(*passed).attached is attached


def test_what_registered_no_stratum_is_still_read():
    """Logs of before there were critical strata keep their verdict."""
    older = {
        "suite": "pii",
        "suite_version": "1-A",
        "purpose": "nightly",
        "title": "Personal data",
        "claim": "It stays where it is.",
        "languages": ["en"],
        "not_tested": [],
        "metrics": {
            "exposure": {"margin": 0.03, "cap": 0.1, "reason": "as agreed in a meeting", "owner": "testers"}
        },
        "family_size": 1,
        "batch_sha256": "0",
        "batch_cases": 1,
        "rehearsal": True,
        "service": {},
        "arms": {},
        "guardrails": {},
        "attachment": [],
        "git_commit": None,
        "packages": {},
    }

    registered = Registered.model_validate(older)

    assert registered.critical == ()
    assert registered.critical_family_size == 0
    assert (registered.icc_floor, registered.min_clusters) == (0.3, 10)
