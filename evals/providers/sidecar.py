"""`sidecar/<any model of Inspect>`: ApplyGuardrail on the input, the model, ApplyGuardrail on the output.

For a model whose endpoint takes no guardrail. What the guardrail masks on the way in is masked for the
model; what it blocks there never reaches it. Texts alone are assessed: those of the prompt, results of tools
among them, and the answer's; reasoning and the arguments of tools are not, as in Converse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelCall, ModelOutput, get_model
from inspect_ai.tool import ToolChoice, ToolInfo

from evals.bedrock import apply, sidecar
from evals.bedrock.client import client
from evals.bedrock.question import NotCarriedError, Tool
from evals.bedrock.redaction import without_matches
from evals.bedrock.retry import Attempted, ask
from evals.bedrock.sidecar import Assessed
from evals.bedrock.trace import CallRecord
from evals.providers import admission
from evals.providers.bare import BareAPI
from evals.providers.control import ControlAPI
from evals.providers.conversation import conversation, parts_guarded, texts, with_texts
from evals.providers.foreign import ask_model
from evals.providers.guarded import GuardedAPI
from evals.providers.output import model_output, not_sent
from evals.providers.route import EXTRA, IN_FLIGHT, Route, RouteError, inference, route_of
from suites.case import Side

_NO_BLOCKS = "a sidecar shows the guardrail whole texts and knows no guardContent blocks"


class SidecarAPI(ModelAPI):
    """A guardrail beside any model."""

    def __init__(self, model_name: str, **settings: Any) -> None:
        """Bring up the model that is to be guarded.

        Raises:
            RouteError: There is no such model, or it has a guardrail of its own.
        """
        super().__init__(model_name, **settings)
        try:
            self._model = get_model(model_name)
        except Exception as error:
            raise RouteError(f"The model {model_name} behind a sidecar cannot be asked: {error}") from error
        api = self._model.api
        self._bare = isinstance(api, BareAPI)
        if not self._bare and isinstance(api, GuardedAPI | ControlAPI | SidecarAPI):
            raise RouteError(
                f"sidecar/{model_name} would guard twice and show one guardrail. A model of Bedrock"
                " without one is sidecar/bare/<model id>."
            )

    def max_connections(self) -> int:
        """Calls in flight where nobody says how many."""
        return IN_FLIGHT

    def connection_key(self) -> str:
        """Apart from that of the model, which is asked within."""
        return f"sidecar/{self.model_name}"

    def emulate_reasoning_history(self) -> bool:
        """The model that is asked within decides."""
        return False

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 - Inspect's name
        tools: list[ToolInfo],
        tool_choice: ToolChoice,  # noqa: ARG002 - left to the model
        config: GenerateConfig,
    ) -> tuple[ModelOutput, ModelCall]:
        """Ask the guardrail, the model, and the guardrail again.

        Raises:
            RouteError: The call's route, parameters or messages are not what can be sent.
            CredentialsMissing: AWS, or the model's provider, does not know the caller.
            EndpointSilentError: Nothing answers at a loopback endpoint.
        """
        route = route_of(config)
        told = conversation(input, tools)
        if parts_guarded(input):
            return not_sent(self.model_name, "Sidecar", NotCarriedError(_NO_BLOCKS))
        given = [text for message in input for text in texts(message) if text.strip()]
        calls: dict[str, Any] = {}
        asked = await _assess(route, given, "input", calls)
        said, heard = None, None
        if not asked.ends:
            shown = with_texts(input, iter(asked.texts))
            # Our own provider declares what the conversation uses itself.
            said = await self._ask(route, shown, tools if self._bare else told.tools, config)
            if said.error is None and said.text.strip():
                heard = await _assess(route, [said.text], "output", calls)
        sent = {name: value for name, value in inference(config).items() if value is not None}
        record = sidecar.record(asked, said, heard, sent=sent)
        return model_output(self.model_name, record), self._call(record, calls, said)

    async def _ask(
        self,
        route: Route,
        shown: Sequence[ChatMessage],
        tools: Sequence[Tool | ToolInfo],
        config: GenerateConfig,
    ) -> CallRecord:
        parameters = GenerateConfig(
            max_tokens=config.max_tokens,
            temperature=config.temperature,
            top_p=config.top_p,
            stop_seqs=config.stop_seqs,
            max_connections=config.max_connections,
            fail_on_refusal=False,
            # Our own provider reads its route there.
            extra_body={EXTRA: route.model_dump() | {"route": "converse"}} if self._bare else None,
        )
        return await ask_model(
            self._model,
            shown,
            tools=tools,
            config=parameters,
            patience=route.patience,
            # Our own provider waits itself.
            admit=None if self._bare else admission.model_call(route, self.model_name, (), guarded=False),
        )

    def _call(self, record: CallRecord, calls: dict[str, Any], said: CallRecord | None) -> ModelCall:
        """Both calls to the guardrail for Inspect's log; the model's own is an event of its own there."""
        answers = {
            side: {"error": attempted.error, **(attempted.response or {})}
            for side, (_, attempted) in calls.items()
        }
        call = ModelCall.create(
            request={"model": self.model_name, **{side: request for side, (request, _) in calls.items()}},
            response=without_matches({**answers, "model": said and said.text}),
            time=record.latency_ms / 1000,
        )
        call.error = True if record.error else None
        return call


async def _assess(
    route: Route, given: Sequence[str], side: Side, calls: dict[str, tuple[dict[str, Any], Attempted]]
) -> Assessed:
    """Show texts to the guardrail; request and answer go into `calls`, under the side."""
    request = apply.request(texts=given, side=side, wanted=route.wanted)
    runtime = client("bedrock-runtime", endpoint_url=route.endpoint_url, region=route.region)
    admit = admission.guardrail_call(route, given)
    attempted = await ask(lambda: runtime.apply_guardrail(**request), route.patience, admit)
    calls[side] = request, attempted
    return Assessed.of(attempted, request=request, wanted=route.wanted)
