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


@modelapi(name="sidecar")
def sidecar() -> type[ModelAPI]:
    """`sidecar/<any model of Inspect>`: the guardrail alone before and behind a model that has none."""
    from evals.providers.sidecar import SidecarAPI  # noqa: PLC0415 - see above

    return SidecarAPI


@modelapi(name="bare")
def bare() -> type[ModelAPI]:
    """`bare/<model id>`: a Bedrock model without a guardrail, for `sidecar/` to guard."""
    from evals.providers.bare import BareAPI  # noqa: PLC0415 - see above

    return BareAPI


@modelapi(name="control")
def control() -> type[ModelAPI]:
    """`control/apply-guardrail`: the guardrail alone."""
    from evals.providers.control import ControlAPI  # noqa: PLC0415 - see above

    return ControlAPI
