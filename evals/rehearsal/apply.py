"""ApplyGuardrail: the guardrail alone, without a model. Planted faults never touch it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.rehearsal.assessment import NO_ACTION
from evals.rehearsal.calls.stage import Stage
from evals.rehearsal.engine import assess
from evals.rehearsal.errors import NO_SUCH_GUARDRAIL, ServiceError, invalid, not_modelled
from evals.rehearsal.oddities import altered


def apply_guardrail(request: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """Answer ApplyGuardrail.

    Raises:
        ServiceError: `ResourceNotFoundException`: no such guardrail or version; `ValidationException`:
            nothing to assess, or content that the stand-in does not model.
    """
    configuration = stage.guardrails.find(request["guardrailIdentifier"], request["guardrailVersion"])
    if configuration is None:
        raise ServiceError("ResourceNotFoundException", NO_SUCH_GUARDRAIL)
    texts = [_text(block) for block in request["content"]]
    if not texts:
        raise invalid("content must hold at least one block")
    full = request.get("outputScope") == "FULL"
    assessment = assess(
        configuration.policy, request["source"], texts, full=full, overlooked=configuration.overlooked
    )
    intervened = assessment.action != "NONE"
    return {
        "usage": assessment.usage,
        "action": assessment.action,
        "actionReason": assessment.reason or NO_ACTION,
        "outputs": [{"text": text} for text in assessment.texts] if intervened else [],
        "assessments": altered(
            [{**assessment.document, "appliedGuardrailDetails": configuration.applied()}], stage.struck
        ),
        "guardrailCoverage": assessment.coverage,
    }


def _text(block: Mapping[str, Any]) -> str:
    if "image" in block:
        raise not_modelled("images in the content of ApplyGuardrail")
    qualifiers = set(block["text"].get("qualifiers") or ()) - {"guard_content"}
    if qualifiers:
        raise not_modelled(f"the qualifier {min(qualifiers)} (contextual grounding)")
    return str(block["text"]["text"])
