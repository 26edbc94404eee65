"""InvokeModel's way to say which text a guardrail is to read: tags with a suffix of the request's own.

Source: AWS, "Apply tags to user input to filter content" in the Bedrock user guide. Converse has guardContent
blocks for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from evals.bedrock.question import Question

SETTINGS = "amazon-bedrock-guardrailConfig"
"""The member of a body that is Bedrock's and not the model's."""

_TAG = "amazon-bedrock-guardrails-guardContent_"
_LENGTH = 12


@dataclass(frozen=True)
class Tagging:
    """The tags of one request; `suffix` is None where nothing is guarded apart."""

    suffix: str | None

    @classmethod
    def of(cls, question: Question) -> Self:
        """Tags for a question, whose suffix nobody can guess from one part of it."""
        content = [block for message in question.messages for block in message["content"]]
        if not any("guardContent" in block for block in content):
            return cls(None)
        return cls(hashlib.sha256(repr(content).encode()).hexdigest()[:_LENGTH])

    @property
    def settings(self) -> dict[str, Any]:
        """What the body says of them."""
        return {SETTINGS: {"tagSuffix": self.suffix}} if self.suffix else {}

    def text_of(self, block: Mapping[str, Any]) -> str:
        """The text of a block, tagged where it is to be guarded."""
        if "guardContent" not in block:
            return str(block["text"])
        tag = f"{_TAG}{self.suffix}"
        return f"<{tag}>{block['guardContent']['text']['text']}</{tag}>"
