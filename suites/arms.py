"""The arms file: which models are compared, by which route, with which parameters and guardrails."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from suites.case import CUTS, Cut
from suites.differences import Difference, Different, refuse_unaccepted
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed
from suites.routes import INVOKED, STREAMED, Family, RouteName, ServiceTier, Stream, family_of

ARMS_FOLDER = Path(__file__).parent / "arms"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameters(_Closed):
    """What an arm sends beside the prompt; what is not given here is not sent."""

    max_tokens: int = Field(default=1024, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)


NUMBERED = r"^[1-9][0-9]{0,7}$"
"""A version that does not change any more; a DRAFT is none."""


class GuardrailRef(_Closed):
    """A deployed guardrail in a numbered version."""

    id: str = Field(pattern=r"^([a-z0-9]+|arn:aws[a-z-]*:bedrock:.+:guardrail/[a-z0-9]+)$")
    version: str = Field(pattern=NUMBERED)
    digest: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Of its configuration; a run is refused where the service tells another one."""

    @field_validator("version", mode="before")
    @classmethod
    def _numbered(cls, given: object) -> object:
        if given == "DRAFT":
            raise ValueError(
                "DRAFT can change while it is measured; a verdict needs a numbered version."
                " Publish one (aws bedrock create-guardrail-version) and give its number"
            )
        return given


Guardrails = dict[str, dict[Cut, GuardrailRef]]
"""By suite and cut."""


class Arm(_Closed):
    """A model behind a guardrail by a certain route."""

    model: str = Field(min_length=1)
    """A Bedrock model id, inference profile or ARN; for a sidecar also `<provider>/<model>` of Inspect."""
    route: RouteName = "converse"
    sidecar: str | None = Field(default=None, min_length=1)
    """With `auto`: a model of Inspect, `<provider>/<model>`, to guard from beside if Converse will not do."""
    stream: Stream | None = None
    """For the routes that stream alone; there it is `sync` where nothing is said, as at AWS."""
    family: Family | None = None
    """For InvokeModel, where the model's name does not tell; that of an application's profile does not."""
    service_tier: ServiceTier | None = None
    """Not given: not sent, which is `default` at AWS."""
    region: str | None = Field(default=None, min_length=1)
    """Where it is not the file's."""
    guardrails: Guardrails = {}
    """In a region of its own: the guardrails there, which have to be configured as the file's are."""
    guardrail: GuardrailRef | None = None
    """The same, where the file names one `guardrail` for all suites and cuts."""
    parameters: Parameters = Parameters()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.stream and self.route not in STREAMED:
            raise ValueError(f"`stream` is for the routes {', '.join(STREAMED)}; this one is {self.route}")
        if self.route in INVOKED and self.speaks is None:
            raise ValueError(
                f"the route {self.route} needs `family: anthropic` or `family: openai`, since {self.model}"
                " does not tell in which language the model takes its requests"
            )
        if self.service_tier and self.route in {"sidecar", "auto"}:
            raise ValueError(f"`service_tier` is not sent by the route {self.route}")
        if self.sidecar and self.route != "auto":
            raise ValueError(f"`sidecar` is for the route auto; this one is {self.route}")
        if (self.guardrails or self.guardrail) and self.region is None:
            raise ValueError("guardrails of an arm are for an arm with a `region` of its own")
        _check_guardrails(self.guardrails, self.guardrail)
        return self

    @property
    def speaks(self) -> Family | None:
        """The family of the model; None where neither file nor name tell."""
        return self.family or family_of(self.model)

    @property
    def streaming(self) -> Stream | None:
        """How the guardrail works on the arm's streams; None where answers come whole."""
        return (self.stream or "sync") if self.route in STREAMED else None

    @property
    def provider(self) -> str:
        """The model's name in Inspect, guardrail included."""
        if self.route != "sidecar":
            return f"guarded/{self.model}"
        of_inspect = "/" in self.model and not self.model.startswith("arn:")
        return f"sidecar/{self.model}" if of_inspect else f"sidecar/bare/{self.model}"


FROM_ACCOUNT = "from-account"


