"""Holds the one boto3 client per service, endpoint and region, and decides with what it signs.

Credentials are found as boto3 finds them (bearer token or SigV4). A rehearsal endpoint is never sent
any, and neither the proxies nor the AWS profile of the environment can get between it and a run.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import threading
from typing import Any, Literal
from urllib.parse import urlsplit

import boto3
import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    InvalidRegionError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.utils import validate_region_name

from suites.errors import RegistrationError

Service = Literal["bedrock", "bedrock-runtime", "kms", "service-quotas"]

MAX_IN_FLIGHT = 300
"""Calls at the same moment, all arms together: three arms at the hundred connections each to which
Inspect's adaptive limit may grow. The connection pool is as large."""

_READ_TIMEOUT_S = 300
"""Long answers of reasoning models arrive whole, after minutes."""
_CONNECT_TIMEOUT_S = 10
_FACTS_TIMEOUT_S = 5.0
_CONTROL_ATTEMPTS = 5

_HOW_TO_SIGN_IN = (
    "Give one of: a Bedrock API key in AWS_BEARER_TOKEN_BEDROCK; a profile (`aws configure sso`, then"
    " `aws sso login`) named in AWS_PROFILE; or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for"
    " temporary keys, AWS_SESSION_TOKEN. Without AWS, use `parity rehearse`."
)


class CredentialsMissing(RuntimeError):  # noqa: N818 - it says what the matter is, to people too
    """AWS cannot be called: credentials are missing, incomplete, expired or refused."""


_REFUSALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)


def refuses_credentials(failure: BaseException) -> bool:
    """Whether a failed call says that the caller is not known, rather than not allowed."""
    if isinstance(failure, ClientError):
        error = failure.response.get("Error", {})
        # A Bedrock API key that is not accepted comes back as an AccessDeniedException of these words.
        unknown_key = str(error.get("Message", "")).startswith("Authentication failed")
        return error.get("Code") in _REFUSALS or unknown_key
    return isinstance(
        failure,
        CredentialRetrievalError
        | NoAuthTokenError
        | NoCredentialsError
        | PartialCredentialsError
        | SSOError
        | TokenRetrievalError,
    )


class EndpointSilentError(ConnectionError):
    """Nothing answers at a loopback endpoint."""


_clients: dict[tuple[Service, str | None, str], Any] = {}
_building = threading.Lock()


def client(service: Service, *, endpoint_url: str | None, region: str) -> Any:
    """The shared client; boto3's clients may be used by any number of threads.

    Args:
        service: `bedrock` to manage guardrails, `bedrock-runtime` to call models, `kms` to ask for the key
            of a guardrail, `service-quotas` to ask how much is allowed.
        endpoint_url: None is AWS, or what the environment's AWS_ENDPOINT_URL says.
        region: An AWS region.

    Raises:
        CredentialsMissing: The endpoint is AWS's and boto3 finds no credentials.
        EndpointSilentError: The endpoint is on this machine and nothing answers there.
        RegistrationError: Endpoint or region are no such thing.
    """
    if endpoint_url is not None:
        _require_address(endpoint_url)
    _require_region(region)
    key = (service, endpoint_url, region)
    with _building:
        if key not in _clients:
            _clients[key] = _build(*key)
        return _clients[key]


def close_clients() -> None:
    """Close all connections and forget the clients; the next call builds new ones."""
    with _building:
        while _clients:
            _clients.popitem()[1].close()


def require_credentials(*, region: str) -> None:
    """Make sure that AWS could be called, without calling Bedrock.

    Raises:
        CredentialsMissing: With what is missing and the ways to give it.
    """
    client("bedrock-runtime", endpoint_url=None, region=region)


