"""The operations by which a model can be asked, one file each, under the names that arms files give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from evals.bedrock import converse, converse_stream, invoke, invoke_stream
from evals.bedrock.question import Question
from evals.bedrock.trace import OperationName
from suites.routes import InlineRoute


class Operation(Protocol):
    """What the file of an operation holds."""

    def request(self, question: Question) -> dict[str, Any]:
        """The arguments of boto3's method."""

    def call(self, runtime: Any, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make the call with a boto3 client and bring what it answers into Converse's shape; blocks."""


OPERATIONS: Mapping[InlineRoute, tuple[OperationName, Operation]] = {
    "converse": ("Converse", converse),
    "converse_stream": ("ConverseStream", converse_stream),
    "invoke": ("InvokeModel", invoke),
    "invoke_stream": ("InvokeModelWithResponseStream", invoke_stream),
}
"""By route, botocore's name of the operation and its file."""