class RequestQuotas(_Closed):
    """Requests a second."""

    reference: float | None = Field(default=None, gt=0)
    candidate: float | None = Field(default=None, gt=0)
    apply_guardrail: float | None = Field(default=None, gt=0)


class Quotas(_Closed):
    """Rates under which a run stays, all its processes together; none where none is given."""

    from_account: bool = False
    """Whether what is not set here is read from the account's service quotas; `quotas: from-account` for
    short. What cannot be read is assumed or named, never left out silently."""
    requests_per_second: RequestQuotas = RequestQuotas()
    text_units_per_second: float | None = Field(default=None, gt=0)
    """The smallest quota of the guardrail's policies: each of them is charged for every text."""

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, written: object) -> object:
        return {"from_account": True} if written == FROM_ACCOUNT else written


class Arms(_Closed):
    """Everything that must be equal, or declared, between the two arms of a comparison."""

    rehearsal: bool = False
    """True: against the local stand-in, whose guardrails are brought up with the run."""
    region: str = Field(default="us-east-1", min_length=1)
    reference: Arm
    candidate: Arm
    guardrails: Guardrails = {}
    """Against AWS these or `guardrail` are required: a run never creates anything there."""
    guardrail: GuardrailRef | None = None
    """One that exists, as it is, for all suites and all cuts."""
    accept: tuple[Difference, ...] = ()
    """What the arms may differ in beside their models."""
    quotas: Quotas = Quotas()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = [each for each in (self, self.reference, self.candidate) if each.guardrails or each.guardrail]
        if self.rehearsal and named:
            raise ValueError("a rehearsal brings up its own guardrails; remove `guardrails` and `guardrail`")
        _check_guardrails(self.guardrails, self.guardrail)
        return self

    @property
    def compared(self) -> dict[str, Arm]:
        """By role."""
        return {"reference": self.reference, "candidate": self.candidate}

    @property
    def different(self) -> Different:
        """What the arms differ in beside their models: the reference's value, and the candidate's."""
        one, other = self._registered(self.reference), self._registered(self.candidate)
        return {name: (one[name], other[name]) for name in one if one[name] != other[name]}

    def _registered(self, arm: Arm) -> dict[Difference, object]:
        both_stream = self.reference.streaming and self.candidate.streaming
        return {
            # What is still open is compared when it has been chosen.
            "route": "auto" if "auto" in {self.reference.route, self.candidate.route} else arm.route,
            # One that streams beside one that does not differs in the route, and is accepted by that.
            "stream": arm.streaming if both_stream else None,
            "region": arm.region or self.region,
            "service_tier": arm.service_tier or "default",
            "max_tokens": arm.parameters.max_tokens,
            "temperature": arm.parameters.temperature,
            "top_p": arm.parameters.top_p,
        }


def _check_guardrails(guardrails: Guardrails, guardrail: GuardrailRef | None) -> None:
    if guardrails and guardrail:
        raise ValueError("give one of `guardrails`, by suite and cut, and `guardrail`, one for all of them")
    for suite, cuts in guardrails.items():
        if lacking := [cut for cut in CUTS if cut not in cuts]:
            raise ValueError(f"guardrails.{suite} lacks the cuts {', '.join(lacking)}")


def arms_file(name: str | Path) -> Path:
    """The file of a shipped arms file's name (`rehearsal`, `bedrock`) or of a path.

    Raises:
        RegistrationError: There is none.
    """
    for file in (Path(name), ARMS_FOLDER / f"{name}.yaml"):
        if file.is_file():
            return file
    shipped = ", ".join(sorted(p.stem for p in ARMS_FOLDER.glob("*.yaml")))
    raise RegistrationError(f"No arms file {name}. Give a path, or one of: {shipped}.")


def load_arms(name: str | Path) -> Arms:
    """Read an arms file by path, or a shipped one by its name.

    Raises:
        RegistrationError: It does not exist or is not valid, or its arms differ in what it does not accept.
    """
    file = arms_file(name)
    document = read_yaml(file)
    try:
        arms = Arms.model_validate(document)
    except ValidationError as error:
        raise malformed(file, error) from None
    refuse_unaccepted(arms.different, arms.accept, file)
    return arms
