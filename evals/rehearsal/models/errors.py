"""What a model says no to before it answers; each is a ValidationException on the wire."""

from __future__ import annotations


class RejectedRequest(ValueError):  # noqa: N818 - named for what happened, as its subclasses are
    """The request never reaches a model. The message is the one that AWS gives."""

    code = "ValidationException"


class RejectedParameter(RejectedRequest):
    """The model does not take this parameter, or not this value of it."""

    def __init__(self, message: str) -> None:
        super().__init__(f"The model returned the following errors: {message}")


class UnknownModel(RejectedRequest):
    """No model has this id."""

    def __init__(self) -> None:
        super().__init__("The provided model identifier is invalid.")


class NeedsInferenceProfile(RejectedRequest):
    """The model exists, and can only be called through an inference profile."""

    def __init__(self, model_id: str) -> None:
        apostrophe = "\N{RIGHT SINGLE QUOTATION MARK}"
        super().__init__(
            f"Invocation of model ID {model_id} with on-demand throughput isn{apostrophe}t supported. "
            "Retry your request with the ID or ARN of an inference profile that contains this model."
        )


class NoCaching(RejectedRequest):
    """The model takes no cache points."""

    code = "AccessDeniedException"

    def __init__(self) -> None:
        super().__init__(
            "You invoked an unsupported model or your request did not allow prompt caching. "
            "See the documentation for more information."
        )


class UnsupportedField(RejectedRequest):
    """The model does not take this part of a conversation."""

    def __init__(self, name: str, where: str = "") -> None:
        super().__init__(f"This model doesn't support the {name} field{where}. Remove {name} and try again.")
