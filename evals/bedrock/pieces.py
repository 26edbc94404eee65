"""What an answer that comes in pieces is put together from: text that was shown, and arguments of tools."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shown:
    """The pieces of text in the order in which they came; a new block begins a new line."""

    pieces: list[dict[str, Any]] = field(default_factory=list)
    """`text`, and `ms` from the call."""
    _block: int | None = None

    @property
    def text(self) -> str:
        """All of them."""
        return "".join(piece["text"] for piece in self.pieces)

    def add(self, ms: int, text: str, block: int = 0) -> None:
        """One more piece; nothing is shown by an empty one."""
        if not text:
            return
        begins = bool(self.pieces) and block != self._block
        self.pieces.append({"text": f"\n{text}" if begins else text, "ms": ms})
        self._block = block

    def without_first(self, characters: int) -> list[dict[str, Any]]:
        """The pieces, less so many characters at the beginning that are not part of the text."""
        kept = []
        for piece in self.pieces:
            if left := piece["text"][characters:]:
                kept.append({**piece, "text": left})
            characters = max(0, characters - len(piece["text"]))
        return kept


def arguments(pieces: str) -> Any:
    """The arguments of a tool's call, which come as JSON; what is none is kept as it came."""
    try:
        return json.loads(pieces) if pieces else {}
    except ValueError:
        return pieces


def everything(pieces: Iterable[Mapping[str, Any]], content: Iterable[Mapping[str, Any]]) -> str:
    """All that had come out when a stream broke: the text, readable reasoning, and what tools were sent.

    Args:
        pieces: Of the text, as `Shown` has them.
        content: The blocks as far as they came, in Converse's shape.
    """
    told = ["".join(piece["text"] for piece in pieces)]
    for block in content:
        told.append(block.get("reasoningContent", {}).get("reasoningText", {}).get("text", ""))
        sent = block.get("toolUse", {}).get("input")
        told.append(sent if isinstance(sent, str) else json.dumps(sent, ensure_ascii=False) if sent else "")
    return "\n".join(filter(None, told))
