"""The phrase language: places, choices, groups and gaps."""

from pathlib import Path

import pytest

from evals.rehearsal.detectors.phrases import PhraseBook
from evals.rehearsal.detectors.stems import stem, words_of

LEXICON = Path(__file__).parents[4] / "evals" / "rehearsal" / "detectors" / "lexicon"


@pytest.fixture
def book(tmp_path):
    """A phrase book from lines."""

    def write(*lines: str) -> PhraseBook:
        file = tmp_path / "phrases.txt"
        file.write_text("\n".join(lines), encoding="utf-8")
        return PhraseBook(file)

    return write


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("red apple", "Two red apples fell.", True),
        ("red apple", "A red ripe apple", False),
        ("red ~1 apple", "A red ripe apple", True),
        ("red ~1 apple", "A red, very ripe apple", False),
        ("red|green apple", "A green apple", True),
        ("@colour apple", "A blue apple", True),
        ("@colour|red apple", "A red apple", True),
        ("red apple", "It is red. Apple pie!", False),
        ("dont run", "Please don't run", True),
        ("i will", "I'll will it", False),
        ("i ll", "I'll do it", True),
        ("#year", "It was in 1793.", True),
    ],
)
def test_a_phrase_is_found_where_its_places_are_filled_in_order(book, phrase, text, found):
    """Gaps allow up to so many words, never across the end of a sentence."""
    phrases = book("@colour = blue yellow", "[section]", phrase)

    assert bool(phrases.hits(words_of(text))) is found


def test_a_hit_names_its_section_and_its_words(book):
    """The words are counted from nought; those in the gap are not part of it."""
    hit = book("[high]", "red ~2 apple").hits(words_of("My red and round apple"))[0]

    assert (hit.section, hit.phrase, hit.at) == ("high", "red ~2 apple", (1, 4))


def test_a_longer_way_is_taken_where_the_nearest_word_leads_nowhere(book):
    """The matcher goes back and tries the next word that fits."""
    assert book("[s]", "a ~3 b c").hits(words_of("a b x b c"))


def test_an_unknown_group_is_named_with_those_that_exist(book):
    """A slip in a lexicon ends the start, not in silence."""
    with pytest.raises(
        ValueError, match=r"'@color apple' uses @color, which is no group. There are: @colour\."
    ):
        book("@colour = blue", "[s]", "@color apple")


@pytest.mark.parametrize(
    ("forms", "common"),
    [
        (("kill", "kills", "killed", "killing"), "kill"),
        (("stab", "stabbed", "stabbing"), "stab"),
        (("make", "makes", "making", "made"), "mak"),
        (("policy", "policies"), "policy"),
        (("knife", "knives"), "knif"),
        (("beat", "beaten", "beating"), "beat"),
        (("boss",), "boss"),
        (("1d10t", "idiot"), "idiot"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms, common):
    """Regular endings, doubled consonants, common irregular forms, digits drawn like letters."""
    assert {stem(form) for form in forms} == {common}


@pytest.mark.parametrize("file", sorted(path.name for path in LEXICON.glob("*.txt")))
def test_a_lexicon_file_says_what_it_is(file):
    """Each begins with a comment."""
    assert (LEXICON / file).read_text(encoding="utf-8").startswith("# ")
