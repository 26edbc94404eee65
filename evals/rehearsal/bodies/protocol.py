"""What every format can do, and how a body of any of them becomes a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from evals.rehearsal.calls.call import Answer
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.streaming import Piece
from evals.rehearsal.requests import check_conversation


class Body(Protocol):
    """A format of requests and answers."""

    def read(self, document: dict[str, Any], call: Call) -> Call:
        """The call with what a body asks for."""

    def write(self, answer: Answer, model: str) -> dict[str, Any]:
        """The body of a whole answer."""

    def chunks(self, sent: Sequence[Piece], answer: Answer, model: str) -> Iterator[dict[str, Any]]:
        """The bodies of a streamed answer, one after the other."""


def read_whole(body: Body, document: dict[str, Any], call: Call) -> Call:
    """The call that a body asks for, known to be one that a model could answer.

    Raises:
        ServiceError: `ValidationException`: the body is wrong, or holds what the stand-in does not model.
    """
    call = body.read(document, call)
    given = call.conversation
    tools = {"tools": given.tools, "toolChoice": call.tool_choice} if given.tools else None
    check_conversation({"messages": given.messages, "toolConfig": tools})
    return call
