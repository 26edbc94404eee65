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
