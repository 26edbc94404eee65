"""Decides which Bedrock a run talks to, and finds out whether it is a rehearsal.

A rehearsal must never pass for AWS, nor anything be deployed to AWS by one: what an endpoint is, it says
itself, whatever the arms file says.
"""

from __future__ import annotations

import atexit
import functools
import os
from dataclasses import dataclass
from typing import Any

from evals.bedrock.client import service_facts
from evals.rehearsal.child import start
from suites.arms import Arms
from suites.errors import RegistrationError

VARIABLE = "PARITY_ENDPOINT_URL"


@dataclass(frozen=True)
class Endpoint:
    """Where the calls go."""

    url: str | None
    """None is AWS, or what the environment's AWS_ENDPOINT_URL says."""
    region: str
    rehearsal: dict[str, Any] | None
    """What a rehearsal says of itself; None where it is none."""

    @property
    def described(self) -> dict[str, Any]:
        """For the register. The address of a rehearsal means nothing an hour later."""
        if self.rehearsal is None:
            return {"region": self.region, "endpoint_url": self.url}
        return {"region": self.region, **self.rehearsal}


def find_endpoint(arms: Arms) -> Endpoint:
    """The endpoint that the environment names, else a rehearsal's own, else AWS.

    Raises:
        RegistrationError: The arms file is a rehearsal's and the endpoint is none.
        EndpointSilentError: Nothing answers at the endpoint.
        CredentialsMissing: AWS is meant and cannot be called.
        RehearsalError: The stand-in does not start.
    """
    url = os.environ.get(VARIABLE) or (_own_rehearsal() if arms.rehearsal else None)
    facts = service_facts(url, region=arms.region)
    if arms.rehearsal and facts is None:
        raise RegistrationError(
            f"{VARIABLE}={url} is not a rehearsal, and the arms file is one's: it would deploy its guardrails"
            " there. Unset the variable, or give -T arms=<file> with the guardrails you deployed."
        )
    return Endpoint(url, arms.region, facts)


@functools.cache
def _own_rehearsal() -> str:
    """One stand-in for all tasks of this process; it ends with it."""
    service = start()
    atexit.register(service.stop)
    return service.endpoint_url
