"""What tells prose from other text: how many words it has, and whether it ends as a sentence does."""

from __future__ import annotations

from cleaner.text.scripts import CLOSING, SENTENCE_ENDS, has_unspaced, unspaced_characters

_ENDS = tuple(SENTENCE_ENDS)
PROSE_WORDS = 12


def count_words(text: str) -> int:
    """Count words; two characters count as one in scripts that are written without spaces."""
    if not has_unspaced(text):
        return count_spaced_words(text)
    characters = unspaced_characters()
    return len(characters.sub(" ", text).split()) + len(characters.findall(text)) // 2


def count_spaced_words(text: str) -> int:
    """Count words where all of them are written with spaces, which takes a tenth of the time."""
    return len(text.split())


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends as a sentence does, quotation marks and brackets aside."""
    return text.rstrip().rstrip(CLOSING).endswith(_ENDS)


def is_prose(text: str) -> bool:
    """Tell whether a text reads like a paragraph: a dozen words or more that end as a sentence does."""
    return ends_sentence(text) and count_words(text) >= PROSE_WORDS
