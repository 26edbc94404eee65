"""`guarded/<model id>`: a Bedrock model behind a guardrail that its own request names."""

from __future__ import annotations

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput
from inspect_ai.tool import ToolChoice, ToolInfo

from evals.bedrock.assessments import Wanted
from evals.bedrock.client import client
from evals.bedrock.operations import OPERATIONS
from evals.bedrock.question import NotCarriedError, Question
from evals.bedrock.record import record
from evals.bedrock.retry import ask
from evals.providers import admission
from evals.providers.conversation import conversation, texts
from evals.providers.output import model_call, model_output, not_sent
from evals.providers.route import IN_FLIGHT, Route, inference, route_of


class GuardedAPI(ModelAPI):
    """A Bedrock model behind a guardrail."""

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return IN_FLIGHT

    def connection_key(self) -> str:
        """Quotas are counted per model."""
        return self.model_name

    def wanted(self, route: Route) -> Wanted | None:
        """The guardrail that the request names."""
        return route.wanted

    def emulate_reasoning_history(self) -> bool:
        """Reasoning of earlier turns is sent as such, and not as text."""
        return False

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,  # noqa: ARG002 - left to the model, as Converse does
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Ask the model.

        Raises:
            RouteError: The call's route, parameters or messages are not what can be sent.
            CredentialsMissing: AWS does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = route_of(config)
        told = conversation(input, tools)
        question = Question(
            model=self.model_name,
            messages=told.messages,
            system=told.system,
            tools=told.tools,
            inference=inference(config),
            wanted=self.wanted(route),
            metadata={**route.metadata, "epoch": str(route.epoch)},
            stream=route.stream,
            family=route.family,
            service_tier=route.service_tier,
        )
        name, operation = OPERATIONS[route.route]
        try:
            request = operation.request(question)
        except NotCarriedError as error:
            return not_sent(self.model_name, name, error)
        runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
        shown = [text for message in input for text in texts(message)]
        admit = admission.model_call(route, self.model_name, shown, guarded=question.wanted is not None)
        attempted = await ask(lambda: operation.call(runtime, request), route.patience, admit)
        call = record(attempted, operation=name, sent=question.given, wanted=question.wanted)
        if question.wanted:
            admission.heard(route, "\n".join(call.trace.raw_outputs) or call.text)
        usage = (attempted.response or {}).get("usage")
        return model_output(self.model_name, call, usage), model_call(request, attempted)
