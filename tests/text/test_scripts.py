import re
import unicodedata

import pytest

from cleaner.boilerplate.annotation import annotate
from cleaner.git.passage import longest_passage
from cleaner.judging import page_arrays
from cleaner.stages.quality_measures import TextCounts
from cleaner.text import folding
from cleaner.text.prose import count_words, ends_sentence
from cleaner.text.scripts import SENTENCE_ENDS, UNSPACED, has_unspaced
from cleaner.words import tokenising

FORMER_DIFFERENCES = "々〡㐀豈ꧠꩠㇰ𠀀"
"""Of which rooms thought differently when each had a table of its own."""
LETTERS = [
    next(chr(c) for c in range(first, last + 1) if unicodedata.category(chr(c)) in {"Lo", "Lm", "Nl"})
    for first, last in UNSPACED
]


@pytest.mark.parametrize("letter", [*LETTERS, *FORMER_DIFFERENCES])
def test_every_room_takes_a_character_without_spaces_for_a_word(letter):
    text = letter * 6
    assert has_unspaced(text)
    assert count_words(text) == 3
    assert TextCounts.of(text).tokens == 3
    assert longest_passage(text, text) == (text, 6)
    assert len(folding.phrase_words(folding.fold_phrase(text))) == 6
    assert tokenising.words([text]).single.all()
    assert tokenising.words([text]).offsets.tolist() == [0, 6]
    assert page_arrays.read([text]).counts[0, page_arrays.UNSPACED] == 6


@pytest.mark.parametrize("end", SENTENCE_ENDS)
def test_a_sentence_ends_with_its_sign_and_what_closes_it(end):
    assert ends_sentence(f"word{end}")
    assert ends_sentence(f"word{end}”) ")
    assert page_arrays.read([end]).counts[0, page_arrays.STOP] == 1
    assert annotate(f"“Share{end}”")[0].match is None
    assert annotate("“Share”")[0].match


@pytest.mark.parametrize("text", ["word", "word,", "word:", "word)", "(word. word", ""])
def test_other_signs_end_no_sentence(text):
    assert not ends_sentence(text)


def test_no_letter_of_a_script_with_spaces_is_listed():
    spaced = re.compile("LATIN|GREEK|CYRILLIC|ARABIC|HEBREW|DEVANAGARI|HANGUL|ETHIOPIC|ARMENIAN|GEORGIAN")
    assert not [
        c for first, last in UNSPACED for c in range(first, last + 1) if spaced.match(unicodedata.name(chr(c), ""))
    ]
