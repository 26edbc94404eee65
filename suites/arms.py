"""The arms file: which models are compared, by which route, with which parameters and guardrails."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suites.case import CUTS, Cut
from suites.documents import read_yaml
from suites.errors import RegistrationError, malformed

InlineRoute = Literal["converse", "converse_stream", "invoke", "invoke_stream"]
"""The operations whose request itself names the guardrail."""
Stream = Literal["sync", "async"]
"""Whether a streamed piece waits for the guardrail, or is shown at once and assessed behind."""
Family = Literal["anthropic", "openai"]
"""Whose language a body of InvokeModel is written in: Claude's Messages, or OpenAI's chat completions."""
STREAMED: tuple[InlineRoute, ...] = ("converse_stream", "invoke_stream")
INVOKED: tuple[InlineRoute, ...] = ("invoke", "invoke_stream")

_FAMILY = re.compile(r"(?:^|[./])(anthropic|openai)\.")


ARMS_FOLDER = Path(__file__).parent / "arms"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Parameters(_Closed):
    """What an arm sends beside the prompt; what is not given here is not sent."""

    max_tokens: int = Field(default=1024, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)


class Arm(_Closed):
    """A model behind a guardrail by a certain route."""

    model: str = Field(min_length=1)
    """A Bedrock model id, inference profile or ARN."""
    route: InlineRoute = "converse"
    stream: Stream | None = None
    """For the routes that stream alone; there it is `sync` where nothing is said, as at AWS."""
    family: Family | None = None
    """For InvokeModel, where the model's name does not tell; that of an application's profile does not."""
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
        return self

    @property
    def speaks(self) -> Family | None:
        """The family of the model; None where neither file nor name tell."""
        return self.family or family_of(self.model)

    @property
    def streaming(self) -> Stream | None:
        """How the guardrail works on the arm's streams; None where answers come whole."""
        return (self.stream or "sync") if self.route in STREAMED else None


class GuardrailRef(_Closed):
    """A deployed guardrail in a numbered version."""

    id: str = Field(pattern=r"^([a-z0-9]+|arn:aws[a-z-]*:bedrock:.+:guardrail/[a-z0-9]+)$")
    version: str = Field(pattern=r"^[1-9][0-9]{0,7}$")


class Arms(_Closed):
    """Everything that must be equal, or declared, between the two arms of a comparison."""

    rehearsal: bool = False
    """True: against the local stand-in, whose guardrails are brought up with the run."""
    region: str = "us-east-1"
    reference: Arm
    candidate: Arm
    guardrails: dict[str, dict[Cut, GuardrailRef]] = {}
    """By suite and cut. Required against AWS, where a run never creates anything."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.rehearsal and self.guardrails:
            raise ValueError("a rehearsal brings up its own guardrails; remove `guardrails`")
        for suite, cuts in self.guardrails.items():
            if lacking := [cut for cut in CUTS if cut not in cuts]:
                raise ValueError(f"guardrails.{suite} lacks the cuts {', '.join(lacking)}")
        return self


def family_of(model: str) -> Family | None:
    """Whose model it is by its id; None where that does not tell."""
    match found[1] if (found := _FAMILY.search(model)) else None:
        case "anthropic":
            return "anthropic"
        case "openai":
            return "openai"
        case _:
            return None


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
        RegistrationError: It does not exist or is not valid.
    """
    file = arms_file(name)
    document = read_yaml(file)
    try:
        return Arms.model_validate(document)
    except ValidationError as error:
        raise malformed(file, error) from None
