"""The shipped probes, played through our providers against a local Bedrock."""

from __future__ import annotations

from contextlib import ExitStack

import anyio
import pytest
from inspect_ai.model import get_model

from evals.bedrock import deployment
from evals.bedrock.client import close_clients
from evals.calls import Place, Setting, record_of
from evals.chat import chat_of, offered, tools_of
from evals.coverage import measure
from evals.rehearsal import child
from evals.subject import Subject
from evals.suite_task import _probe
from suites.arms import Arm
from suites.batch import load_batch
from suites.case import CUTS
from suites.suite import load_suite

SUITE = load_suite("pii")
PROBES = load_batch("pii").probes


@pytest.fixture(scope="session")
def local():
    """Starts a local Bedrock, by default one without faults, and gives its address."""
    with ExitStack() as stack:
        yield lambda faults=None: stack.enter_context(child.start(faults=faults)).endpoint_url
    close_clients()


@pytest.fixture(scope="session")
def place_at():
    """The suite's three cuts, deployed at an endpoint."""

    def deploy(url):
        made = {
            cut: deployment.deploy(SUITE.policy, cut, endpoint_url=url, region="us-east-1").reference
            for cut in CUTS
        }
        return Place("us-east-1", made)

    return deploy


@pytest.fixture(scope="session")
def measured_at(place_at):
    """By side and channel what each probe of one policy shows for an arm at an endpoint."""

    def play(url, arm, policy="pii"):
        setting = Setting(endpoint_url=url, place=place_at(url), arms={"candidate": arm})
        model = get_model(arm.provider)
        return {
            (probe.side, probe.channel): anyio.run(_play, probe, setting, model)
            for probe in PROBES
            if probe.policy == policy
        }

    return play


async def _play(probe, setting, model):
    config = setting.to_model("candidate", cut=probe.cut, epoch=1, case=probe.id)
    tools = tools_of(offered(probe))
    output = await model.generate(chat_of(probe), tools=tools, config=config, cache=False)
    subject = Subject.of(_probe(probe).metadata)
    return measure(subject, probe.channel, record_of(output), setting.guardrail("candidate", probe.cut))


@pytest.fixture(scope="session")
def undisturbed(local):
    """A local Bedrock without faults, for all tests of this folder."""
    return local()


@pytest.fixture
def claude():
    """An arm of Claude by a route."""
    return lambda route="converse", **more: Arm(model="us.anthropic.claude-opus-4-7", route=route, **more)


@pytest.fixture
def gpt():
    """An arm of GPT by a route."""
    return lambda route="converse", **more: Arm(model="us.openai.gpt-5.5", route=route, **more)
