"""An operation that is not modelled says so, and never invents success."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError

from evals.rehearsal import wire
from evals.rehearsal.operations import OPERATIONS

MODELLED = set(OPERATIONS)
OTHERS = {name: operation for name, operation in wire.load().operations.items() if name not in MODELLED}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_operation_is_refused_by_name(send, name):
    """All routes of both services are known; what stands behind them is not pretended."""
    operation = OTHERS[name]
    path = re.sub(r"\{\w+\+?\}", "abc", operation.route)

    status, headers, answer = send(operation.method, path, b"{}")

    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert answer["message"].startswith(f"The rehearsal does not model {name} of {operation.service}.")


@pytest.mark.parametrize(
    ("service", "operation", "request_"),
    [
        ("runtime", "count_tokens", {"modelId": "us.openai.gpt-5.5", "input": {"converse": {}}}),
        ("control", "get_model_invocation_logging_configuration", {}),
        ("control", "create_evaluation_job", None),
    ],
)
def test_boto3_shows_what_is_not_modelled(careless, service, operation, request_):
    """A stranger reads the operation's name and what exists, after one attempt."""
    if request_ is None:
        request_ = {"jobName": "j", "roleArn": "r", "evaluationConfig": {}, "inferenceConfig": {}}

    with pytest.raises(ClientError, match="The rehearsal does not model") as caught:
        getattr(getattr(careless, service), operation)(**request_)

    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0
    assert "It models CreateGuardrail, " in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/guardrails/"), ("PATCH", "/guardrails"), ("GET", "/model/us.openai.gpt-5.5")],
)
def test_path_of_no_service_is_unknown(send, method, path):
    """A route that Bedrock does not have is not mistaken for one that it has."""
    status, headers, answer = send(method, path)

    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert answer["message"].startswith(f"{method} {path} is no route of Amazon Bedrock")
