"""Puts what people settled into a log: edits of its scores that keep who, why and what was there before."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSample, ProvenanceData, edit_score, read_eval_log, write_eval_log
from inspect_ai.scorer import Score, ScoreEdit

from evals.calls import kept
from evals.observe import observe
from evals.subject import Subject
from suites.errors import RegistrationError

_SCORER = "parity"


@dataclass(frozen=True)
class Settlement:
    """What people settled about one arm's answer."""

    case: str
    epoch: int
    arm: str
    said: bool
    """Whether the answer gives what was asked for."""
    raters: tuple[bool, bool]
    """What each of the two said."""
    note: str = ""


def settle(path: Path, settlements: Sequence[Settlement], *, raters: tuple[str, str]) -> int:
    """Edit the scores of one log; the file is replaced whole or not at all.

    Settling the same again changes nothing. The earlier score stays in the edit's history.

    Args:
        path: The log.
        settlements: About its samples.
        raters: Names of the two.

    Returns:
        How many scores were edited.

    Raises:
        RegistrationError: A sample is not in the log or was not judged.
    """
    log = read_eval_log(str(path), resolve_attachments=False)
    samples = {(str(sample.id), sample.epoch): sample for sample in log.samples or ()}
    by_sample: dict[tuple[str, int], list[Settlement]] = {}
    for each in settlements:
        by_sample.setdefault((each.case, each.epoch), []).append(each)
    edited = 0
    for key, about in by_sample.items():
        sample = samples.get(key)
        if sample is None:
            raise RegistrationError(f"{path} has no sample {key[0]} (epoch {key[1]}) to settle.")
        edited += _edit(log, sample, about, raters, path)
    if edited:
        beside = path.with_name(f".{path.name}")
        write_eval_log(log, str(beside), format="eval")
        os.replace(beside, path)  # noqa: PTH105 - atomic on every platform
    return edited


def _edit(
    log: EvalLog, sample: EvalSample, about: Sequence[Settlement], raters: tuple[str, str], path: Path
) -> bool:
    score = (sample.scores or {}).get(_SCORER)
    if score is None or not isinstance(score.value, dict):
        raise RegistrationError(f"{path}: {sample.id} (epoch {sample.epoch}) has no score to settle.")
    value, metadata = dict(score.value), dict(score.metadata or {})
    for each in about:
        evidence = dict(metadata.get(each.arm) or {})
        if not isinstance(evidence.get("judge"), Mapping):
            raise RegistrationError(f"{path}: the answer of {each.arm} to {each.case} was not judged.")
        evidence["judge"] = {
            **evidence["judge"],
            "settled": int(each.said),
            "raters": [int(label) for label in each.raters],
        }
        metadata[each.arm] = evidence
        value |= _facts(sample, each)
    # As texts, since a fact that is unknown is NaN and equals nothing.
    if str((value, metadata)) == str((score.value, score.metadata)):
        return False
    notes = "; ".join(each.note for each in about if each.note)
    edit_score(
        log,
        sample.id,
        _SCORER,
        ScoreEdit(
            value=value,
            metadata=metadata,
            explanation=_explanation(score, about),
            provenance=ProvenanceData(
                author=" and ".join(raters), reason=f"adjudicated{f': {notes}' if notes else ''}"
            ),
        ),
        recompute_metrics=False,
        epoch=sample.epoch,
    )
    return True


def _explanation(score: Score, about: Sequence[Settlement]) -> str:
    told = ", ".join(f"{each.arm} {'gave it' if each.said else 'did not give it'}" for each in about)
    earlier = f"{score.explanation} " if score.explanation else ""
    return f"{earlier}Settled by people: {told}."


def _facts(sample: EvalSample, settlement: Settlement) -> dict[str, float]:
    found = kept(sample.store, settlement.arm)
    if found is None:
        raise RegistrationError(f"{sample.id}: no call of {settlement.arm} was recorded.")
    seen = observe(Subject.of(sample.metadata), *found, said=settlement.said)
    return seen.facts.as_value(settlement.arm)
