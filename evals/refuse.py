"""Decides which words on Inspect's command line would never reach the arms, and says what to type instead.

Inspect accepts and logs them as if they had been obeyed; a comparison that believed its log would be
about another request than the one that was sent.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import click
from click.core import ParameterSource
from inspect_ai.model import GenerateConfig, Model, get_model, model_roles

from evals.calls import COMPARED, CONTROL
from evals.judge.grader import ROLE as GRADER
from suites.errors import RegistrationError
from suites.outcomes import ARMS

PLACEHOLDER = "none/none"
"""The task's own model, which is never asked anything."""
COMPARED_API, CONTROL_API = "guarded", "control"
_APIS = {CONTROL: (CONTROL_API,)} | dict.fromkeys(COMPARED, (COMPARED_API, "sidecar"))

_TASK_ARGUMENTS = {"arms": "<name or path of an arms file>", "full": "true", "batches": "<folder of batches>"}
"""What a task takes, each with how it is typed."""

_TYPED = frozenset({ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT})
_COMMANDS = frozenset({"eval", "eval-set", "eval-retry"})

_OBEYED = frozenset({"max_connections", "adaptive_connections"})
"""Of the generate options: how many calls are in flight is Inspect's to hold."""
_IN_ARMS_FILE = frozenset({"max_tokens", "temperature", "top_p"})
_RETRIES = frozenset({"max_retries", "timeout", "attempt_timeout", "stream_idle_timeout"})
_MODEL = frozenset({"model", "model_base_url", "m", "model_config", "model_spec"})
_SOLVER = frozenset({"solver", "solver_config", "s"})
_FILES = frozenset({"run_config", "generate_config"})
_UNHEARD = frozenset(GenerateConfig.model_fields) - _OBEYED | _MODEL | _SOLVER | _FILES


def refuse_unheard(suite: str) -> None:
    """Refuse whatever was asked for and would not be done, for a task that is being made.

    Options of the command line and of its environment are all seen. Of a call of Inspect's `eval` from
    Python only model and roles are: it keeps its generate options to itself.

    Raises:
        RegistrationError: A model, a generate option, a solver, or a role or task argument that is none
            of ours; the message names it and the command that does what was meant.
    """
    _refuse_task_arguments(suite)
    for name, typed in _typed():
        raise RegistrationError(f"{typed} never reaches the arms. {_instead(name, suite)}")
    model = get_model()
    if str(model) != PLACEHOLDER:
        raise RegistrationError(f"The model {model} never reaches the arms. {_instead('model', suite)}")
    _refuse_roles(model_roles(), suite)


def typed_epochs() -> int | None:
    """How many epochs the command line asks for, None where there is no command line or no such word."""
    context = inspect_command()
    epochs = None if context is None else context.params.get("epochs")
    return epochs if isinstance(epochs, int) else None


def inspect_command() -> click.Context | None:
    """The context of `inspect eval`, `eval-set` or `eval-retry`, None where none of them is running."""
    context = click.get_current_context(silent=True)
    return context if context is not None and context.command.name in _COMMANDS else None


def _refuse_task_arguments(suite: str) -> None:
    """Inspect drops a task argument that the task does not have, and runs the default."""
    context = inspect_command()
    for given in () if context is None else context.params.get("t") or ():
        name = str(given).partition("=")[0]
        if name not in _TASK_ARGUMENTS:
            typed = " ".join(f"[-T {known}={value}]" for known, value in _TASK_ARGUMENTS.items())
            raise RegistrationError(
                f"-T {given} is no argument of the task {suite}. There are: {', '.join(_TASK_ARGUMENTS)}."
                f" Type inspect eval evals/{suite}.py {typed}."
            )


def _typed() -> Iterator[tuple[str, str]]:
    """Parameter name and spelling of every unheard option that a person gave."""
    context = inspect_command()
    if context is None:
        return
    for parameter in context.command.params:
        name = parameter.name
        if name in _UNHEARD and (source := context.get_parameter_source(name)) in _TYPED:
            if source is ParameterSource.COMMANDLINE:
                yield name, _spelled(parameter, context.params[name])
            else:
                variable = _variable(context, parameter)
                yield name, f"{variable}={os.environ.get(variable, '')} in the environment"


def _variable(context: click.Context, parameter: click.Parameter) -> str:
    candidates = [parameter.envvar] if isinstance(parameter.envvar, str) else list(parameter.envvar or ())
    candidates.append(f"{context.auto_envvar_prefix}_{(parameter.name or '').upper()}")
    return next((each for each in candidates if each in os.environ), candidates[0])


def _spelled(parameter: click.Parameter, value: object) -> str:
    """The option as it was typed; what Inspect makes of a bare switch was not."""
    option = max(parameter.opts, key=len)
    if isinstance(value, bool) or getattr(parameter, "_flag_needs_value", False):
        return option
    return f"{option} {' '.join(map(str, value)) if isinstance(value, tuple) else value}"


def _instead(name: str, suite: str) -> str:
    command = f"inspect eval evals/{suite}.py"
    advice = (
        (_MODEL, f"Name the arm: {command} --model-role candidate={COMPARED_API}/<model id>."),
        (
            _IN_ARMS_FILE,
            f"Arms files hold the parameters: copy one of suites/arms and type {command} -T arms=<copy>.",
        ),
        (_RETRIES, "Calls are repeated by the provider, which records each attempt; leave it out."),
        (_SOLVER, f"Sending each case through all arms is the comparison itself; type {command}."),
        (_FILES, "Type the options themselves, so that those which reach no arm can be told."),
        ({"cache"}, "A cached answer would be one that another guardrail let through; leave it out."),
        (_UNHEARD, "The arms send nothing but what the arms file says: max_tokens, temperature, top_p."),
    )
    return next(instead for names, instead in advice if name in names)


def _refuse_roles(roles: Mapping[str, Model | list[Model]], suite: str) -> None:
    for role, model in roles.items():
        if role == GRADER:
            continue
        if role not in ARMS:
            raise RegistrationError(
                f"--model-role {role}=... names no arm. There are: {', '.join((*ARMS, GRADER))}. Type"
                f" inspect eval evals/{suite}.py --model-role candidate={COMPARED_API}/<model id>."
            )
        if isinstance(model, list):
            raise RegistrationError(f"--model-role {role}=... names {len(model)} models; an arm is one.")
        if str(model).partition("/")[0] not in _APIS[role]:
            takes = f"{CONTROL_API}/apply-guardrail" if role == CONTROL else f"{COMPARED_API}/<model id>"
            raise RegistrationError(
                f"--model-role {role}={model} has no guardrail in front of it. {role} takes {takes};"
                f" there are {COMPARED_API}/ and sidecar/ for {' and '.join(COMPARED)}, and"
                f" {CONTROL_API}/ for {CONTROL}."
            )
