"""Services that are asked beside Bedrock: who calls (STS), how much is allowed (quotas), which key (KMS).

All speak protocols of their own on the path `/`, so that boto3's `sts`, `service-quotas` and `kms` can be
pointed at the same endpoint. Of each only the reading that is needed is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response

from evals.rehearsal import keys
from evals.rehearsal.guardrails import ACCOUNT, REGION

_QUOTAS_TARGET = "ServiceQuotasV20190624."
_KEYS_TARGET = "TrentService."
_CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/rehearsal/nobody</Arn>
    <UserId>REHEARSAL:nobody</UserId>
    <Account>{ACCOUNT}</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
"""
_REFUSED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>InvalidAction</Code><Message>%s</Message></Error>
  <RequestId>%s</RequestId>
</ErrorResponse>
"""
_QUOTAS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "L-9072D6F0": ("On-demand ApplyGuardrail requests per second", 50.0),
        "L-01F3CD81": ("On-demand ApplyGuardrail content filter policy text units per second", 200.0),
        "L-124DCF3D": ("On-demand ApplyGuardrail denied topic policy text units per second", 50.0),
        "L-CFCAAB0E": ("On-demand ApplyGuardrail sensitive information policy text units per second", 200.0),
        "L-9F4DB459": ("On-demand ApplyGuardrail word policy text units per second", 200.0),
        "L-086556D1": ("On-demand ApplyGuardrail contextual grounding policy text units per second", 106.0),
        "L-5EEC1A55": (
            "Cross-region model inference requests per minute for Anthropic Claude Opus 4.7",
            12000.0,
        ),
    }
)
"""By code, name and value in the two regions where they are highest, as of mid-2025; the last is
made up."""


def respond(body: bytes, headers: Mapping[str, str], request_id: str) -> Response:
    """Answer a request on the path `/`."""
    target = headers.get("x-amz-target", "")
    if target.startswith(_QUOTAS_TARGET):
        return _quotas(target.removeprefix(_QUOTAS_TARGET), _read(body), request_id)
    if target.startswith(_KEYS_TARGET):
        return _keys(target.removeprefix(_KEYS_TARGET), _read(body), request_id)
    return _identity(body, request_id)


def _read(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def _keys(operation: str, request: Mapping[str, Any], request_id: str) -> Response:
    if operation != "DescribeKey":
        message = f"The rehearsal does not model {operation} of kms."
        return _json({"__type": "UnknownOperationException", "message": message}, 400, request_id)
    try:
        arn = keys.arn_of(str(request.get("KeyId")), region=REGION, account=ACCOUNT)
    except keys.NoSuchKeyError as error:
        return _json({"__type": error.code, "message": error.message}, 400, request_id)
    return _json({"KeyMetadata": keys.described(arn)}, 200, request_id)


def _quotas(operation: str, request: Mapping[str, Any], request_id: str) -> Response:
    service, code = request.get("ServiceCode"), request.get("QuotaCode")
    if operation == "ListServiceQuotas" and service == "bedrock":
        return _json({"Quotas": [_quota(code) for code in _QUOTAS]}, 200, request_id)
    if operation == "GetServiceQuota" and service == "bedrock" and code in _QUOTAS:
        return _json({"Quota": _quota(str(code))}, 200, request_id)
    if operation in {"ListServiceQuotas", "GetServiceQuota"}:
        message = f"The rehearsal has no quota '{code}' of the service '{service}'; it has: bedrock"
        return _json({"__type": "NoSuchResourceException", "Message": message}, 400, request_id)
    message = f"The rehearsal does not model {operation} of service-quotas."
    return _json({"__type": "UnknownOperationException", "Message": message}, 400, request_id)


def _quota(code: str) -> dict[str, Any]:
    name, value = _QUOTAS[code]
    return {
        "ServiceCode": "bedrock",
        "ServiceName": "Amazon Bedrock",
        "QuotaArn": f"arn:aws:servicequotas:{REGION}:{ACCOUNT}:bedrock/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": False,
        "GlobalQuota": False,
    }


def _json(document: dict[str, Any], status: int, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id}
    return Response(json.dumps(document).encode(), status, headers, media_type="application/x-amz-json-1.1")


def _identity(body: bytes, request_id: str) -> Response:
    action = parse_qs(body.decode("latin-1")).get("Action", ["nothing"])[0]
    if action == "GetCallerIdentity":
        return Response(_CALLER % request_id, 200, media_type="text/xml")
    message = f"The rehearsal does not model {action if action.isalnum() else 'this'} of sts."
    return Response(_REFUSED % (message, request_id), 400, media_type="text/xml")
