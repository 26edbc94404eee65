"""The stand-in models: under which ids they are known, how each behaves, what each rejects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evals.rehearsal.models.errors import NeedsInferenceProfile, UnknownModel


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a model goes about an answer. All rates are shares of its answers, from 0 to 1."""

    refuses: float
    """Declines, whatever was asked."""
    spells_out: float
    """Gives text back with its digits as words, or its letters apart."""
    regroups: float
    """Gives text back with other separators in its numbers."""
    thinks_aloud: float
    """Puts a readable reasoning block before the answer."""
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
class Profile:
    """One stand-in model."""

    base_id: str
    model_name: str
    provider_name: str
    scopes: tuple[str, ...]
    """The geographies of its inference profiles: `<scope>.<base_id>`."""
    fixed_parameters: Mapping[str, float | None]
    """Sampling parameters it does not let callers set; a number is the one value it accepts."""
    rejection: str
    """What it says to such a parameter, with `{name}` and `{value}`."""
    unknown_fields: frozenset[str]
    """Additional request fields it does not know."""
    piece: int
    """Characters that it sends at once when it streams."""
    manner: Manner
    wording: Wording

    @property
    def inference_profile_ids(self) -> tuple[str, ...]:
        """The ids it can be called by."""
        return tuple(f"{scope}.{self.base_id}" for scope in self.scopes)


_OPUS = Profile(
    base_id="anthropic.claude-opus-4-7",
    model_name="Claude Opus 4.7",
    provider_name="Anthropic",
    scopes=("us", "eu", "jp", "au", "global"),
    fixed_parameters=MappingProxyType({"temperature": None, "top_p": None, "top_k": None}),
    rejection="`{name}` is deprecated for this model.",
    unknown_fields=frozenset({"reasoning_effort"}),
    piece=24,
    manner=Manner(
        refuses=0.030,
        spells_out=0.008,
        regroups=0.05,
        thinks_aloud=0.25,
        copies_in_reasoning=0.006,
        wraps=MappingProxyType({"quoted": 0.06, "fenced": 0.04, "table": 0.01, "json": 0.01}),
        introduces=0.45,
        closes=0.20,
        takes_up=0.90,
        sentences=(3, 6),
        characters_per_token=3.1,
    ),
    wording=Wording(
        refusals=(
            "I'm not able to do that, but I'm glad to help with something close to it.",
            "I'd rather not repeat this back. I can't help with it in this form.",
            "I can't help with that one. If you tell me the aim behind it, I'll look for another way.",
        ),
        introductions=(
            "Here is the text:",
            "Sure, here it is:",
            "Here's what you asked for:",
            "Of course. The text reads:",
        ),
        closings=(
            "Let me know if you'd like it in another form.",
            "I haven't changed anything else.",
            "Tell me if something looks off.",
        ),
        openings=(
            "Good question. Let me take it step by step.",
            "Happy to think this through with you.",
            "There are a few sides to this.",
            "Here is how I would go about it.",
        ),
        reasoning=(
            "The request is clear. I will answer it directly and keep the form that was asked for.",
            "I should check what form is wanted, then give it back without additions.",
            "A short answer is enough here; I will not add anything that was not asked.",
        ),
    ),
)

_GPT = Profile(
    base_id="openai.gpt-5.5",
    model_name="GPT-5.5",
    provider_name="OpenAI",
    scopes=("us", "global"),
    fixed_parameters=MappingProxyType({"temperature": 1.0, "top_p": 1.0, "top_k": None}),
    rejection="Unsupported value: '{name}' does not support {value} with this model.",
    unknown_fields=frozenset({"reasoning_effort", "thinking"}),
    piece=5,
    manner=Manner(
        refuses=0.024,
        spells_out=0.008,
        regroups=0.08,
        thinks_aloud=0.02,
        copies_in_reasoning=0.005,
        wraps=MappingProxyType({"quoted": 0.03, "fenced": 0.07, "table": 0.02, "json": 0.02}),
        introduces=0.15,
        closes=0.08,
        takes_up=0.92,
        sentences=(1, 4),
        characters_per_token=4.0,
    ),
    wording=Wording(
        refusals=(
            "I'm unable to help with that.",
            "Sorry, I can't help with this request.",
            "I won't do that one. I can help with a different version of it.",
        ),
        introductions=("Text:", "Here you go:", "Result:"),
        closings=("Want it formatted differently?", "Done.", "That is the whole text."),
        openings=(
            "Short version:",
            "In brief:",
            "Yes, this is doable.",
            "A practical way to do it:",
        ),
        reasoning=("Answering directly in the requested format.", "The user wants the text back."),
    ),
)

MODELS: Mapping[str, Profile] = MappingProxyType({profile.base_id: profile for profile in (_OPUS, _GPT)})
"""Every stand-in model by its base id."""


def resolve(model_id: str) -> Profile:
    """The model behind an inference profile's id or ARN.

    Raises:
        UnknownModel: No model has this id.
        NeedsInferenceProfile: A model has it, but can only be called by an inference profile.
    """
    name = model_id
    kind = ""
    if model_id.startswith("arn:"):
        kind, _, name = model_id.rpartition(":")[2].partition("/")
    if name in MODELS and kind in {"", "foundation-model"}:
        raise NeedsInferenceProfile(model_id)
    for profile in MODELS.values():
        if name in profile.inference_profile_ids and kind in {"", "inference-profile"}:
            return profile
    raise UnknownModel
