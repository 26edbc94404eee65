"""A model's reasoning: whether there is any, and the form in which it is shown."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from evals.rehearsal.models.profile import Profile


def thinks(profile: Profile, extra: Mapping[str, Any]) -> bool:
    """Whether the caller left the model's reasoning on."""
    asked, off = extra.get(profile.thinking.asked_by), profile.thinking.off
    if isinstance(off, str):
        return bool(asked != off)
    return not isinstance(asked, Mapping) or any(asked.get(name) != value for name, value in off.items())


def reasoning_block(form: str, text: str, about: Sequence[str | int]) -> dict[str, Any]:
    """The content block: with a signature, without one, or so that nobody can read it.

    Args:
        form: `signed`, `plain` or `encrypted`.
        text: What was thought.
        about: What keys and signatures depend on.
    """
    if form == "encrypted":
        sealed = bytes(a ^ b for a, b in zip(text.encode(), _key(about, len(text.encode())), strict=True))
        return {"reasoningContent": {"redactedContent": base64.b64encode(sealed).decode()}}
    reasoning = {"text": text}
    if form == "signed":
        reasoning["signature"] = base64.b64encode(_key((text, *about), 48)).decode()
    return {"reasoningContent": {"reasoningText": reasoning}}


def _key(about: Sequence[str | int], length: int) -> bytes:
    seed = "\n".join(map(str, ("reasoning", *about))).encode()
    blocks = -(-length // hashlib.sha256().digest_size)
    return b"".join(hashlib.sha256(seed + bytes([block % 256])).digest() for block in range(blocks))[:length]
