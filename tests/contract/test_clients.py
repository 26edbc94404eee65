"""Other projects' clients against the stand-in: unmodified, and as their users set them up.

They are no dependencies of this project; `nox -s clients` installs and tries them.
"""

from __future__ import annotations

import asyncio
import os

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # they are not ours to mend

BLOCKED = "zqxcanary"
KEYS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
PROMPT = "How does one plan a garden?"


@pytest.fixture
def endpoint_url(local):
    """Where the stand-in listens."""
    return local.runtime.meta.endpoint_url


@pytest.fixture
def region(monkeypatch):
    """AWS's settings as an environment gives them, and nothing of this machine's own."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return "us-east-1"


@pytest.fixture
def answer_of(local):
    """What a model says to the prompt, asked by boto3."""

    def text(model):
        content = local.converse(model, PROMPT)["output"]["message"]["content"]
        return content[-1]["text"]

    return text


@pytest.mark.usefixtures("local", "region")
def test_inspects_own_provider_is_answered(model, endpoint_url, answer_of, monkeypatch):
    """`bedrock/` of Inspect, through aiobotocore, with a system prompt and a tool."""
    pytest.importorskip("aiobotocore")
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser, get_model
    from inspect_ai.tool import ToolInfo

    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", endpoint_url)
    tool = ToolInfo(name="send_note", description="Sends a note.")

    async def ask(*messages, **more):
        async with get_model(f"bedrock/{model}", memoize=False) as asked:
            return await asked.generate(list(messages), **more)

    plain = asyncio.run(ask(ChatMessageUser(content=PROMPT)))
    told = asyncio.run(
        ask(
            ChatMessageSystem(content="Be brief."),
            ChatMessageUser(content="Use send_note, please."),
            tools=[tool],
            tool_choice="any",
        )
    )

    assert plain.completion == answer_of(model)
    assert plain.stop_reason == "stop"
    assert told.message.tool_calls[0].function == "send_note"


@pytest.mark.parametrize("route", ["converse", "invoke"])
def test_litellm_is_answered_and_stopped(local, blocking, endpoint_url, region, answer_of, route):
    """Whole and streamed, with the guardrail in the place where litellm's users put it."""
    litellm = pytest.importorskip("litellm")

    model = local.claude
    common = {
        "model": f"bedrock/{route}/{model}",
        "aws_bedrock_runtime_endpoint": endpoint_url,
        "aws_region_name": region,
        "max_tokens": 400,
        **KEYS,
    }

    def ask(text, **more):
        return litellm.completion(messages=[{"role": "user", "content": text}], **common, **more)

    whole = ask(PROMPT)
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in ask(PROMPT, stream=True))

    assert whole.choices[0].message.content == answer_of(model)
    assert streamed == answer_of(model)
    if route == "converse":
        stopped = ask(f"What is {BLOCKED}?", guardrailConfig={**blocking.named, "trace": "enabled"})
        assert stopped.choices[0].message.content == "Input stopped."
        assert stopped.choices[0].finish_reason == "content_filter"


def test_litellm_is_told_why_not(local, endpoint_url, region):
    """Our refusals arrive as the errors that its users know."""
    litellm = pytest.importorskip("litellm")

    with pytest.raises(litellm.BadRequestError, match="temperature"):
        litellm.completion(
            model=f"bedrock/converse/{local.claude}",
            messages=[{"role": "user", "content": "Hello."}],
            temperature=0.0,
            aws_bedrock_runtime_endpoint=endpoint_url,
            aws_region_name=region,
            **KEYS,
        )


def test_langchain_converses_and_streams(local, model, blocking, endpoint_url, region, answer_of):
    """ChatBedrockConverse, with its guardrail and a trace of it in the metadata."""
    langchain_aws = pytest.importorskip("langchain_aws")

    provider = "anthropic" if model == local.claude else "openai"
    common = {
        "model": model,
        "provider": provider,
        "endpoint_url": endpoint_url,
        "region_name": region,
        **KEYS,
    }
    free = langchain_aws.ChatBedrockConverse(**common)
    guarded = langchain_aws.ChatBedrockConverse(**common, guardrail_config=blocking.traced)

    whole = free.invoke(PROMPT)
    streamed = "".join(chunk.text for chunk in free.stream(PROMPT))
    stopped = guarded.invoke(f"What is {BLOCKED}?")

    assert whole.text == streamed == answer_of(model)
    assert stopped.text == "Input stopped."
    assert stopped.response_metadata["stopReason"] == "guardrail_intervened"
    assert blocking.id in stopped.response_metadata["trace"]["guardrail"]["inputAssessment"]


