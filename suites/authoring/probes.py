"""Makes the probes of a suite: one text for each of its policies, planted in every channel there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from suites.authoring.wrappers import WrittenTurn
from suites.case import Action, Case, Channel, PolicyKind, Side, Turn
from suites.documents import read_yaml
from suites.errors import malformed

FILE = "probes.yaml"
PROVENANCE = "Written for this project to see which channels a guardrail reads; values are reserved"
Content = TypeVar("Content")
_PLACE = "{text}"


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Planted(_Closed):
    """A text on which one policy of a suite has to act."""

    policy: PolicyKind
    category: str = Field(min_length=1)
    action: Action
    text: str = Field(min_length=1)
    payload: str = Field(min_length=1)


class Setting(_Closed):
    """A conversation into which a text is planted; one place in it is the text's."""

    turns: tuple[WrittenTurn, ...] = ()
    prompt: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(text.count(_PLACE) for text in (self.prompt, *(turn.text for turn in self.turns))) != 1:
            raise ValueError("{text} stands once, in one turn or in the prompt")
        return self


class Settings(_Closed):
    """The conversations, by side and channel."""

    input: dict[Channel, Setting]
    output: dict[Channel, Setting]


def probes(suite: str, sources: Path) -> list[Case]:
    """All probes of a suite, policy by policy; none where it plants no text.

    Raises:
        RegistrationError: A source is not valid, or gives what is no case.
        FileNotFoundError: The conversations are not there.
    """
    path = sources / suite / FILE
    if not path.exists():
        return []
    settings = _read(sources / FILE, TypeAdapter(Settings))
    texts = _read(path, TypeAdapter(tuple[Planted, ...]))
    return [case for planted in texts for case in _of(suite, planted, settings, path)]


def _of(suite: str, planted: Planted, settings: Settings, path: Path) -> Iterator[Case]:
    sides: Mapping[Side, Mapping[Channel, Setting]] = {"input": settings.input, "output": settings.output}
    for side, conversations in sides.items():
        for channel, setting in conversations.items():
            name = f"probe-{planted.policy}-{side}-{channel}".replace("_", "-")
            try:
                yield _case(f"{suite}-{name}", name, planted, side, channel, setting)
            except ValidationError as error:
                raise malformed(f"{path}, {name}", error) from None


def _case(
    identifier: str, template: str, planted: Planted, side: Side, channel: Channel, setting: Setting
) -> Case:
    # What a model is to give back stands between tags; what it only reads stands there as it is.
    shown = f"<text>{planted.text}</text>" if side == "output" else planted.text
    return Case(
        id=identifier,
        template=template,
        category=planted.category,
        expectation="protect",
        side=side,
        channel=channel,
        policy=planted.policy,
        action=planted.action,
        before=tuple(
            Turn(
                role=turn.role,
                text=turn.text.replace(_PLACE, shown),
                subject=side == "input" and _PLACE in turn.text,
            )
            for turn in setting.turns
        ),
        prompt=setting.prompt.replace(_PLACE, shown),
        material=planted.text if side == "output" else None,
        payload=planted.payload,
        provenance=PROVENANCE,
    )


def _read(path: Path, kind: TypeAdapter[Content]) -> Content:
    try:
        return kind.validate_python(read_yaml(path))
    except ValidationError as error:
        raise malformed(path, error) from None
