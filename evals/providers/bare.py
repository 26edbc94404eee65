"""`bare/<model id>`: a Bedrock model by Converse with no guardrail before it, for `sidecar/` to guard.

It takes no arm's role, and what it answers is no evidence of any guardrail.
"""

from __future__ import annotations

from evals.bedrock.assessments import Wanted
from evals.providers.guarded import GuardedAPI
from evals.providers.route import Route


class BareAPI(GuardedAPI):
    """A Bedrock model whose request names no guardrail."""

    def wanted(self, route: Route) -> Wanted | None:  # noqa: ARG002 - whatever the route says
        """No guardrail."""
        return None
