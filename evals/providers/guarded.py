"""`guarded/<model id>`: a Bedrock model behind a guardrail, by Converse."""

from __future__ import annotations

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput
from inspect_ai.tool import ToolChoice, ToolInfo

from evals.bedrock import converse
from evals.bedrock.client import client
from evals.bedrock.retry import ask
from evals.providers.conversation import conversation
from evals.providers.output import model_call, model_output
from evals.providers.route import IN_FLIGHT, inference, route_of


class GuardedAPI(ModelAPI):
    """A Bedrock model behind a guardrail."""

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return IN_FLIGHT

    def connection_key(self) -> str:
        """Quotas are counted per model."""
        return self.model_name

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,  # noqa: ARG002 - no tools, no choice
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Ask the model.

        Raises:
            RouteError: The call's route, parameters, tools or messages are not what can be sent.
            CredentialsMissing: AWS does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = route_of(config, tools)
        told = conversation(input)
        request = converse.request(
            model=self.model_name,
            messages=told.messages,
            system=told.system,
            tools=told.tools,
            inference=inference(config),
            wanted=route.wanted,
            epoch=route.epoch,
        )
        runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
        attempted = await ask(lambda: runtime.converse(**request), route.patience)
        record = converse.record(attempted, request=request, wanted=route.wanted)
        usage = (attempted.response or {}).get("usage")
        return model_output(self.model_name, record, usage), model_call(request, attempted)
