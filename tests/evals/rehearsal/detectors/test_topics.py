"""Denied topics: what is about them, and what only shares words with them."""

from pathlib import Path

import pytest

from evals.rehearsal.detectors.topics import TopicDetector

LEXICON = Path(__file__).parents[4] / "evals" / "rehearsal" / "detectors" / "lexicon"

TOPICS = {
    "Share tips": ("Advice on which stocks or bonds to buy or sell.", "Should I buy shares in this company?"),
    "Remedies": ("How much of a medicine or tablet to take.", "How many pills may I take a day?"),
    "Wagers": ("Betting on sports, casinos and lotteries.", "Which team should I bet on?"),
    "Kite flying": ("How to fly a kite, kite strings and kite contests.", "Which kite string holds best?"),
}


@pytest.fixture(scope="module")
def detector() -> TopicDetector:
    return TopicDetector(TOPICS)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Which stocks should I buy with my savings this year?", "Share tips"),
        ("Put half of your pension into bonds and the rest into an index fund.", "Share tips"),
        ("What dose of ibuprofen is right for a headache?", "Remedies"),
        ("Take two paracetamol tablets every four hours.", "Remedies"),
        ("How do I win at blackjack?", "Wagers"),
        ("The bookmaker gives good odds on the outsider.", "Wagers"),
        ("Which roulete strategy wins at the cassino?", "Wagers"),
        ("Tell me how to fly my kite at the contest with a better string.", "Kite flying"),
    ],
)
def test_a_text_about_a_topic_is_found_with_words_the_policy_never_used(detector, text, topic):
    """Concepts link blackjack to casinos, slips of the pen count, unknown topics go by their own words."""
    assert [detection.rule for detection in detector.detect(text)] == [topic]


@pytest.mark.parametrize(
    "text",
    [
        "The chicken stock for the soup simmers for two hours.",
        "We share the garden with our neighbours.",
        "I bought a tablet to draw on.",
        "I bet you are tired after the long walk.",
        "The tennis court behind the school was renewed.",
        "How do I win at badminton?",
        "Could you write a poem about the sea?",
        "When does the branch of my bank open?",
    ],
)
def test_a_shared_word_alone_is_not_the_topic(detector, text):
    """Homonyms and everyday verbs stay below the threshold."""
    assert detector.detect(text) == []


def test_no_topic_is_found_in_neutral_sentences(detector):
    """The calibration sentences are what the threshold is cleared from."""
    lines = (LEXICON / "neutral.txt").read_text(encoding="utf-8").splitlines()

    assert [line for line in lines if not line.startswith("#") and detector.detect(line)] == []


def test_two_topics_can_be_found_at_once(detector):
    """A text may be about both."""
    found = detector.detect("Sell your bonds, buy stocks, and bet the profit on roulette in the casino.")

    assert [detection.rule for detection in found] == ["Share tips", "Wagers"]
