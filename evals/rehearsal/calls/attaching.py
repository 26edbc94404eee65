"""Which guardrails stand before a call: the one that its request names, and the one the account enforces."""

from __future__ import annotations

from evals.rehearsal.calls.guarding import Guard, Watch
from evals.rehearsal.calls.request import Call
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.channels import Passage, passages
from evals.rehearsal.disturbance import Disturbance, strike, without_attacks
from evals.rehearsal.enforcement import Enforced
from evals.rehearsal.errors import NO_SUCH_GUARDRAIL, invalid, not_modelled
from evals.rehearsal.guardrails import Configuration
from evals.rehearsal.models import is_inert
from evals.rehearsal.rules import reads_pictures

_REQUEST, _ACCOUNT = "REQUEST", "ACCOUNT_ENFORCED"


def attach(call: Call, stage: Stage) -> tuple[list[Passage], Watch | None]:
    """The texts of a call, and the guardrails that are to judge them; none of either where none stands there.

    Raises:
        ServiceError: `ValidationException`: the guardrail of the request does not exist, or would look at a
            picture.
    """
    if is_inert(call.model_id):
        return [], None
    named, enforced = _named(call, stage), stage.enforcement.before(call.model_id)
    if named is None and enforced is None:
        return [], None
    found = passages(call.conversation)
    disturbance = strike(
        stage.plants,
        model_id=call.model_id,
        seed=stage.seed,
        epoch=call.epoch,
        prompt="\n".join(passage.text for passage in found),
        proof=call.proof,
    )
    guards = _guards(None if disturbance.inert else named, enforced, call, disturbance)
    if not guards:
        return [], None
    pictured = any("image" in block for turn in call.conversation.messages for block in turn["content"])
    if pictured and any(reads_pictures(guard.configuration.policy, "INPUT") for guard in guards):
        raise not_modelled("content filters that look at a picture, and there is one")
    return found, Watch(
        guards=guards,
        evaluated=stage.reads(call.model_id),
        trace=call.wanted.trace,
        struck=stage.struck,
    )


def _guards(
    named: Configuration | None, enforced: Enforced | None, call: Call, disturbance: Disturbance
) -> tuple[Guard, ...]:
    """The enforced one first; one and the same version stands there once, for both reasons."""
    guards = []
    if enforced is not None:
        both = named is enforced.configuration
        guards.append(
            Guard(
                configuration=_for(call, enforced.configuration),
                origins=(_REQUEST, _ACCOUNT) if both else (_ACCOUNT,),
                tags=enforced.tags,
                disturbance=disturbance,
            )
        )
        if named is not None and not both and named.guardrail == enforced.configuration.guardrail:
            raise not_modelled("two versions of one guardrail before one call")
        named = None if both else named
    if named is not None:
        guards.append(Guard(configuration=_for(call, named), disturbance=disturbance))
    return tuple(guards)


def _for(call: Call, configuration: Configuration) -> Configuration:
    return configuration if call.reads_attacks else without_attacks(configuration)


def _named(call: Call, stage: Stage) -> Configuration | None:
    """The guardrail that the request names, None where it names none."""
    wanted = call.wanted
    if not wanted.identifier and not wanted.version:
        return None
    if not wanted.identifier or not wanted.version:
        raise invalid("guardrailConfig needs both guardrailIdentifier and guardrailVersion")
    configuration = stage.guardrails.find(wanted.identifier, wanted.version)
    if configuration is None:
        raise invalid(NO_SUCH_GUARDRAIL)
    return configuration
