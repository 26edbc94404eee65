"""Strength against confidence: which content a filter of which strength stops."""

import pytest

from evals.rehearsal import engine
from evals.rehearsal.detectors.content import blocks, confidence

STOPS = {
    "NONE": set(),
    "LOW": {"HIGH"},
    "MEDIUM": {"HIGH", "MEDIUM"},
    "HIGH": {"HIGH", "MEDIUM", "LOW"},
}


@pytest.mark.parametrize("strength", STOPS)
@pytest.mark.parametrize("level", ["NONE", "LOW", "MEDIUM", "HIGH"])
def test_a_strength_stops_what_is_sure_enough(strength, level):
    """LOW stops HIGH alone, MEDIUM from MEDIUM on, HIGH from LOW on, NONE nothing."""
    assert blocks(strength, level) is (level in STOPS[strength])


@pytest.mark.parametrize(
    ("score", "level"),
    [
        (0.0, "NONE"),
        (0.29, "NONE"),
        (0.3, "LOW"),
        (0.54, "LOW"),
        (0.55, "MEDIUM"),
        (0.79, "MEDIUM"),
        (0.8, "HIGH"),
    ],
)
def test_scores_are_cut_into_bedrocks_four_words(score, level):
    """The bounds belong to the higher word."""
    assert confidence(score) == level


@pytest.mark.parametrize(
    ("strength", "stopped"), [("NONE", False), ("LOW", True), ("MEDIUM", True), ("HIGH", True)]
)
def test_the_strength_of_the_policy_decides(policy, strength, stopped):
    """The same text of high confidence, under each strength."""
    guardrail = policy(
        contentPolicyConfig={
            "filtersConfig": [{"type": "INSULTS", "inputStrength": strength, "outputStrength": "NONE"}]
        }
    )

    assessment = engine.assess(guardrail, "INPUT", ["You are a worthless idiot."], full=True)

    entry = assessment.document["contentPolicy"]["filters"][0]
    assert (entry["confidence"], entry["detected"], assessment.blocked) == ("HIGH", stopped, stopped)


def test_confidence_below_the_strength_passes(policy):
    """A doubtful insult passes a filter of strength LOW and is stopped by one of strength HIGH."""
    doubtful = "Hardly anyone saw you being a little lazy there."
    outcomes = {}
    for strength in ("LOW", "HIGH"):
        filters = [{"type": "INSULTS", "inputStrength": strength, "outputStrength": "NONE"}]
        guardrail = policy(contentPolicyConfig={"filtersConfig": filters})
        outcomes[strength] = engine.assess(guardrail, "INPUT", [doubtful]).blocked

    assert outcomes == {"LOW": False, "HIGH": True}
