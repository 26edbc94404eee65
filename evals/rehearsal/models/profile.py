"""What makes one stand-in model differ from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a model goes about an answer. All rates are shares of its answers, from 0 to 1."""

    refuses: float
    """Declines, whatever was asked."""
    spells_out: float
    """Gives text back with its digits as words, or its letters apart."""
    regroups: float
    """Gives text back with other separators in its numbers."""
    thinks: float
    """Puts a reasoning block before the answer."""
    copies_in_reasoning: float
    """Repeats the given text word for word in that block."""
    wraps: Mapping[str, float]
    """Shares of the containers it chooses unasked: quoted, fenced, json, table; the rest is plain."""
    introduces: float
    """Says a sentence before the text it gives back."""
    closes: float
    """Says a sentence after it."""
    takes_up: float
    """Goes along with a request in the request's own words, where no text is to be given back."""
    sentences: tuple[int, int]
    """Fewest and most sentences of an answer in its own words."""
    characters_per_token: float


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The phrases a model uses; none of them is about anything."""

    refusals: tuple[str, ...]
    introductions: tuple[str, ...]
    closings: tuple[str, ...]
    openings: tuple[str, ...]
    reasoning: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Thinking:
    """How a model's reasoning is asked for, and in which form it comes back."""

    asked_by: str
    """The additional request field that speaks of it."""
    off: Mapping[str, str] | str
    """What that field holds for no reasoning."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Values of the field's `type` that the model refuses, with what it says."""
    form: Literal["signed", "encrypted", "plain"]
    returns: bool = True
    """Takes its reasoning back in later turns."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One stand-in model."""

    base_id: str
    model_name: str
    provider_name: str
    scopes: tuple[str, ...] = ()
    """The geographies of its inference profiles: `<scope>.<base_id>`."""
    inert_scopes: tuple[str, ...] = ()
    """Further ones behind which guardrail settings are accepted and ignored."""
    on_demand: bool = False
    """Can be called by its bare id."""
    guards_streams: bool = True
    """Streams behind a guardrail; a model that does not refuses the call."""
    fixed_parameters: Mapping[str, float | None]
    """Sampling parameters it does not let callers set; a number is the one value it accepts."""
    rejection: str
    """What it says to such a parameter, with `{name}` and `{value}`."""
    unknown_fields: frozenset[str]
    """Additional request fields it does not know."""
    thinking: Thinking
    """How its reasoning is asked for and shown."""
    reads_images: bool
    caches: bool
    """Takes cache points; nothing is really cached."""
    forces_tools: bool
    """Lets callers insist on a tool."""
    piece: int
    """Characters that it sends at once when it streams."""
    manner: Manner
    wording: Wording

    @property
    def inference_profile_ids(self) -> tuple[str, ...]:
        """The profiles that it can be called by."""
        return tuple(f"{scope}.{self.base_id}" for scope in (*self.scopes, *self.inert_scopes))