def service_facts(endpoint_url: str | None, *, region: str = "us-east-1") -> dict[str, Any] | None:
    """What a rehearsal says of itself (seed, plants, latency); None where the endpoint is none.

    An endpoint that the environment sets (AWS_ENDPOINT_URL) is asked too, so that a rehearsal never
    passes for AWS. Only loopback endpoints are asked.

    Raises:
        EndpointSilentError: A loopback endpoint that does not answer.
        CredentialsMissing: `endpoint_url` is None and AWS cannot be called.
    """
    address = endpoint_url or str(
        client("bedrock-runtime", endpoint_url=None, region=region).meta.endpoint_url
    )
    return _rehearsal_at(address) if is_loopback(address) else None


def is_loopback(endpoint_url: str | None) -> bool:
    """Whether an endpoint is on this machine."""
    host = urlsplit(endpoint_url or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_address(endpoint_url: str) -> None:
    try:
        parts = urlsplit(endpoint_url)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise RegistrationError(
            f"The endpoint {endpoint_url!r} (--endpoint-url or PARITY_ENDPOINT_URL) is no address. Allowed is"
            " http://HOST:PORT or https://HOST, such as `parity serve` prints. Leave it away to call AWS."
        )


def _require_region(region: str) -> None:
    try:
        validate_region_name(region)
    except InvalidRegionError as error:
        raise RegistrationError(
            f"The region {region!r} is no name of one. Give one as AWS writes it, such as us-east-1."
        ) from error


def _build(service: Service, endpoint_url: str | None, region: str) -> Any:
    if endpoint_url is not None and is_loopback(endpoint_url) and _rehearsal_at(endpoint_url):
        return _unsigned(service, endpoint_url, region)
    try:
        return _signed(service, endpoint_url, region)
    except BotoCoreError as error:
        raise CredentialsMissing(f"AWS cannot be called in {region}: {error} {_HOW_TO_SIGN_IN}") from error


def _signed(service: Service, endpoint_url: str | None, region: str) -> Any:
    session = boto3.Session(region_name=region)
    made = session.client(service, endpoint_url=endpoint_url, config=Config(**_options(service)))
    address = str(made.meta.endpoint_url)
    local = is_loopback(address)
    if local and _rehearsal_at(address):
        return _unsigned(service, address, region)
    if os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        return made
    credentials = session.get_credentials()
    if credentials is not None:
        credentials.get_frozen_credentials()
        return made
    if local:
        return _unsigned(service, address, region)
    raise CredentialsMissing(
        f"No AWS credentials were found to call {service} in {region}. {_HOW_TO_SIGN_IN}"
    )


def _unsigned(service: Service, endpoint_url: str, region: str) -> Any:
    """A client that knows nothing of the user's AWS configuration."""
    nothing: dict[str, Any] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = boto3.Session(botocore_session=botocore.session.Session(session_vars=nothing))
    config = Config(signature_version=botocore.UNSIGNED, proxies={}, **_options(service))
    return session.client(service, region_name=region, endpoint_url=endpoint_url, config=config)


def _options(service: Service) -> dict[str, Any]:
    """Calls that are measured are repeated by `evals.bedrock.retry` alone, which counts them."""
    attempts = 1 if service == "bedrock-runtime" else _CONTROL_ATTEMPTS
    return {
        "max_pool_connections": MAX_IN_FLIGHT,
        "retries": {"total_max_attempts": attempts, "mode": "standard"},
        "read_timeout": _READ_TIMEOUT_S,
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "tcp_keepalive": True,
        "user_agent_extra": "guardrail-parity",
    }


def _rehearsal_at(address: str) -> dict[str, Any] | None:
    """Ask a loopback endpoint whether it is a rehearsal."""
    parts = urlsplit(address)
    if parts.scheme != "http":
        return None
    connection = http.client.HTTPConnection(parts.netloc, timeout=_FACTS_TIMEOUT_S)
    try:
        connection.request("GET", "/rehearsal")
        facts = json.loads(connection.getresponse().read())
    except OSError as error:
        raise EndpointSilentError(
            f"Nothing answers at {address} ({error}). Start the stand-in there with"
            f" `parity serve --port {parts.port}`, or correct the endpoint."
        ) from error
    except (http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return facts if isinstance(facts, dict) and facts.get("rehearsal") is True else None
