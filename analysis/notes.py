"""What a reader of a verdict must know beside it, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analysis import applicability, wording
from analysis.adjudication.answers import judged_answers
from analysis.records import SuiteRecords
from analysis.result import MissingAnswers


def notes(
    suites: Sequence[SuiteRecords], not_run: Sequence[str], lost: Mapping[str, MissingAnswers | None]
) -> list[str]:
    """All notes of a run, those on the whole first.

    Args:
        suites: What the logs hold.
        not_run: Suites of the catalog of which there is no log.
        lost: By suite, which answers are missing.
    """
    of_suites = (f"{each.suite}: {note}" for each in suites for note in _suite(each, lost[each.suite]))
    return [*_run(suites, not_run), *of_suites]


def asked_less(suite: SuiteRecords) -> str:
    """Names a case that was asked, but less often than was registered; empty where each was asked in full."""
    epochs, asked = suite.registered.epochs, suite.table["case"].value_counts().sort_index()
    less = asked[asked < epochs]
    if less.empty:
        return ""
    others = f", and {wording.count(len(less) - 1)} others too seldom" if len(less) > 1 else ""
    return f"The case {less.index[0]} was asked {int(less.iloc[0])} of {epochs} times{others}."


def _run(suites: Sequence[SuiteRecords], not_run: Sequence[str]) -> Iterator[str]:
    registered = suites[0].registered
    if registered.rehearsal:
        yield _rehearsed(registered.service)
    if not_run:
        yield f"Not run: {wording.series(not_run)}."
    everything = [log.registered for each in suites for log in each.logs]
    reference, candidate = (registered.arms.get(arm, {}) for arm in ("reference", "candidate"))
    for key in sorted((reference.keys() | candidate.keys()) - {"model"}):
        if reference.get(key) != candidate.get(key):
            yield (
                f"The arms differ in {key} by registration: {reference.get(key)} for the reference,"
                f" {candidate.get(key)} for the candidate."
            )
    for name, values in (
        ("commit", {each.git_commit for each in everything}),
        ("packages", {str(sorted(each.packages.items())) for each in everything}),
    ):
        if len(values) > 1:
            yield f"The logs were not made with the same {name}; see what each registered."


def _rehearsed(service: dict[str, object]) -> str:
    plants = service.get("plants")
    later = service.get("plants_after_proof")
    begins = dict.fromkeys(later, " after the proof") if isinstance(later, list) else {}
    planted = (
        wording.series(
            f"{kind} on {rate * 100:g} % of calls{begins.get(kind, '')}"
            for kind, rate in sorted(plants.items())
        )
        if isinstance(plants, dict) and plants
        else "nothing"
    )
    return f"Rehearsed with seed {service.get('seed', 'unknown')}; planted in the candidate: {planted}."


def _suite(suite: SuiteRecords, lost: MissingAnswers | None) -> Iterator[str]:
    if suite.registered.batch_source is not None:
        yield f"the batch was imported from {suite.registered.batch_source}."
    planned = suite.registered.batch_cases * suite.registered.epochs
    if suite.attached and len(suite.table) < planned:
        yield f"{wording.count(len(suite.table))} of {wording.count(planned)} registered cases were run."
    if aside := applicability.sentence(suite.registered):
        yield aside
    if suite.attached and (less := asked_less(suite)):
        yield f"{less[0].lower()}{less[1:]}"
    for log in suite.superseded:
        yield f"the log {log.path.name} ({log.status}) was left aside for a later attempt."
    if suite.asked_again:
        answered = int((suite.table["attempt"] > 1).sum())
        were = "pair was" if suite.asked_again == 1 else "pairs were"
        yield (
            f"{wording.count(suite.asked_again)} {were} asked again after failing;"
            f" {wording.count(answered)} answered then."
        )
    judged = [answer for answer in judged_answers(suite.suite, suite.table) if answer.settled is None]
    if judged and not suite.registered.judge.get("grader"):
        yield (
            f"{wording.count(len(judged))} answers were judged by the local judge alone, which looks for the"
            " request's words and does not understand; a grader or people may judge otherwise."
        )
    if lost and lost.uneven:
        yield (
            f"observations are missing unevenly, {lost.candidate_only} on the candidate alone and"
            f" {lost.reference_only} on the reference alone; nothing is signed off until it is known why."
        )
