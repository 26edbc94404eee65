"""The role `grader`: a third model that judges both arms' answers without knowing whose they are."""

from __future__ import annotations

from collections.abc import Mapping

from inspect_ai.model import GenerateConfig, Model, model_roles

from evals.judge import rubric
from suites.errors import RegistrationError

ROLE = "grader"

_FAMILIES = {
    "anthropic": ("anthropic", "claude"),
    "openai": ("openai", "gpt"),
    "amazon": ("amazon.", "nova", "titan"),
    "meta": ("meta.", "llama"),
    "mistral": ("mistral", "mixtral"),
    "google": ("google", "gemini", "gemma"),
    "cohere": ("cohere", "command-r"),
    "deepseek": ("deepseek",),
    "qwen": ("qwen",),
}
_MOST_TOKENS = 400


def grader() -> Model | None:
    """The model in the role, None where the run has none."""
    model = model_roles().get(ROLE)
    if isinstance(model, list):
        raise RegistrationError(f"--model-role {ROLE}=... names {len(model)} models; there is one grader.")
    return model


def family(model: str) -> str | None:
    """The maker of a model by its name, None where the name does not tell."""
    name = model.lower()
    return next((maker for maker, signs in _FAMILIES.items() if any(sign in name for sign in signs)), None)


def check_family(model: str, arms: Mapping[str, str]) -> None:
    """Refuse a grader of the same make as an arm, which would judge its own kin.

    Args:
        model: The grader's name.
        arms: By compared arm the model's name.

    Raises:
        RegistrationError: It is.
    """
    own = family(model)
    for arm, name in arms.items():
        if own is not None and own == family(name):
            raise RegistrationError(
                f"The grader {model} is of the same family as {arm} ({name}), and models favour their kin."
                f" Give --model-role {ROLE}=... a model of a third family."
            )


async def grade(
    model: Model, *, matter: str, request: str, answers: Mapping[str, str], case: str, epoch: int
) -> tuple[dict[str, bool | None], str | None]:
    """By arm what the grader says (None: it could not say), and why where it could not.

    A grader that fails costs the pair, never the run.
    """
    asked = rubric.ask(matter=matter, request=request, answers=answers, case=case, epoch=epoch)
    try:
        output = await model.generate(
            asked.prompt, config=GenerateConfig(max_tokens=_MOST_TOKENS), cache=False
        )
        labels = rubric.read(asked, output.completion)
    except Exception as error:  # noqa: BLE001 - whatever a provider raises, the answer is not judged
        return dict.fromkeys(answers), f"the grader failed: {type(error).__name__}: {error}"[:160]
    unsure = [arm for arm, label in labels.items() if label is None]
    return labels, "the grader was unsure" if unsure else None
