"""The file in which faults, latency and the guarding of models are written down: a closed schema.

What the stand-in would not do is an error when the file is read, not a surprise in the middle of a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.rehearsal.calls.pace import Pace
from evals.rehearsal.channels import EVALUATED, Channel
from evals.rehearsal.models import MODELS, Profile, RejectedRequest, resolve
from evals.rehearsal.operations import OPERATIONS
from evals.rehearsal.scenario.kinds import POSSIBLE, RUNTIME, Kind
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class _Where(_Closed):
    """The calls that are meant."""

    operations: tuple[str, ...] = RUNTIME
    models: tuple[str, ...] = ()
    """Base ids or the ids of profiles; without any, all models, and calls that have none."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        for operation in self.operations:
            if operation not in OPERATIONS:
                raise ValueError(f"no operation {operation!r}; there are: {', '.join(OPERATIONS)}")
        for model in self.models:
            if not _exists(model):
                raise ValueError(f"no model {model!r}; there are: {', '.join(MODELS)} and their profiles")
        return self

    def meets(self, operation: str, model_id: str | None) -> bool:
        """Whether a call is meant."""
        if operation not in self.operations or not self.models:
            return operation in self.operations
        return model_id is not None and bool({model_id, base_id(model_id)} & set(self.models))


class Fault(_Where):
    """One kind of fault on a share of the calls."""

    kind: Kind
    rate: float = Field(default=1.0, ge=0, le=1)
    """Share of the calls that it strikes, as a fraction."""
    persistent: bool = False
    """Strikes every repetition of a request that it struck, so that trying again does not help."""
    after: int = Field(default=0, ge=0)
    """Begins after that many of the calls that are meant."""
    during: int | None = Field(default=None, ge=1)
    """Ends after that many more of them."""
    message: str | None = None
    """Instead of the text that AWS is known to send."""
    parameter: str | None = None
    """Of the kind `rejected`: the parameter that the model does not take."""
    frames: int = Field(default=2, ge=0)
    """Of kinds inside streams: how many frames go out before."""
    ms: int = Field(default=1000, ge=0)
    """Of the kind `stream_stalled`: how long nothing comes."""

    @model_validator(mode="before")
    @classmethod
    def _everywhere(cls, given: Any) -> Any:
        """Without operations, all on which the kind is possible."""
        if not isinstance(given, dict) or "operations" in given:
            return given
        possible = POSSIBLE.get(given.get("kind", ""), RUNTIME)
        return {**given, "operations": possible}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.kind == "rejected") != (self.parameter is not None):
            raise ValueError("`parameter` belongs to the kind `rejected`, which needs it")
        possible = POSSIBLE.get(self.kind, OPERATIONS)
        if wrong := [operation for operation in self.operations if operation not in possible]:
            raise ValueError(
                f"{self.kind} is not possible in {', '.join(wrong)}; it is in {', '.join(possible)}"
            )
        return self


class Latency(_Where):
    """How long calls are kept waiting."""

    ms: float = Field(ge=0)
    spread_ms: float = Field(default=0.0, ge=0)
    """Up to that much more, by the request."""


class Streaming(_Closed):
    """How a model's streams are cut, read and paced; sizes in characters."""

    piece: int | None = Field(default=None, ge=1)
    buffer: int | None = Field(default=None, ge=1)
    window: int | None = Field(default=None, ge=1)
    behind: int | None = Field(default=None, ge=0)
    pause_ms: float | None = Field(default=None, ge=0)
    """Between two frames."""


class Model(_Closed):
    """How one model is guarded and streams."""

    reads: dict[Channel, bool] = Field(default_factory=dict)
    """By channel, whether a guardrail reads it; channels that are not named stay as they are."""
    stream: Streaming = Streaming()


class Detectors(_Closed):
    """Another version of the service's detectors, of which no guardrail and no answer tells."""

    overlooks: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """By PII type, filter or topic the share of texts, a fraction, in which it is not found any more."""


class Scenario(_Closed):
    """Everything that a file says; without a file, nothing."""

    faults: tuple[Fault, ...] = ()
    latency: tuple[Latency, ...] = ()
    models: dict[str, Model] = Field(default_factory=dict)
    """By base id."""
    detectors: Detectors = Detectors()

    @model_validator(mode="after")
    def _known(self) -> Self:
        for model in self.models:
            if model not in MODELS:
                raise ValueError(f"no model {model!r}; there are: {', '.join(MODELS)}")
        return self

    def reads(self, model_id: str) -> Mapping[Channel, bool]:
        """By channel, whether a guardrail before this model reads it."""
        model = self.models.get(base_id(model_id)) if self.models else None
        return EVALUATED if model is None else {**EVALUATED, **model.reads}

    def pause_ms(self, model_id: str) -> float:
        """The silence between two frames of a model's stream."""
        model = self.models.get(base_id(model_id)) if self.models else None
        return (model.stream.pause_ms or 0.0) if model else 0.0

    def pace(self, profile: Profile) -> Pace:
        """How the streams of a model are cut and read."""
        model = self.models.get(profile.base_id)
        given = model.stream.model_dump(exclude_none=True, exclude={"pause_ms"}) if model else {}
        return Pace(**{"piece": profile.piece, **given})


def read_scenario(path: Path) -> tuple[Scenario, str]:
    """A scenario from a file, and the sha256 of the file.

    Raises:
        RegistrationError: There is no such file, it is no YAML, or it says what is not possible; with
            key, value and what is allowed.
    """
    try:
        document = read_yaml(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise RegistrationError(f"There is no file {path} with faults.") from None
    try:
        return Scenario.model_validate(document or {}), digest
    except ValidationError as error:
        raise malformed(path, error) from None


def base_id(model_id: str) -> str:
    """The base id of the model that an id leads to, the id itself where it leads to none."""
    try:
        return resolve(model_id).base_id
    except RejectedRequest:
        return model_id


def _exists(model: str) -> bool:
    return base_id(model) in MODELS
