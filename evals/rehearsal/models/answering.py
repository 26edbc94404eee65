"""A stand-in model's answer: from the request alone, the same for the same seed, epoch and prompt."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from evals.rehearsal.draw import uniform
from evals.rehearsal.models.accepting import check_parameters
from evals.rehearsal.models.calling import chosen_tool, tool_use
from evals.rehearsal.models.conversation import SENTENCES
from evals.rehearsal.models.profile import Profile
from evals.rehearsal.models.profiles import resolve
from evals.rehearsal.models.reading import MATERIAL, Reading, read
from evals.rehearsal.models.renderings import CONTAINERS, asked_container, regrouped, spelled_out
from evals.rehearsal.models.straying import STEADY, Straying
from evals.rehearsal.models.thinking import reasoning_block, thinks

_PARTICULARS = re.compile(r"\s?\S*[\d@]\S*")
"""What a model leaves out where it only takes a request up: numbers, keys, addresses."""
_THINK = re.compile(r"\bthink through the words\b", re.IGNORECASE)
"""Asked like this, a model goes through the material in its reasoning and keeps it out of its answer."""
_DEFAULT_MAX_TOKENS = 4096

_FOLLOWS_PROMPT = 0.85
"""How often a model's manner is led by the prompt, as every other model's is, and not by its own habit.

Models trip over much the same prompts. Without that, two models of equal rates would differ on twice
those rates of the cases.
"""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a model answers."""

    content: list[dict[str, Any]]
    """Converse content blocks: at most one `reasoningContent`, then one `text` or one `toolUse`."""
    stop_reason: str
    """`end_turn`, `max_tokens`, `stop_sequence` or `tool_use`."""
    input_tokens: int
    output_tokens: int
    stop_sequence: str | None = None
    """The one that the answer ended before."""


def reply(
    model_id: str,
    *,
    messages: Sequence[Mapping[str, Any]],
    system: Sequence[Mapping[str, Any]],
    inference: Mapping[str, Any],
    extra: Mapping[str, Any],
    seed: int,
    epoch: int,
    tools: Sequence[Mapping[str, Any]] = (),
    tool_choice: Mapping[str, Any] = MappingProxyType({}),
    straying: Straying = STEADY,
) -> Reply:
    """Answer a Converse request.

    Args:
        model_id: The id or ARN of an inference profile.
        messages: Converse messages.
        system: Converse system blocks.
        inference: Converse `inferenceConfig`.
        extra: Converse `additionalModelRequestFields`.
        seed: The service's seed.
        epoch: Which repetition of the prompt this is.
        tools: Converse `toolConfig.tools`.
        tool_choice: Converse `toolConfig.toolChoice`.
        straying: The planted faults that strike the answer.

    Raises:
        RejectedRequest: The model does not exist, cannot be called by this id, or does not take a
            parameter; the message is the one AWS gives.
    """
    profile = resolve(model_id)
    check_parameters(profile, inference=inference, extra=extra)
    reading = read(messages, system)
    composer = _Composer(profile, seed=seed, epoch=epoch, prompt=reading.everything)
    content: list[dict[str, Any]] = []
    reasoning, answer = composer.compose(reading)
    answer = straying.of(
        answer,
        gives_back=reading.material is not None and not composer.refuses,
        parsed=asked_container(MATERIAL.sub(" ", reading.request)) == "json",
    )
    output_tokens, stop_sequence = 0, None
    limit = int(inference.get("maxTokens", _DEFAULT_MAX_TOKENS))
    # Reasoning is charged too, and one for which there is no room is left out.
    if reasoning and thinks(profile, extra) and _tokens(profile, reasoning) < limit:
        about = (seed, epoch, reading.everything)
        content.append(reasoning_block(profile.thinking.form, reasoning, about))
        output_tokens += _tokens(profile, reasoning)
    tool = chosen_tool(tools, tool_choice, reading.request, has_result=reading.has_result)
    if tool is not None and not composer.refuses:
        call = tool_use(tool, reading.material or reading.request, (seed, epoch, reading.everything))
        content.append(call)
        stop_reason = "tool_use"
        output_tokens += _tokens(profile, json.dumps(call["toolUse"]["input"]))
    else:
        ended = _ended(profile, answer, inference, limit - output_tokens)
        content.append({"text": ended.text})
        stop_reason, stop_sequence = ended.stop_reason, ended.stop_sequence
        output_tokens += _tokens(profile, ended.text)
    return Reply(
        content=content,
        stop_reason=stop_reason,
        input_tokens=_tokens(profile, reading.everything),
        output_tokens=output_tokens,
        stop_sequence=stop_sequence,
    )


