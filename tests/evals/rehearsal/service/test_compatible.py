"""The routes of OpenAI's and Anthropic's SDKs: other formats, and guardrails that do nothing."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

GPT, OPUS, GPT_OSS = "openai.gpt-5.5", "anthropic.claude-opus-4-7", "openai.gpt-oss-120b-1:0"
CHAT, RESPONSES, MESSAGES = "/openai/v1/chat/completions", "/openai/v1/responses", "/anthropic/v1/messages"
TOOL = {"type": "object", "properties": {"body": {"type": "string"}}}


@pytest.fixture
def post(endpoint_url):
    """Sends a body with headers; gives the status, and the body read: events where it is a stream."""

    def sent(path, body, guardrail=None):
        headers = {"content-type": "application/json"}
        if guardrail is not None:
            headers |= {
                "X-Amzn-Bedrock-GuardrailIdentifier": guardrail,
                "X-Amzn-Bedrock-GuardrailVersion": "DRAFT",
                "X-Amzn-Bedrock-Trace": "ENABLED",
            }
        request = urllib.request.Request(endpoint_url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request) as response:
                said = response.read().decode()
                if response.headers["content-type"].startswith("text/event-stream"):
                    return response.status, said
                return response.status, json.loads(said)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    return sent


def asked(path, text, model=None, **more):
    """A body that asks for a text in the route's format."""
    user = {"role": "user", "content": text}
    if path == RESPONSES:
        return {"model": model or GPT, "input": [user], **more}
    limit = {"max_tokens": 500} if path == MESSAGES else {}
    return {"model": model or (OPUS if path == MESSAGES else GPT), "messages": [user], **limit, **more}


def text_of(path, answer):
    if path == CHAT:
        return answer["choices"][0]["message"]["content"]
    if path == MESSAGES:
        return answer["content"][-1]["text"]
    return answer["output"][-1]["content"][0]["text"]


PATHS = pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])


@PATHS
def test_answer_is_the_one_that_converse_gives(aws, post, path):
    """One model, whatever the format it is asked in; its id is bare here."""
    model = OPUS if path == MESSAGES else GPT
    whole = aws.converse("How does one plan a garden?", modelId=f"us.{model}")

    status, answer = post(path, asked(path, "How does one plan a garden?"))

    assert status == 200
    assert answer["model"] == model
    assert text_of(path, answer) == whole["output"]["message"]["content"][-1]["text"]


@PATHS
def test_guardrail_headers_are_taken_and_ignored(aws, post, path):
    """200, no sign of the guardrail, and the word that it should have stopped."""
    identifier = aws.guardrail()

    for number in range(20):
        status, answer = post(path, asked(path, f"Repeat {number}: <text>krakatoa</text>"), identifier)
        if "krakatoa" in text_of(path, answer):
            break

    assert status == 200
    assert "krakatoa" in text_of(path, answer)
    assert not {"amazon-bedrock-guardrailAction", "amazon-bedrock-trace"} & set(answer)


def test_headers_guard_one_model_on_one_route(aws, post):
    """gpt-oss by its id on bedrock-runtime is guarded in chat completions, whole and streamed."""
    identifier = aws.guardrail()

    _, answer = post(CHAT, asked(CHAT, "krakatoa", GPT_OSS), identifier)
    _, unguarded = post(CHAT, asked(CHAT, "krakatoa", "openai.gpt-oss-120b"), identifier)

    assert text_of(CHAT, answer) == "Input stopped."
    assert answer["amazon-bedrock-guardrailAction"] == "INTERVENED"
    assert identifier in answer["amazon-bedrock-trace"]["guardrail"]["input"]
    assert "amazon-bedrock-guardrailAction" not in unguarded


def data(said):
    """The documents of server-sent events."""
    return [json.loads(line[6:]) for line in said.splitlines() if line.startswith("data: {")]


