"""The stand-in models: under which ids they are known, how each behaves, what each rejects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from evals.rehearsal.models.errors import NeedsInferenceProfile, UnknownModel
from evals.rehearsal.models.profile import Manner, Profile, Thinking, Wording

_PARTS_OF_AN_ARN = 6
_INERT = ("mantle",)
"""No geography of AWS's: it stands for endpoints that take a guardrail's settings and do nothing."""

_OPUS = Profile(
    base_id="anthropic.claude-opus-4-7",
    model_name="Claude Opus 4.7",
    provider_name="Anthropic",
    scopes=("us", "eu", "jp", "au", "global"),
    inert_scopes=_INERT,
    fixed_parameters=MappingProxyType({"temperature": None, "top_p": None, "top_k": None}),
    rejection="`{name}` is deprecated for this model.",
    unknown_fields=frozenset({"reasoning_effort"}),
    thinking=Thinking(
        asked_by="thinking",
        off={"type": "disabled"},
        refused={
            "enabled": '"thinking.type.enabled" is not supported for this model. '
            'Use "thinking.type.adaptive" instead.'
        },
        form="signed",
    ),
    reads_images=True,
    caches=True,
    forces_tools=True,
    piece=24,
    manner=Manner(
        refuses=0.030,
        spells_out=0.008,
        regroups=0.05,
        thinks=0.25,
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
    inert_scopes=_INERT,
    fixed_parameters=MappingProxyType({"temperature": 1.0, "top_p": 1.0, "top_k": None}),
    rejection="Unsupported value: '{name}' does not support {value} with this model.",
    unknown_fields=frozenset({"reasoning_effort", "thinking"}),
    thinking=Thinking(asked_by="reasoning", off={"effort": "none"}, form="encrypted"),
    reads_images=False,
    caches=False,
    forces_tools=True,
    piece=5,
    manner=Manner(
        refuses=0.024,
        spells_out=0.010,
        regroups=0.08,
        thinks=0.60,
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

_GPT_OSS = replace(
    _GPT,
    base_id="openai.gpt-oss-120b-1:0",
    model_name="gpt-oss-120b",
    scopes=(),
    on_demand=True,
    guards_streams=False,
    fixed_parameters=MappingProxyType({}),
    unknown_fields=frozenset({"reasoning", "thinking"}),
    thinking=Thinking(asked_by="reasoning_effort", off="none", form="plain", returns=False),
    forces_tools=False,
)

MODELS: Mapping[str, Profile] = MappingProxyType(
    {profile.base_id: profile for profile in (_OPUS, _GPT, _GPT_OSS)}
)
"""Every stand-in model by its base id."""


def resolve(model_id: str) -> Profile:
    """The model behind the id or ARN of an inference profile, or of a model that can be called by its own.

    Raises:
        UnknownModel: No model has this id.
        NeedsInferenceProfile: A model has it, but can only be called by an inference profile.
    """
    kind, name = _named(model_id)
    if name in MODELS and kind in {"", "foundation-model"}:
        if MODELS[name].on_demand:
            return MODELS[name]
        raise NeedsInferenceProfile(model_id)
    for profile in MODELS.values():
        if name in profile.inference_profile_ids and kind in {"", "inference-profile"}:
            return profile
    raise UnknownModel


def is_inert(model_id: str) -> bool:
    """Whether this id leads to a model behind which guardrail settings are ignored."""
    return _named(model_id)[1].partition(".")[0] in resolve(model_id).inert_scopes


def _named(model_id: str) -> tuple[str, str]:
    """The kind of an ARN, empty where it is none, and the id."""
    if not model_id.startswith("arn:"):
        return "", model_id
    resource = model_id.split(":", _PARTS_OF_AN_ARN - 1)[_PARTS_OF_AN_ARN - 1 :]
    kind, _, name = "".join(resource).partition("/")
    return kind, name
