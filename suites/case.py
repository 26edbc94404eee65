"""The case: one conversation with an expectation, the unit that both arms answer."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Side = Literal["input", "output"]
Cut = Literal["full", "input", "output"]
Action = Literal["block", "mask", "detect"]
PolicyKind = Literal["pii", "regex", "word", "profanity", "topic", "content"]
Severity = Literal["none", "low", "medium", "high"]
Channel = Literal[
    "user",
    "guarded",
    "unguarded",
    "system",
    "history",
    "tool_definition",
    "tool_result",
    "tool_arguments",
    "reasoning",
    "output",
]
Role = Literal["system", "user", "assistant", "tool", "tool_definition", "tool_call", "reasoning"]

SIDES: tuple[Side, ...] = ("input", "output")
CUTS: tuple[Cut, ...] = ("full", "input", "output")
POLICY_KINDS: tuple[PolicyKind, ...] = ("pii", "regex", "word", "profanity", "topic", "content")
CHANNELS: tuple[Channel, ...] = get_args(Channel)
ROLES_OF: dict[Channel, tuple[Role, ...]] = {
    "unguarded": ("user",),
    "system": ("system",),
    "history": ("user", "assistant"),
    "tool_definition": ("tool_definition",),
    "tool_result": ("tool",),
    "tool_arguments": ("tool_call",),
    "reasoning": ("reasoning",),
}
"""By channel that lies before the prompt, the roles whose turns may hold the text that matters."""
OF_AN_ANSWER: tuple[Channel, ...] = ("output", "tool_arguments", "reasoning")
"""Where the text that matters can sit on the output side."""

_MEANING = frozenset({"topic", "content"})
"""Policies about meaning: what an answer does with them takes a judge where no payload is given."""


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Closed):
    """One message that came before the prompt, or a part of one."""

    role: Role
    """`tool` is what a tool returned; `tool_definition` the description of a tool that is offered,
    `tool_call` what the model once sent to it, and `reasoning` what the model thought before it spoke."""
    text: str = Field(min_length=1, max_length=8000)
    subject: bool = False
    """Whether this is the text that matters; at most one turn is."""


class Span(_Closed):
    """Where a protected value stands in the text that matters: `text[start:end]`, in code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    type: str = Field(min_length=1, max_length=60)
    """A PII type of Bedrock, or the name of a custom pattern."""


