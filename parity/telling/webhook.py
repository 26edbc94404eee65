"""One message to one webhook, in the JSON that Slack takes, and Mattermost and others like it.

The address is a secret: whoever has it can write to the channel. It is read from the environment or from a
file, and stands in no message, log or error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

ADDRESS = "PARITY_WEBHOOK_URL"
ADDRESS_FILE = "PARITY_WEBHOOK_URL_FILE"

ATTEMPTS = 4
_PATIENCE_S = 10.0
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0
_LONGEST = 3500
"""Characters; Slack cuts a text at some 4,000."""
_HERE = {"127.0.0.1", "::1", "localhost"}
_TOO_MANY = 429
_SERVERS_FAULT = 500


class WebhookError(RuntimeError):
    """The message was not taken; says why, without the address."""


class _NotNowError(WebhookError):
    """It may be taken a little later."""


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether an address was given; an empty file gives none, one that cannot be read is a fault to tell."""
    if environment.get(ADDRESS):
        return True
    file = environment.get(ADDRESS_FILE)
    if not file:
        return False
    try:
        return bool(Path(file).read_text(encoding="utf-8").strip())
    except OSError:
        return True


@dataclass(frozen=True)
class Webhook:
    """Where a message goes."""

    address: str = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Webhook:
        """The webhook that the environment names.

        Raises:
            WebhookError: The address cannot be read, or is none to which a secret may be sent.
        """
        address = environment.get(ADDRESS, "").strip()
        if not address:
            try:
                address = Path(environment[ADDRESS_FILE]).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise WebhookError(f"the file of {ADDRESS_FILE} cannot be read: {error}") from None
        try:
            parts = urlsplit(address)
            fitting = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
        except ValueError:
            fitting = False
        if not fitting:
            raise WebhookError(
                f"the address in {ADDRESS} or {ADDRESS_FILE} does not begin with https://; nothing was sent."
            )
        return cls(address)

    def send(self, lines: Sequence[str]) -> None:
        """Send the lines as one message; a busy or broken service is asked again a few times.

        Raises:
            WebhookError: It was not taken.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_NotNowError),
            wait=wait_exponential_jitter(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        )
        retrying(self._post, {"text": _text(lines)})

    def _post(self, message: Mapping[str, str]) -> None:
        try:
            with _unlogged():
                answer = httpx.post(
                    self.address, json=dict(message), timeout=_PATIENCE_S, follow_redirects=False
                )
        except httpx.TransportError as error:
            # An error's own text may hold the address.
            raise _NotNowError(f"no answer ({type(error).__name__}), tried {ATTEMPTS} times") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WebhookError(f"the address cannot be used ({type(error).__name__})") from None
        if answer.status_code == _TOO_MANY or answer.status_code >= _SERVERS_FAULT:
            raise _NotNowError(f"it answered {answer.status_code}, tried {ATTEMPTS} times")
        if not answer.is_success:
            raise WebhookError(f"it answered {answer.status_code}; is the address still valid?")


def _text(lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} \N{HORIZONTAL ELLIPSIS}"


@contextmanager
def _unlogged() -> Iterator[None]:
    """Without the logs of httpx and httpcore, which hold the address of every request."""
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
