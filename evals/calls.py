"""How one arm is asked: what goes with a call beside the prompt, and how its record comes back.

Model roles lose their arguments on the way (`--model-role` replaces them), so everything that an arm
needs to know travels with each call, in the generate configuration's `extra_body`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.util import Store

from evals.bedrock.trace import CallRecord
from suites.arms import Arm, GuardrailRef
from suites.case import Cut, Side

COMPARED = ("reference", "candidate")
CONTROL = "control"

_GUARDRAIL, _CALL = "guardrail", "call:"


@dataclass(frozen=True)
class Setting:
    """Everything that the calls of one run share."""

    endpoint_url: str | None
    region: str
    guardrails: Mapping[Cut, GuardrailRef]
    arms: Mapping[str, Arm]
    """What is registered of the compared arms."""

    def to_model(self, arm: str, *, cut: Cut, epoch: int) -> GenerateConfig:
        """For a prompt to the reference or the candidate."""
        asked = self.arms[arm]
        parameters = asked.parameters
        return GenerateConfig(
            max_tokens=parameters.max_tokens,
            temperature=parameters.temperature,
            top_p=parameters.top_p,
            fail_on_refusal=False,
            extra_body=self._extra_body(
                cut=cut,
                epoch=epoch,
                route=asked.route,
                stream=asked.streaming or "sync",
                family=asked.family,
            ),
        )

    def to_control(self, *, cut: Cut, epoch: int, side: Side) -> GenerateConfig:
        """For a text to the guardrail alone, as if it were input or output."""
        return GenerateConfig(
            fail_on_refusal=False,
            extra_body=self._extra_body(cut=cut, epoch=epoch, side=side.upper()),
        )

    def _extra_body(self, *, cut: Cut, epoch: int, **more: str | None) -> dict[str, object]:
        guardrail = self.guardrails[cut]
        return {
            "parity": {
                "endpoint_url": self.endpoint_url,
                "region": self.region,
                "guardrail": {"id": guardrail.id, "version": guardrail.version},
                "epoch": epoch,
                "cut": cut,
                **more,
            }
        }


def record_of(output: ModelOutput) -> CallRecord:
    """The call behind a model output.

    Raises:
        ValueError: It did not come from one of our providers.
    """
    if not output.metadata or "call" not in output.metadata:
        raise ValueError(
            f"The output of {output.model} carries no record of its call to Bedrock. "
            "The roles take models of guarded/ and control/ alone."
        )
    return CallRecord.model_validate(output.metadata["call"])


def keep(store: Store, guardrail: GuardrailRef, outputs: Mapping[str, ModelOutput]) -> None:
    """Put one case's records, by arm, and the guardrail they were to meet in the sample's store."""
    store.set(_GUARDRAIL, guardrail.model_dump())
    for arm, output in outputs.items():
        store.set(_CALL + arm, record_of(output).model_dump(mode="json"))


def kept(store: Store | Mapping[str, Any], arm: str) -> tuple[CallRecord, GuardrailRef] | None:
    """One arm's record and the guardrail it was to meet, None where the store holds none."""
    call, guardrail = store.get(_CALL + arm), store.get(_GUARDRAIL)
    if call is None or guardrail is None:
        return None
    return CallRecord.model_validate(call), GuardrailRef.model_validate(guardrail)
