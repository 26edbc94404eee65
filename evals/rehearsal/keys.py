"""The keys of the stand-in's account, as far as a guardrail is encrypted with one (KMS DescribeKey).

Every key id is one of the account's, and every alias but AWS's own names one, so that any policy can be
rehearsed; nothing is ever encrypted. A key of another account or region is not found, as at AWS.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from evals.rehearsal.errors import ServiceError, invalid

_FORM = re.compile(
    r"(?:arn:aws(?:-[^:]+)?:kms:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):)?"
    r"(?:key/(?P<key>[a-zA-Z0-9-]{36})|alias/(?P<alias>[a-zA-Z0-9/_-]+)|(?P<bare>[a-zA-Z0-9-]{36}))"
)


class NoSuchKeyError(ServiceError):
    """NotFoundException of KMS."""

    def __init__(self, message: str) -> None:
        super().__init__("NotFoundException", message)


def arn_of(key: str, *, region: str, account: str) -> str:
    """The ARN of a key that is named by id, ARN or alias.

    Raises:
        NoSuchKeyError: It names no key of this account and region.
    """
    found = _FORM.fullmatch(key)
    # An ARN says `key/` before the id, a bare id does not.
    if found is None or found["bare" if found["region"] else "key"]:
        raise NoSuchKeyError(f"Invalid keyId {key}")
    if found["region"] not in {None, region} or found["account"] not in {None, account}:
        raise NoSuchKeyError(f"Key '{key}' does not exist")
    if (alias := found["alias"]) is not None:
        if alias.startswith("aws/"):
            raise NoSuchKeyError(f"Alias {key} is not found.")
        return f"arn:aws:kms:{region}:{account}:key/{uuid.uuid5(uuid.NAMESPACE_URL, alias)}"
    return f"arn:aws:kms:{region}:{account}:key/{found['key'] or found['bare']}"


def key_of_guardrail(key: str, *, region: str, account: str) -> str:
    """The ARN of the key that a guardrail is to be encrypted with.

    Raises:
        ServiceError: `ValidationException`: there is no such key.
    """
    try:
        return arn_of(key, region=region, account=account)
    except NoSuchKeyError as error:
        raise invalid(f"The KMS key '{key}' cannot be used: {error.message}") from None


def described(arn: str) -> dict[str, Any]:
    """KeyMetadata of DescribeKey, as far as whoever names a guardrail's key asks for it."""
    return {
        "AWSAccountId": arn.split(":")[4],
        "KeyId": arn.rpartition("/")[2],
        "Arn": arn,
        "Enabled": True,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
    }
