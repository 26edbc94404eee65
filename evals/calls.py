"""How one arm is asked: what goes with a call beside the prompt, and how its record comes back.

Model roles lose their arguments on the way (`--model-role` replaces them), so everything that an arm
needs to know travels with each call, in the generate configuration's `extra_body`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.util import Store
from pydantic import BaseModel

from evals.bedrock.trace import CallRecord
from suites.arms import Arm, GuardrailRef, Quotas
from suites.case import Cut, Side

COMPARED = ("reference", "candidate")
CONTROL = "control"

_GUARDRAIL, _CALL = "guardrail:", "call:"

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Place:
    """A region, and the guardrails of one suite in it."""

    region: str
    guardrails: Mapping[Cut, GuardrailRef]


@dataclass(frozen=True)
class Setting:
    """Everything that the calls of one run share."""

    endpoint_url: str | None
    place: Place
    """Where the arms are that have no place of their own, and the control."""
    arms: Mapping[str, Arm]
    """What is registered of the compared arms."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """By arm, where one is in a region of its own."""
    run: str = ""
    """The id that goes with every call to a model."""
    quotas: Quotas = field(default_factory=Quotas)

    def guardrail(self, arm: str, cut: Cut) -> GuardrailRef:
        """The guardrail that an arm meets in a cut."""
        return self.places.get(arm, self.place).guardrails[cut]

    def to_model(self, arm: str, *, cut: Cut, epoch: int, case: str) -> GenerateConfig:
        """For a prompt to the reference or the candidate; `case` names it in the service's own log."""
        asked = self.arms[arm]
        parameters = asked.parameters
        of_route = {
            "route": "converse" if asked.route == "sidecar" else asked.route,
            "stream": asked.streaming,
            "family": asked.family,
            "service_tier": asked.service_tier,
        }
        return GenerateConfig(
            max_tokens=parameters.max_tokens,
            temperature=parameters.temperature,
            top_p=parameters.top_p,
            fail_on_refusal=False,
            extra_body=self._extra_body(
                arm,
                cut=cut,
                epoch=epoch,
                metadata={"run": self.run, "arm": arm, "case": case},
                **{name: value for name, value in of_route.items() if value is not None},
            ),
        )

    def to_control(self, *, cut: Cut, epoch: int, side: Side) -> GenerateConfig:
        """For a text to the guardrail alone, as if it were input or output."""
        return GenerateConfig(
            fail_on_refusal=False,
            extra_body=self._extra_body(CONTROL, cut=cut, epoch=epoch, side=side.upper()),
        )

    def _extra_body(self, arm: str, *, cut: Cut, epoch: int, **more: object) -> dict[str, object]:
        guardrail = self.guardrail(arm, cut)
        if quotas := self._quotas(arm):
            more["quotas"] = quotas
        return {
            "parity": {
                "endpoint_url": self.endpoint_url,
                "region": self.places.get(arm, self.place).region,
                "guardrail": {"id": guardrail.id, "version": guardrail.version},
                "epoch": epoch,
                "cut": cut,
                **more,
            }
        }

    def _quotas(self, arm: str) -> dict[str, float]:
        requests = self.quotas.requests_per_second
        rates = {
            "requests": None if arm == CONTROL else getattr(requests, arm),
            "apply_guardrail": requests.apply_guardrail,
            "text_units": self.quotas.text_units_per_second,
        }
        return {name: rate for name, rate in rates.items() if rate is not None}


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


def keep(store: Store, setting: Setting, cut: Cut, outputs: Mapping[str, ModelOutput]) -> None:
    """Put one case's records, by arm, and the guardrails that they were to meet in the sample's store.

    Each is one text of JSON: Inspect compares and logs a store member by member, several times a sample.
    """
    for arm, output in outputs.items():
        store.set(_GUARDRAIL + arm, setting.guardrail(arm, cut).model_dump_json(exclude_none=True))
        store.set(_CALL + arm, record_of(output).model_dump_json())


def kept(store: Store | Mapping[str, Any], arm: str) -> tuple[CallRecord, GuardrailRef] | None:
    """One arm's record and the guardrail it was to meet, None where the store holds none."""
    call, guardrail = store.get(_CALL + arm), store.get(_GUARDRAIL + arm)
    if call is None or guardrail is None:
        return None
    return _read(CallRecord, call), _read(GuardrailRef, guardrail)


def _read(model: type[_Model], held: object) -> _Model:
    # Logs of earlier versions hold mappings.
    return model.model_validate_json(held) if isinstance(held, str) else model.model_validate(held)
