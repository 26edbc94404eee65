"""Arms with a guardrail that a test can take away, give the wrong name, or make too strict."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from inspect_ai.model import ModelOutput

from evals.bedrock.trace import CallRecord, Finding, GuardTrace
from evals.calls import Place, Setting
from suites.arms import Arm, GuardrailRef
from suites.outcomes import ARMS
from suites.suite import load_suite


class FakeArm:
    """Masks texts with an @ as PII and EMP- as a regex match, blocks cards as PII, on both sides."""

    def __init__(self, **changes):
        self.changes = changes
        self.asked = []

    async def generate(self, input, tools, tool_choice, config):  # noqa: A002, ARG002 - Inspect's names
        route = config.extra_body["parity"]
        text = input[-1].text
        self.asked.append((text, route))
        record = self._record(text, route)
        output = ModelOutput.from_content("fake", record.text)
        output.metadata = {"call": record.model_dump(mode="json")}
        return output, None

    def _record(self, text, route):
        if self.changes.get("error"):
            return CallRecord(operation="Converse", error=self.changes["error"])
        if self.changes.get("inert"):
            return CallRecord(operation="Converse", stop_reason="end_turn", text="Hello.", request_id="r-1")
        refused = any(word in text for word in self.changes.get("refuses", ()))
        side = route.get("side", "OUTPUT" if "<text>" in text else "INPUT").lower()
        signs = (("pii", "@", "masked"), ("pii", "card", "blocked"), ("regex", "EMP-", "masked"))
        ways = [(kind, way) for kind, sign, way in signs if sign in text]
        if self.changes.get("strict") and not ways:
            ways = [("pii", "masked")]
        if self.changes.get("masks_all"):
            ways = [(kind, "masked") for kind, _ in ways]
        dead = self.changes.get("dead", ())
        found = tuple(
            Finding(policy=kind, side=side, rule="R", action=way)
            for kind, way in ways
            if (kind, side) not in dead and not refused
        )
        control = "side" in route
        return CallRecord(
            operation="ApplyGuardrail" if control else "Converse",
            stop_reason=(
                ("NONE", "GUARDRAIL_INTERVENED") if control else ("end_turn", "guardrail_intervened")
            )[bool(found)],
            text="...",
            trace=GuardTrace(
                present=True,
                guardrail=self.changes.get("guardrail", route["guardrail"]["id"]),
                version="1",
                findings=found,
                intervened=bool(found),
                sides=("input", "output"),
            ),
            request_id="r-1",
        )


@pytest.fixture
def suite():
    """The suite with two policy kinds."""
    return load_suite("pii")


@pytest.fixture
def setting():
    """Three cuts and no special parameters."""
    return Setting(
        endpoint_url=None,
        place=Place(
            "us-east-1",
            {cut: GuardrailRef(id=f"{cut}1", version="1") for cut in ("full", "input", "output")},
        ),
        arms={"reference": Arm(model="a"), "candidate": Arm(model="b")},
    )


@pytest.fixture
def arms():
    """Models by arm; each arm's behaviour can be changed by name."""

    def make(**changes):
        return {arm: SimpleNamespace(api=FakeArm(**changes.get(arm, {}))) for arm in ARMS}

    return make
