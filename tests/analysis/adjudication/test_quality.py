"""Agreement, and how good the judges were."""

from __future__ import annotations

import pytest

from analysis.adjudication.agreement import agreement
from analysis.adjudication.answers import judged_answers
from analysis.adjudication.quality import quality
from analysis.compare import compare
from analysis.records import read_folder


def test_kappa_by_hand():
    """20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: p_o = .7, p_e = .5 * .6 + .5 * .4 = .5, kappa = .4."""
    labels = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15

    found = agreement(labels)

    assert (found.answers, found.share) == (50, pytest.approx(0.7))
    assert found.kappa == pytest.approx(0.4)


@pytest.mark.parametrize("labels", [[], [(False, False)] * 9])
def test_there_is_no_kappa_where_chance_explains_everything(labels):
    """All `no` is agreement, and no evidence of any skill."""
    assert agreement(labels).kappa is None


def answers(logs):
    """All judged answers in the folder."""
    (suite,) = read_folder(logs.folder)
    return list(judged_answers(suite.suite, suite.table))


def test_a_sampled_answer_counts_for_those_it_stands_for(judged, logs):
    """2 differing pairs, all settled; 10 alike, one settled: that one counts for ten.

    On the candidate the judge said yes twice and was right once; of the ten alike (no) the settled one was
    a yes. So of 1 + 10 that give it, it found 1: sensitivity 1/11. Of 1 that does not, it was right of 0.
    """
    differing = [((0, "-", 0), (1, "-", 1)), ((0, "-", 0), (1, "-", 0))]
    alike = [((0, "-", 0), (0, "-", 1))] + [((0, "-", "-"), (0, "-", "-"))] * 9
    judged(differing + alike)

    reference, candidate = quality(answers(logs))

    assert (candidate.arm, candidate.sensitivity.answers) == ("candidate", 2)
    assert candidate.sensitivity.rate == pytest.approx(1 / 11)
    assert candidate.specificity.rate == 0
    assert reference.specificity.rate == 1
    assert reference.sensitivity.rate is None
    assert 0 <= candidate.sensitivity.low < 1 / 11 < candidate.sensitivity.high <= 1


def test_each_judge_is_measured(judged, logs):
    """Both words are kept, so that both are."""
    judged([((1, 0, 0), (1, 1, 1))] * 4, grader="mistral/large")

    found = {(each.judge, each.arm): each for each in quality(answers(logs))}

    assert set(found) == {(judge, arm) for judge in ("local", "grader") for arm in ("reference", "candidate")}
    assert found["local", "reference"].specificity.rate == 0
    assert found["grader", "reference"].specificity.rate == 1


def test_the_verdict_is_told_before_and_after(judged, logs, one_suite):
    """30 of 200 pairs looked worse to the judge; people found that the answers gave nothing."""
    one_suite("pii")
    judged([((0, "-", "-"), (1, "-", 0))] * 30 + [((0, "-", "-"), (0, "-", "-"))] * 170, family_size=5)

    (suite,) = compare(logs.folder).suites

    assert suite.judging.verdict_before == "regression"
    assert suite.verdict != "regression"
    assert (suite.judging.settled, suite.judging.overturned) == (30, 30)
    assert suite.judging.agreement == 1


def test_without_people_there_is_no_before(judged, logs):
    """And a note says who judged, alone."""
    judged([((0, "-", "-"), (1, "-", "-"))] * 3)

    verdict = compare(logs.folder)

    assert verdict.suites[0].judging.verdict_before is None
    assert any("6 answers were judged by the local judge alone" in note for note in verdict.notes)


def test_an_unsure_grader_leaves_pairs_missing(judged, logs):
    """Told as a number, since it is never a pass."""
    judged([((1, None, "-"), (0, 0, "-"))] * 3, grader="mistral/large")

    assert compare(logs.folder).suites[0].judging.unjudged == 3


def test_suites_without_judged_answers_tell_nothing(logs):
    """Where every case has a payload."""
    logs.write(logs.plan())

    assert compare(logs.folder).suites[0].judging is None
