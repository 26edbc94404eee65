"""The key of the account that a guardrail is to be encrypted with (KMS DescribeKey).

A policy may name it by id, ARN or alias, and Bedrock tells an ARN: what is sent and compared is the ARN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from evals.bedrock.client import client
from evals.bedrock.errors import GuardrailError
from evals.bedrock.retry import described

_USABLE = "Enabled"


def with_key_arn(request: Mapping[str, Any], *, endpoint_url: str | None, region: str) -> dict[str, Any]:
    """A CreateGuardrail request whose key, if it names one, is named by its ARN.

    Raises:
        GuardrailError: There is no such key here, it cannot be asked for, or it is not enabled.
        CredentialsMissing, EndpointSilentError: There is no KMS to ask.
    """
    key = request.get("kmsKeyId")
    if key is None:
        return dict(request)
    try:
        asked = client("kms", endpoint_url=endpoint_url, region=region)
        found = asked.describe_key(KeyId=key)["KeyMetadata"]
    except (ClientError, BotoCoreError) as error:
        raise GuardrailError(
            f"The key {key} in {region}, which `kms_key` of the policy names for {request['name']}, cannot be"
            f" used: {described(error)}. Name a key of this account and region, for which the caller has"
            " kms:DescribeKey, kms:CreateGrant, kms:GenerateDataKey and kms:Decrypt (docs/iam.md)."
        ) from error
    if found["KeyState"] != _USABLE:
        raise GuardrailError(
            f"The key {key} in {region}, which `kms_key` of the policy names for {request['name']}, is"
            f" {found['KeyState']}, not {_USABLE}. Enable it, or name another one."
        )
    return {**request, "kmsKeyId": found["Arn"]}