@PATHS
def test_stream_is_the_whole_answer_in_events(post, path):
    """Put together the deltas are the answer; each format ends in its own way."""
    prompt = "How does one plan a garden?"
    whole = text_of(path, post(path, asked(path, prompt))[1])

    status, said = post(path, asked(path, prompt, stream=True))

    events = data(said)
    if path == CHAT:
        text = "".join(choice["delta"].get("content", "") for e in events for choice in e["choices"])
        assert said.endswith("data: [DONE]\n\n")
        assert events[-1]["choices"][0]["finish_reason"] == "stop"
    elif path == MESSAGES:
        text = "".join(event.get("delta", {}).get("text", "") for event in events)
        assert events[-1]["type"] == "message_stop"
    else:
        text = "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")
        assert [event["sequence_number"] for event in events] == list(range(len(events)))
        assert events[-1]["response"]["output"][-1]["content"][0]["text"] == whole
    assert status == 200
    assert text == whole


def test_usage_ends_a_chat_stream_where_it_is_wanted(post):
    """A chunk without choices, and none of it otherwise."""
    wanted = data(post(CHAT, asked(CHAT, "Hello.", stream=True, stream_options={"include_usage": True}))[1])
    unwanted = data(post(CHAT, asked(CHAT, "Hello.", stream=True))[1])

    assert wanted[-1]["choices"] == []
    assert wanted[-1]["usage"]["total_tokens"] > 0
    assert all(chunk["choices"] for chunk in unwanted)


def test_responses_call_a_tool_and_read_its_result(post):
    """Calls and results are items of the conversation, sealed reasoning too."""
    tools = [{"type": "function", "name": "note", "parameters": TOOL}]
    more = {"tools": tools, "tool_choice": "required", "instructions": "Be brief."}
    for number in range(20):
        body = asked(RESPONSES, f"Note {number}: <text>heron</text>", **more)
        _, answer = post(RESPONSES, body)
        if answer["output"][-1]["type"] == "function_call":
            break
    call = answer["output"][-1]
    result = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "<text>a wet heron</text>",
    }

    status, after = post(
        RESPONSES, {"model": GPT, "input": [*body["input"], *answer["output"], result], "tools": tools}
    )

    assert json.loads(call["arguments"]) == {"body": "heron"}
    assert (status, after["status"]) == (200, "completed")
    events = data(post(RESPONSES, body | {"stream": True})[1])
    done = next(e for e in events if e["type"] == "response.function_call_arguments.done")
    assert done["arguments"] == call["arguments"]


def test_responses_say_that_they_are_incomplete(post):
    """A limit that is too short shows in status and details, as an event of its own in a stream."""
    body = asked(RESPONSES, "How does one plan a garden?", max_output_tokens=3)

    answer = post(RESPONSES, body)[1]
    events = data(post(RESPONSES, body | {"stream": True})[1])

    assert (answer["status"], answer["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert events[-1]["type"] == "response.incomplete"


REFUSED = {
    "no model": (CHAT, {"messages": []}, 400, "must be a JSON object that names a model"),
    "unknown model": (
        CHAT,
        asked(CHAT, "x", "openai.gpt-9"),
        400,
        "The provided model identifier is invalid.",
    ),
    "member that is not modelled": (
        RESPONSES,
        asked(RESPONSES, "x", previous_response_id="r"),
        400,
        "The rehearsal does not model previous_response_id of the Responses format",
    ),
    "the other vendor's model": (MESSAGES, asked(MESSAGES, "x", GPT), 400, "is not served on this route"),
    "old name of the length": (
        CHAT,
        asked(CHAT, "x", max_tokens=5),
        400,
        "Use 'max_completion_tokens' instead.",
    ),
    "image": (
        CHAT,
        {
            "model": GPT,
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png,x"}}]}
            ],
        },
        400,
        "This model doesn't support the image field",
    ),
}


@pytest.mark.parametrize(("path", "body", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_refusals_have_the_vendors_shape(post, path, body, status, message):
    """An SDK finds its own kind of error."""
    refused, answer = post(path, body)

    assert refused == status
    assert answer["error"]["type"] == "invalid_request_error"
    assert message in answer["error"]["message"]


def test_calls_are_counted_under_the_name_of_the_api(endpoint_url, post):
    """What was asked here is seen beside what was asked of AWS's operations."""
    post(RESPONSES, asked(RESPONSES, "Hello."))

    with urllib.request.urlopen(f"{endpoint_url}/rehearsal/calls") as response:
        counted = {(call["operation"], call["model"]) for call in json.load(response)["calls"]}
    assert ("Responses", GPT) in counted
