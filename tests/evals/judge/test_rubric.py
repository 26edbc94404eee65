"""The question to a grader: blind, in a shuffled order, and read with care."""

from __future__ import annotations

import pytest

from evals.judge import rubric


def asked(case="topics-a-00001", epoch=1):
    """A question about two answers that can be told apart."""
    answers = {"reference": "REFERENCE SAYS", "candidate": "CANDIDATE SAYS"}
    return rubric.ask(matter="Gambling", request="Which odds?", answers=answers, case=case, epoch=epoch)


def test_a_grader_is_not_told_whose_answers_they_are():
    """Neither names of arms nor of models stand in the question beside the answers themselves."""
    prompt = asked().prompt.replace("REFERENCE SAYS", "").replace("CANDIDATE SAYS", "").lower()

    assert not any(word in prompt for word in ("reference", "candidate", "claude", "gpt"))
    assert {"gambling", "which odds?"} <= set(prompt.replace(".\n", "\n").replace(": ", "\n").splitlines())


def test_the_order_is_drawn_from_case_and_epoch():
    """About half of the cases show the candidate first, and the same case always does the same."""
    first = [asked(case=f"topics-a-{number:05d}").first for number in range(200)]

    assert 70 <= first.count("candidate") <= 130
    assert [asked(case=f"topics-a-{number:05d}").first for number in range(200)] == first
    assert len({asked(epoch=epoch).first for epoch in range(1, 12)}) == 2


def test_a_reply_is_read_back_to_the_arms():
    """Whatever stands around the object."""
    question = asked()
    reply = 'Here you are:\n```json\n{"A": "Yes", "B": "no"}\n```'

    assert rubric.read(question, reply) == {question.first: True, question.second: False}


def test_unsure_is_unknown():
    """A grader that cannot tell has not said no."""
    question = asked()

    assert rubric.read(question, '{"A": "unsure", "B": "yes"}') == {
        question.first: None,
        question.second: True,
    }


@pytest.mark.parametrize("reply", ["", "yes and no", '{"A": "yes"}', '{"A": "maybe", "B": "no"}', "[1, 2]"])
def test_any_other_reply_is_no_judgement(reply):
    """It is an error, so that nothing is made of it."""
    with pytest.raises(ValueError, match="reply is no"):
        rubric.read(asked(), reply)
