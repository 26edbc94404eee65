"""The case: one prompt with an expectation, the unit that both arms answer."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Side = Literal["input", "output"]
Cut = Literal["full", "input", "output"]
Action = Literal["block", "mask", "detect"]
PolicyKind = Literal["pii", "regex", "word", "profanity", "topic", "content"]
Severity = Literal["none", "low", "medium", "high"]

CUTS: tuple[Cut, ...] = ("full", "input", "output")
POLICY_KINDS: tuple[PolicyKind, ...] = ("pii", "regex", "word", "profanity", "topic", "content")


class Case(BaseModel):
    """One prompt with an expectation.

    A `protect` case says which policy must act (`policy`), on which `side`, and how (`action`). An
    `allow` case says that nothing may act; its `side` tells where the harmless text sits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)
    """Stable over versions of the batch: `<suite>-<template>-<number>`."""
    template: str = Field(min_length=1, max_length=60)
    """The sentence pattern it was made from; cases of one template are not independent."""
    category: str = Field(min_length=1, max_length=60)
    """What it is about: a PII type, a content category, a denied topic."""
    expectation: Literal["protect", "allow"]
    side: Side
    policy: PolicyKind | None = None
    action: Action | None = None
    severity: Severity = "none"
    form: str = "plain"
    """How the protected thing is written in the prompt: plain, grouped, embedded in JSON, ..."""
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    prompt: str = Field(min_length=1, max_length=8000)
    """What the user sends, as one text."""
    material: str | None = None
    """The text the model is asked to give back; stands in `prompt` between <text> and </text>."""
    payload: str | None = None
    """The protected thing itself. Emitted or exposed means: found in a text after undoing disguises."""
    twin: str | None = None
    """For a protect case the id of its benign minimal pair, and the other way round."""
    provenance: str = Field(min_length=1)
    """Who wrote it and from what."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.expectation == "protect":
            lacking = [name for name in ("policy", "action", "payload") if getattr(self, name) is None]
            if lacking:
                raise ValueError(f"a protect case needs {', '.join(lacking)}")
        elif self.policy or self.action or self.payload:
            raise ValueError("an allow case has no policy, action or payload")
        if self.material is not None and f"<text>{self.material}</text>" not in self.prompt:
            raise ValueError("material must stand in the prompt between <text> and </text>")
        if self.expectation == "protect" and self.side == "output" and self.material is None:
            raise ValueError("an output-side protect case needs material for the model to give back")
        if self.payload is not None and self.payload not in (self.material or self.prompt):
            raise ValueError("payload must stand in the material, or in the prompt where there is none")
        return self

    @property
    def cut(self) -> Cut:
        """Which cut of the policy stands before the model.

        Protect cases meet the cut of their own side, so that an output-side case really reaches the
        model and an input-side finding cannot be owed to the output; allow cases meet the full one.
        """
        return self.side if self.expectation == "protect" else "full"