class _Composer:
    """One answer of one model."""

    def __init__(self, profile: Profile, *, seed: int, epoch: int, prompt: str) -> None:
        self._profile = profile
        self._about = (seed, epoch, prompt)

    def _draw(self, decision: str) -> float:
        own = self._profile.base_id
        led = uniform("led", decision, own, *self._about) < _FOLLOWS_PROMPT
        return uniform("manner", decision, "" if led else own, *self._about)

    def _pick(self, decision: str, choices: Sequence[str]) -> str:
        return choices[int(uniform("pick", decision, self._profile.base_id, *self._about) * len(choices))]

    @property
    def refuses(self) -> bool:
        """Whether it declines, whatever was asked."""
        return self._draw("refuses") < self._profile.manner.refuses

    def compose(self, reading: Reading) -> tuple[str | None, str]:
        """Reasoning, if any, and answer."""
        manner, wording = self._profile.manner, self._profile.wording
        material = reading.material
        if self.refuses:
            return None, self._pick("refusal", wording.refusals)
        reasoning = None
        if material is not None and _THINK.search(reading.request):
            reasoning = f"{self._pick('reasoning', wording.reasoning)} It reads: {material}"
            return reasoning, self._in_own_words("Done.", None)
        if material is not None and self._draw("copies") < manner.copies_in_reasoning:
            reasoning = f"{self._pick('reasoning', wording.reasoning)} It reads: {material}"
        elif self._draw("thinks") < manner.thinks:
            reasoning = self._pick("reasoning", wording.reasoning)
        instruction = MATERIAL.sub(" ", reading.request)
        if material is None:
            return reasoning, self._in_own_words(reading.request.strip(), asked_container(instruction))
        return reasoning, self._given_back(material.strip(), asked_container(instruction))

    def _given_back(self, material: str, asked: str | None) -> str:
        manner, wording = self._profile.manner, self._profile.wording
        if self._draw("spells") < manner.spells_out:
            material = spelled_out(material)
        elif self._draw("regroups") < manner.regroups:
            material = regrouped(material)
        parts = [CONTAINERS[asked or self._own_container()](material)]
        # Whoever asks for JSON parses the answer, and both models know it.
        if asked != "json":
            if self._draw("introduces") < manner.introduces:
                parts.insert(0, self._pick("introduction", wording.introductions))
            if self._draw("closes") < manner.closes:
                parts.append(self._pick("closing", wording.closings))
        return "\n\n".join(parts)

    def _own_container(self) -> str:
        draw = self._draw("wraps")
        for name, share in self._profile.manner.wraps.items():
            if draw < share:
                return name
            draw -= share
        return "plain"

    def _in_own_words(self, request: str, asked: str | None) -> str:
        fewest, most = self._profile.manner.sentences
        length = fewest + int(self._draw("length") * (most - fewest + 1))
        start = int(uniform("start", self._profile.base_id, *self._about) * len(SENTENCES))
        chosen = [SENTENCES[(start + 5 * step) % len(SENTENCES)] for step in range(length)]
        if self._draw("takes up") < self._profile.manner.takes_up:
            chosen.insert(0, _PARTICULARS.sub("", request))
        if asked == "json":
            return json.dumps({"answer": chosen[0], "notes": chosen[1:]})
        if asked == "table":
            rows = "\n".join(f"| {number} | {sentence} |" for number, sentence in enumerate(chosen, 1))
            return f"| Step | Note |\n| --- | --- |\n{rows}"
        if asked == "list":
            return "\n".join(f"- {sentence}" for sentence in chosen)
        return " ".join([self._pick("opening", self._profile.wording.openings), *chosen])


def _tokens(profile: Profile, text: str) -> int:
    return math.ceil(len(text) / profile.manner.characters_per_token)


class _Ended(NamedTuple):
    """An answer up to where the caller wanted it to end."""

    text: str
    stop_reason: str
    stop_sequence: str | None = None


def _ended(profile: Profile, answer: str, inference: Mapping[str, Any], limit: int) -> _Ended:
    places = [(answer.find(stop), stop) for stop in inference.get("stopSequences", ()) if stop in answer]
    ended = _Ended(answer, "end_turn")
    if places:
        end, stop = min(places)
        ended = _Ended(answer[:end], "stop_sequence", stop)
    if _tokens(profile, ended.text) > limit:
        ended = _Ended(ended.text[: int(limit * profile.manner.characters_per_token)], "max_tokens")
    return ended
