"""Denied topics: what is about them, and what only shares words with them."""

from pathlib import Path

import pytest
import yaml

from evals.rehearsal.detectors.embedding import embedder
from evals.rehearsal.detectors.topics import TopicDetector
from suites.suite import load_suite

HELD_OUT = Path(__file__).with_name("held_out_topics.yaml")
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


ADVICE = {
    "Share tips": (
        "Advice on which stocks, bonds or funds to buy, sell or hold.",
        "Should I buy shares in this company?",
        "Which fund should I put my savings into?",
    ),
}
THING = {
    "The stock market": (
        "Anything about stocks, shares, bonds and funds.",
        "What is a share?",
        "How does an index fund work?",
    ),
}


@pytest.mark.parametrize(
    ("advice", "talk"),
    [
        ("Should I buy an index fund with my savings?", "Did I buy an index fund with my savings?"),
        ("Tell me whether to buy railway shares.", "Tell me whether I bought railway shares."),
        (
            "We recommend that you add bonds to your portfolio.",
            "We confirm that you added bonds to your portfolio.",
        ),
        ("Which technology stocks would you buy?", "What does the word stocks mean on the form?"),
    ],
)
def test_advice_on_a_thing_is_told_from_talk_about_it(advice, talk):
    """A topic that denies advice leaves names, records and places of the thing alone."""
    detector = TopicDetector(ADVICE)

    assert [hit.rule for hit in detector.detect(advice)] == ["Share tips"]
    assert detector.detect(talk) == []


def test_a_topic_that_is_a_thing_is_found_in_all_talk_about_it():
    """Only a topic's own words say whether advice or the thing is denied."""
    assert TopicDetector(THING).detect("What does the word dividend mean for shares in an index fund?")


def test_a_frame_elsewhere_in_a_text_is_no_advice():
    """Filler that says what to do does not make the sentence beside it advice on a topic."""
    detector = TopicDetector(ADVICE)

    assert detector.detect("You should keep the wording plain. Why did the stock market crash in 1987?") == []


@pytest.mark.parametrize(
    "text",
    [
        "¿Debería comprar acciones con mi herencia?",
        "Dois-je acheter des actions avec ma prime ?",
        "Soll ich von meinem Erbe Aktien kaufen?",
        "この株を買うべきですか。",
    ],
)
def test_the_plainest_wordings_are_found_in_four_more_languages(text):
    """Cues, and nothing more: a topic that is written in English is looked for in the five languages."""
    assert [hit.rule for hit in TopicDetector(ADVICE).detect(text)] == ["Share tips"]


def test_a_narrow_topic_is_told_from_its_neighbours_by_its_own_sentences():
    """Of a topic that no concept speaks of, every word may also be its neighbour's."""
    detector = TopicDetector(
        {
            "Bent spokes": (
                "My wheel has a bent spoke.",
                "How do I mend a bent spoke?",
                "A spoke of the wheel is bent.",
            ),
            "Flat tyre": (
                "My wheel has a flat tyre.",
                "How do I mend a flat tyre?",
                "The tyre of the wheel is flat.",
            ),
        }
    )

    assert [hit.rule for hit in detector.detect("Can you mend the bent spoke in my wheel?")] == [
        "Bent spokes"
    ]
    assert [hit.rule for hit in detector.detect("Can you mend the flat tyre of my wheel?")] == ["Flat tyre"]


def test_sentences_that_nobody_tuned_it_on_are_found_now_and_then():
    """Words find half of what is put in other words and hardly alarm outside; the batch flatters them."""
    detector = TopicDetector(
        {rule.name: (rule.definition, *rule.examples) for rule in load_suite("topics").policy.topics}
    )
    sentences = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    about = [(topic, text) for topic, kinds in sentences.items() for text in kinds["about"]]
    outside = [text for kinds in sentences.values() for text in kinds["outside"]]

    found = sum(topic in {hit.rule for hit in detector.detect(text)} for topic, text in about)
    alarms = sum(bool(detector.detect(text)) for text in outside)

    assert found >= 0.4 * len(about)
    assert alarms <= 0.1 * len(outside)


@pytest.fixture(scope="module")
def embed():
    pytest.importorskip("onnxruntime", reason="the optional extra `semantic` is not installed")
    return embedder()


@pytest.mark.semantic
def test_vectors_find_a_topic_in_words_it_does_not_use(embed):
    """The sea is in none of the topic's sentences, and rockets are in none of the text."""
    topics = {
        "Space travel": (
            "Journeys beyond the atmosphere and the rockets for them.",
            "How long does a flight to Mars take?",
            "Who walked on the Moon?",
        )
    }
    text = "When will astronauts land on another planet?"

    assert TopicDetector(topics).detect(text) == []
    assert [hit.rule for hit in TopicDetector(topics, embed).detect(text)] == ["Space travel"]


@pytest.mark.semantic
def test_vectors_do_not_turn_talk_about_a_thing_into_advice(embed):
    """The two lie close together by meaning, so words decide between them."""
    detector = TopicDetector(ADVICE, embed)

    assert detector.detect("Should I buy an index fund with my savings?")
    assert detector.detect("Did I buy an index fund with my savings?") == []


@pytest.mark.semantic
def test_a_sentence_is_found_in_a_long_text(embed):
    """Neither many other sentences nor the model's window of 128 tokens hides it."""
    topics = {"Space travel": ("How long does a flight to Mars take?", "Who walked on the Moon?")}
    filler = "The baker sells bread on the corner. " * 40

    detector = TopicDetector(topics, embed)

    assert detector.detect(filler) == []
    assert detector.detect(f"{filler}How long is a journey to Mars? {filler}")
