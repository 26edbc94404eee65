"""What the models are called, which parameters they take, and where answers end."""

import pytest

from evals.rehearsal import models

OPUS = "us.anthropic.claude-opus-4-7"
GPT = "us.openai.gpt-5.5"


@pytest.mark.parametrize(
    "model_id",
    [
        OPUS,
        GPT,
        "global.anthropic.claude-opus-4-7",
        "global.openai.gpt-5.5",
        "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.openai.gpt-5.5",
        "mantle.openai.gpt-5.5",
        "openai.gpt-oss-120b-1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0",
    ],
)
def test_a_model_answers_by_id_and_by_arn(ask, model_id):
    """Two models are known by their profiles, one by its own id."""
    assert ask(model_id, "Hello").stop_reason == "end_turn"


@pytest.mark.parametrize("base_id", ["anthropic.claude-opus-4-7", "openai.gpt-5.5"])
def test_a_bare_id_needs_a_profile(ask, base_id):
    """AWS says what to do instead; the apostrophe is AWS's own."""
    with pytest.raises(models.NeedsInferenceProfile) as caught:
        ask(base_id, "Hello")

    assert str(caught.value) == (
        f"Invocation of model ID {base_id} with on-demand throughput isn\N{RIGHT SINGLE QUOTATION MARK}t "
        "supported. Retry your request with the ID or ARN of an inference profile that contains this model."
    )


@pytest.mark.parametrize(
    "model_id",
    [
        "gpt-5.5",
        "us.openai.gpt-4",
        "eu.openai.gpt-5.5",
        "us.openai.gpt-oss-120b-1:0",
        "",
        "arn:aws:bedrock:x",
        "arn:aws:bedrock:us-east-1:000000000000:provisioned-model/us.openai.gpt-5.5",
    ],
)
def test_an_unknown_id_is_refused_in_awss_words(ask, model_id):
    """No near miss is guessed."""
    with pytest.raises(models.UnknownModel, match=r"^The provided model identifier is invalid\.$"):
        ask(model_id, "Hello")


@pytest.mark.parametrize(
    ("model_id", "request_part", "message"),
    [
        (OPUS, {"inference": {"temperature": 0.0}}, "`temperature` is deprecated for this model."),
        (OPUS, {"inference": {"temperature": 1.0}}, "`temperature` is deprecated for this model."),
        (OPUS, {"inference": {"topP": 0.9}}, "`top_p` is deprecated for this model."),
        (OPUS, {"extra": {"top_k": 5}}, "`top_k` is deprecated for this model."),
        (GPT, {"inference": {"temperature": 0.2}}, "Unsupported value: 'temperature' does not support 0.2"),
        (GPT, {"extra": {"reasoning_effort": "low"}}, "Unknown parameter: 'reasoning_effort'."),
        (OPUS, {"extra": {"thinking": {"type": "enabled"}}}, '"thinking.type.enabled" is not supported'),
    ],
)
def test_a_parameter_that_the_model_does_not_take_is_refused(ask, model_id, request_part, message):
    """Each model in its own words, behind the service's preamble."""
    with pytest.raises(models.RejectedParameter) as caught:
        ask(model_id, "Hello", **request_part)

    assert str(caught.value).startswith(f"The model returned the following errors: {message}")


@pytest.mark.parametrize(
    ("model_id", "request_part"),
    [
        (GPT, {"inference": {"temperature": 1}}),
        (GPT, {"extra": {"reasoning": {"effort": "low"}}}),
        (OPUS, {"extra": {"thinking": {"type": "adaptive"}}}),
        (OPUS, {"inference": {"maxTokens": 100}}),
    ],
)
def test_a_parameter_that_the_model_takes_is_taken(ask, model_id, request_part):
    """The default temperature, nested reasoning effort, adaptive thinking."""
    assert ask(model_id, "Hello", **request_part).content


def test_every_refusal_of_a_request_can_be_caught_as_one():
    """The service turns one kind of error into its ValidationException."""
    assert issubclass(models.RejectedParameter, models.RejectedRequest)
    assert issubclass(models.UnknownModel, models.RejectedRequest)
    assert issubclass(models.NeedsInferenceProfile, models.RejectedRequest)


def test_an_answer_is_cut_at_max_tokens_and_says_so(ask, text_of, model_id):
    """The stop reason tells, and no more tokens are counted than were allowed."""
    long = "<text>" + "word " * 2000 + "</text> Repeat it."

    reply = next(
        reply
        for epoch in range(1, 50)
        if (reply := ask(model_id, long, epoch=epoch, inference={"maxTokens": 50})).stop_reason
        == "max_tokens"
    )

    assert reply.output_tokens <= 50
    assert len(text_of(reply)) < 250


def test_an_answer_ends_before_a_stop_sequence(ask, text_of, model_id):
    """The earliest one counts, and it is not part of the answer."""
    reply = ask(
        model_id, "Say it again: <text>alpha beta gamma delta</text>", inference={"stopSequences": ["gamma"]}
    )

    assert reply.stop_reason == "stop_sequence"
    assert "gamma" not in text_of(reply)
    assert "alpha" in text_of(reply)


def test_longer_prompts_cost_more_tokens(ask, model_id):
    """Input tokens count system and all messages."""
    short = ask(model_id, "Hello")
    long = ask(model_id, "Hello" * 50, system=[{"text": "Be brief." * 10}])

    assert long.input_tokens > short.input_tokens > 0


def test_guarded_blocks_are_read_too(text_of):
    """What stands in guardContent is part of what the user says."""
    reply = models.reply(
        GPT,
        messages=[
            {
                "role": "user",
                "content": [{"guardContent": {"text": {"text": "Repeat: <text>a green boat</text>"}}}],
            }
        ],
        system=[],
        inference={},
        extra={},
        seed=3,
        epoch=1,
    )

    assert "boat" in text_of(reply)
