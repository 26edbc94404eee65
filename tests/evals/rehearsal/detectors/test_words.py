"""Word filters: whole words, exact, in any case."""

import pytest

from evals.rehearsal.detectors.words import WordDetector, profanity


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a skrellkin", ["skrellkin"]),
        ("SKRELLKIN!", ["SKRELLKIN"]),
        ("skrellkins", []),
        ("unskrellkin", []),
        ("Anybank Direct", ["Anybank Direct"]),
        ("anybank\n direct", ["anybank\n direct"]),
        ("Anybank is direct", []),
        ("c++ and C++", ["c++", "C++"]),
        ("", []),
    ],
)
def test_a_listed_word_is_found_as_it_is_written(text, found):
    """Plurals and parts of words are other words; between the words of a phrase any space will do."""
    detector = WordDetector(["skrellkin", "Anybank Direct", "c++"])

    assert [detection.rule for detection in detector.detect(text)] == found


def test_of_two_listed_phrases_the_longer_one_is_found():
    """A phrase is not hidden by its own beginning."""
    detector = WordDetector(["plus", "plus ultra"])

    assert [detection.rule for detection in detector.detect("the plus ultra")] == ["plus ultra"]


@pytest.mark.parametrize("text", ["This is bullshit.", "what the FUCK"])
def test_profanity_is_found(text):
    """The managed list works in any case."""
    assert profanity().detect(text)


@pytest.mark.parametrize(
    "text", ["Scunthorpe", "a cockpit", "the assessment", "Dick Whittington", "shiitake", "class"]
)
def test_profanity_is_not_found_inside_harmless_words(text):
    """The classic over-blocking."""
    assert profanity().detect(text) == []


def test_an_empty_list_finds_nothing():
    """No words, no findings."""
    assert WordDetector([" "]).detect("anything") == []