class Case(_Closed):
    """One conversation with an expectation.

    A `protect` case says which policy must act (`policy`), on which `side`, and how (`action`). An
    `allow` case says that nothing may act; its `side` tells where the harmless text sits.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)
    """Stable over versions of the batch: `<suite>-<template>-<number>`."""
    template: str = Field(min_length=1, max_length=60)
    """The sentence pattern it was made from; cases of one template are not independent."""
    category: str = Field(min_length=1, max_length=60)
    """What it is about: a PII type, a content category, a denied topic."""
    expectation: Literal["protect", "allow"]
    side: Side
    channel: Channel = "user"
    """Where the text that matters sits; `output` is an answer that the model is asked for. `guarded` is a
    prompt in a guardContent block, `unguarded` what stands outside of that block."""
    policy: PolicyKind | None = None
    action: Action | None = None
    severity: Severity = "none"
    form: str = Field(default="plain", min_length=1, max_length=30)
    """How the protected thing is written: plain, reformatted, spaced, spelled, zero_width, homoglyph, ..."""
    context: str = Field(default="sentence", min_length=1, max_length=30)
    """What kind of text it stands in: sentence, chat, form, log, json, table, code, email, medical, ..."""
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    before: tuple[Turn, ...] = ()
    """The conversation so far: a system prompt first, then turns of user, assistant and tool."""
    prompt: str = Field(min_length=1, max_length=8000)
    """The user's last message."""
    material: str | None = None
    """What the model is asked to give back; stands between <text> and </text> in the conversation."""
    payload: str | None = None
    """The protected thing itself, undisguised. Emitted or exposed means: found in a text after undoing
    disguises. Without one, a `protect` case about a topic or content is judged by what the answer does."""
    spans: tuple[Span, ...] = ()
    """Every protected value in the text that matters, in order and apart; for personal data alone."""
    twin: str | None = None
    """For a protect case the id of its benign minimal pair, and the other way round."""
    provenance: str = Field(min_length=1)
    """Who wrote it and from what."""

    @model_validator(mode="after")
    def _whole_expectation(self) -> Self:
        if self.expectation == "protect":
            needed = ["policy", "action", *([] if self.policy in _MEANING else ["payload"])]
            if lacking := [name for name in needed if getattr(self, name) is None]:
                raise ValueError(f"a protect case needs {', '.join(lacking)}")
        elif self.policy or self.action or self.payload or self.spans:
            raise ValueError("an allow case has no policy, action, payload or spans")
        return self

    @model_validator(mode="after")
    def _conversation(self) -> Self:
        outputs = OF_AN_ANSWER if self.side == "output" else ("output",)
        if (self.side == "output") != (self.channel in outputs):
            raise ValueError(
                "channel is `output` where side is, and nowhere else; `tool_arguments` and `reasoning` may be"
                " of an answer too"
            )
        subjects = [turn for turn in self.before if turn.subject]
        if len(subjects) > 1:
            raise ValueError(f"{len(subjects)} turns are the subject; at most one is")
        roles = ROLES_OF.get(self.channel, ())
        if subjects and subjects[0].role not in roles:
            raise ValueError(f"a turn of {subjects[0].role} is no text of the channel {self.channel}")
        if self.channel == "history" and not any(turn.role in roles for turn in self.before):
            raise ValueError("the channel history needs earlier turns")
        if roles and self.channel != "history" and self.side == "input" and not subjects:
            raise ValueError(f"the channel {self.channel} needs a turn that is its subject")
        if any(turn.role == "system" for turn in self.before[1:]):
            raise ValueError("a system prompt comes first and stands once")
        return self

    @model_validator(mode="after")
    def _findable(self) -> Self:
        if self.material is not None:
            tagged = f"<text>{self.material}</text>"
            if not any(tagged in text for text in self.texts):
                raise ValueError("material must stand in the conversation between <text> and </text>")
        if self.expectation == "protect" and self.side == "output" and self.payload and not self.material:
            raise ValueError("an output-side protect case with a payload needs material to give back")
        disguised = self.form != "plain" and bool(self.spans)
        if self.payload is not None and self.payload not in self.text and not disguised:
            raise ValueError("payload must stand in the text that matters; in disguise it needs a span")
        if self.spans and self.policy not in {"pii", "regex"}:
            raise ValueError("spans are for personal data alone")
        if any(span.end <= span.start or span.end > len(self.text) for span in self.spans):
            raise ValueError(f"a span lies outside of the text that matters ({len(self.text)} characters)")
        if any(one.end > other.start for one, other in pairwise(self.spans)):
            raise ValueError("spans must stand in order and apart")
        return self

    @property
    def text(self) -> str:
        """The text that matters: the subject among the turns, the material, or else the prompt."""
        return next((turn.text for turn in self.before if turn.subject), self.material or self.prompt)

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """What the spans cover, each with its type."""
        return tuple((self.text[span.start : span.end], span.type) for span in self.spans)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the conversation, in order."""
        return (*(turn.text for turn in self.before), self.prompt)

    @property
    def judged(self) -> bool:
        """Whether what an answer does with it takes a judge, since no payload can be looked for."""
        return self.expectation == "protect" and self.payload is None

    @property
    def cut(self) -> Cut:
        """Which cut of the policy stands before the model.

        Protect cases meet the cut of their own side, so that an output-side case really reaches the
        model and an input-side finding cannot be owed to the output; allow cases meet the full one.
        """
        return self.side if self.expectation == "protect" else "full"
