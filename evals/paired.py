"""The solver: one case through every arm at the same moment, in random order."""

from __future__ import annotations

import random
from functools import partial

from inspect_ai.model import ModelOutput, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import span

from evals.calls import COMPARED, CONTROL, Setting, keep
from evals.chat import TOOLS, given_to_control, judged_alone, tools_of
from evals.observe import control_side
from evals.subject import Subject
from evals.together import together
from suites.case import Cut
from suites.coverage import PROBE
from suites.outcomes import ARMS

AGAIN = "again"
"""In a sample's metadata: the epochs to ask, where it is asked again. Inspect itself knows no sample that is
asked in some epochs alone."""


class AttachmentFailedError(RuntimeError):
    """A canary showed that the guardrail does not act as it must; nothing that follows could be trusted."""


@solver
def paired(setting: Setting, unattached: str | None = None) -> Solver:
    """Send each case to reference, candidate and control together, and keep the three records.

    The arms meet the same minute of a service that drifts; the order within that minute is drawn from
    case and epoch, so that no arm is always the first. The records go to the sample's store, from which
    the scorer reads them. An epoch of a case that an earlier attempt observed is passed over.

    Args:
        setting: What the calls of the run share.
        unattached: Why no case may be asked at all; then the first sample raises it.

    Raises:
        AttachmentFailedError: `unattached` was given.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:  # noqa: ARG001 - the solver protocol
        if unattached is not None:
            raise AttachmentFailedError(unattached)
        if state.epoch not in state.metadata.get(AGAIN, [state.epoch]):
            return state
        outputs: dict[str, ModelOutput] = {}

        async def ask(arm: str) -> None:
            async with span(arm):
                outputs[arm] = await _ask(arm, setting, state)

        await together([partial(ask, arm) for arm in _order(state)])
        keep(state.store, setting, state.metadata["cut"], outputs)
        for arm in COMPARED:
            state.messages.append(outputs[arm].message)
        # Its record is in the store already; a second copy would cost as much as a call.
        state.output = outputs["candidate"].model_copy(update={"metadata": None})
        return state

    return solve


def _order(state: TaskState) -> list[str]:
    order = list(ARMS)
    random.Random(f"{state.sample_id}:{state.epoch}").shuffle(order)  # noqa: S311 - repeatable, no secret
    return order


async def _ask(arm: str, setting: Setting, state: TaskState) -> ModelOutput:
    cut: Cut = state.metadata["cut"]
    model = get_model(role=arm)
    if arm == CONTROL:
        side = control_side(Subject.of(state.metadata))
        texts = given_to_control(
            side, state.metadata["material"], state.input, planted=state.metadata.get(PROBE)
        )
        config = setting.to_control(cut=cut, epoch=state.epoch, side=side)
        return await model.generate(judged_alone(texts), config=config, cache=False)
    config = setting.to_model(arm, cut=cut, epoch=state.epoch, case=str(state.sample_id))
    tools = tools_of(state.metadata.get(TOOLS) or ())
    return await model.generate(state.input, tools=tools, config=config, cache=False)
