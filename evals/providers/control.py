"""`control/apply-guardrail`: the guardrail alone, what it says of a text when no model is near."""

from __future__ import annotations

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput
from inspect_ai.tool import ToolChoice, ToolInfo

from evals.bedrock import apply
from evals.bedrock.client import client
from evals.bedrock.retry import ask
from evals.providers import admission
from evals.providers.conversation import texts
from evals.providers.output import model_call, model_output
from evals.providers.route import EXTRA, IN_FLIGHT, RouteError, route_of
from suites.case import Side


class ControlAPI(ModelAPI):
    """The guardrail alone, by ApplyGuardrail."""

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return IN_FLIGHT

    def connection_key(self) -> str:
        """One quota for all guardrails."""
        return "apply-guardrail"

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],  # noqa: ARG002 - the texts that matter are the messages
        tool_choice: ToolChoice,  # noqa: ARG002 - as above
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Show every message's text to the guardrail; which text matters is the caller's to decide.

        Raises:
            RouteError: The call's route or messages are not what can be sent; `side` is lacking.
            CredentialsMissing: AWS does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = route_of(config)
        if route.side is None:
            raise RouteError(f'extra_body["{EXTRA}"] lacks `side`: control needs INPUT or OUTPUT.')
        side: Side = "input" if route.side == "INPUT" else "output"
        shown = [text for message in input for text in texts(message)]
        request = apply.request(texts=shown, side=side, wanted=route.wanted)
        runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
        attempted = await ask(
            lambda: runtime.apply_guardrail(**request), route.patience, admission.guardrail_call(route, shown)
        )
        record = apply.record(attempted, request=request, wanted=route.wanted)
        return model_output(self.model_name, record), model_call(request, attempted)