def test_langchain_invokes(local, blocking, endpoint_url, region, answer_of):
    """ChatBedrock speaks InvokeModel; a block looks like an ordinary answer there."""
    langchain_aws = pytest.importorskip("langchain_aws")

    common = {
        "model": local.claude,
        "provider": "anthropic",
        "endpoint_url": endpoint_url,
        "region": region,
        "max_tokens": 400,
        **KEYS,
    }
    free = langchain_aws.ChatBedrock(**common)
    guarded = langchain_aws.ChatBedrock(**common, guardrails={**blocking.named, "trace": True})

    assert free.invoke(PROMPT).text == answer_of(local.claude)
    assert "".join(chunk.text for chunk in free.stream(PROMPT)) == answer_of(local.claude)
    assert guarded.invoke(f"What is {BLOCKED}?").text == "Input stopped."


def test_openais_sdk_believes_itself_guarded(local, blocking, endpoint_url, answer_of):
    """Both APIs answer, whole and streamed, and take the headers of a guardrail that does nothing."""
    openai = pytest.importorskip("openai")

    headers = {
        "X-Amzn-Bedrock-GuardrailIdentifier": blocking.id,
        "X-Amzn-Bedrock-GuardrailVersion": blocking.version,
    }
    model = local.gpt.partition(".")[2]
    messages = [{"role": "user", "content": PROMPT}]
    forbidden = [{"role": "user", "content": f"What is {BLOCKED}?"}]
    with openai.OpenAI(
        base_url=f"{endpoint_url}/openai/v1", api_key="any", default_headers=headers
    ) as client:
        chat = client.chat.completions.create(model=model, messages=messages)
        chunks = list(client.chat.completions.create(model=model, messages=messages, stream=True))
        response = client.responses.create(model=model, input=PROMPT)
        with client.responses.stream(model=model, input=PROMPT) as events:
            streamed = events.get_final_response()
        unguarded = client.responses.create(model=model, input=forbidden)
        with pytest.raises(openai.BadRequestError, match="temperature"):
            client.responses.create(model=model, input=PROMPT, temperature=0.0)

    assert chat.choices[0].message.content == answer_of(local.gpt)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == answer_of(local.gpt)
    assert response.output_text == streamed.output_text == answer_of(local.gpt)
    assert unguarded.output_text != "Input stopped."


def test_anthropics_sdk_is_answered_on_both_routes(local, blocking, endpoint_url, region, answer_of):
    """Its client for Bedrock speaks InvokeModel, which guards; its plain one meets a guardrail nowhere."""
    anthropic = pytest.importorskip("anthropic")

    asked = {"max_tokens": 400, "messages": [{"role": "user", "content": PROMPT}]}
    forbidden = {"max_tokens": 400, "messages": [{"role": "user", "content": f"What is {BLOCKED}?"}]}
    named = {
        "X-Amzn-Bedrock-GuardrailIdentifier": blocking.id,
        "X-Amzn-Bedrock-GuardrailVersion": blocking.version,
    }
    bedrock = anthropic.AnthropicBedrock(
        base_url=endpoint_url, aws_region=region, aws_access_key="any", aws_secret_key="any"
    )
    plain = anthropic.Anthropic(base_url=f"{endpoint_url}/anthropic", api_key="any")
    said = {}
    with bedrock, plain:
        for name, client, model in (
            ("bedrock", bedrock, local.claude),
            ("plain", plain, local.claude.partition(".")[2]),
        ):
            whole = client.messages.create(model=model, **asked)
            with client.messages.stream(model=model, **asked) as events:
                streamed = events.get_final_message()
            stopped = client.messages.create(model=model, extra_headers=named, **forbidden)
            assert whole.content[-1].text == streamed.content[-1].text == answer_of(local.claude)
            said[name] = stopped.content[-1].text

    assert said["bedrock"] == "Input stopped."
    assert said["plain"] != "Input stopped."
