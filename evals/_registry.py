"""What Inspect finds of us by name (entry point group `inspect_ai`).

Inspect imports this on every start, so the factories import what they need only when they are called.
"""

from __future__ import annotations

from inspect_ai.model import ModelAPI, modelapi


@modelapi(name="guarded")
def guarded() -> type[ModelAPI]:
    """`guarded/<model id>`: a Bedrock model behind a guardrail."""
    from evals.providers.guarded import GuardedAPI  # noqa: PLC0415 - boto3 takes a second to import

    return GuardedAPI


@modelapi(name="control")
def control() -> type[ModelAPI]:
    """`control/apply-guardrail`: the guardrail alone."""
    from evals.providers.control import ControlAPI  # noqa: PLC0415 - see above

    return ControlAPI
