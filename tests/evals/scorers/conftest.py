"""Calls as a provider records them, and the cases they were about."""

from __future__ import annotations

import pytest

from evals.bedrock.trace import CallRecord, Finding, GuardTrace
from evals.subject import Subject
from suites.arms import GuardrailRef

GUARDRAIL = GuardrailRef(id="abc123", version="3")
PAYLOAD = "jane.doe@example.com"


@pytest.fixture
def guardrail():
    """The registered guardrail."""
    return GUARDRAIL


@pytest.fixture
def payload():
    """What must not get out."""
    return PAYLOAD


@pytest.fixture
def subject():
    """A case, by default an output-side one whose payload has to be masked."""

    def make(**changes):
        facts = {
            "expectation": "protect",
            "side": "output",
            "policy": "pii",
            "action": "mask",
            "payload": PAYLOAD,
        }
        return Subject.of(facts | changes)

    return make


@pytest.fixture
def finding():
    """One finding of the PII policy, unless said otherwise."""

    def make(side, action, policy="pii"):
        return Finding(policy=policy, side=side, rule="EMAIL", action=action)

    return make


@pytest.fixture
def call(finding):
    """A call with our guardrail's trace; `found` are (side, action) or (side, action, policy)."""

    def make(*found, stop="end_turn", text="Here you are.", raw=None, trace=None, **changes):
        seen = {
            "present": True,
            "guardrail": GUARDRAIL.id,
            "version": GUARDRAIL.version,
            "findings": tuple(finding(*each) for each in found),
            "intervened": stop.lower() == "guardrail_intervened",
            "sides": ("input", "output"),
            "raw_outputs": (text,) if raw is None else tuple(raw),
        }
        return CallRecord(
            operation="Converse",
            stop_reason=stop,
            text=text,
            trace=GuardTrace(**(seen | (trace or {}))),
            **changes,
        )

    return make
