"""What is asked of a block again and again, looked at once: its phrase, date, size and whether it is a paragraph."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from cleaner.boilerplate.phrases.library import MAX_CHARS, load
from cleaner.boilerplate.phrases.pattern import Match
from cleaner.dates.parsing import DateLine, date_line
from cleaner.text.blocks import Block, cut
from cleaner.text.folding import fold_phrases, headline_keys
from cleaner.text.prose import PROSE_WORDS, count_spaced_words, count_words, ends_sentence
from cleaner.text.scripts import DOUBLE_QUOTES, SENTENCE_ENDS, has_unspaced

HEAD_BLOCKS = 12
"""A headline stands among a page's first blocks, if the page has been taken out of its menus."""
_SPEECH_CLOSING, _SPEECH_ENDS = frozenset(DOUBLE_QUOTES), frozenset(SENTENCE_ENDS)
_CRUMB_SIGNS = "»›>→|•·"
_HAS_CRUMB = re.compile(rf"[{_CRUMB_SIGNS}]|\s/\s")
_CRUMB = re.compile(rf"\s*[{_CRUMB_SIGNS}]\s*|\s+/\s+")
_HEADLINE_CHARS = 500
_CRUMBS_CHARS = 300


class AnnotatedBlock(Block, frozen=True):
    """A block of a page. `number` counts blocks in the page's text as it came.

    `match` is the phrase of furniture that the block is, `key` what two lines must share to be the same headline,
    `crumb` the key of what stands behind the last sign of breadcrumbs (None where there is no such sign), `size` its
    words, and `prose` tells a paragraph that is no phrase.
    """

    number: int
    match: Match | None
    date: DateLine | None
    key: str
    crumb: str | None
    size: int
    prose: bool


def annotate(text: str) -> list[AnnotatedBlock]:
    """Cut a text into blocks and annotate each. Blocks are folded all at once, which takes less time."""
    phrases = load()
    blocks = cut(text)
    normal = _of_short(fold_phrases, [block for block, _ in blocks], MAX_CHARS + 1)
    keys = _of_short(headline_keys, [block for block, _ in blocks], _HEADLINE_CHARS)
    crumbs = any(sign in text for sign in _CRUMB_SIGNS)
    count = count_words if has_unspaced(text) else count_spaced_words
    found = []
    for number, (block, gap) in enumerate(blocks):
        # What somebody says is the story's, whatever the words.
        speech = block[-1:] in _SPEECH_CLOSING and block[-2:-1] in _SPEECH_ENDS
        match = None if speech else phrases.match_folded(block, normal[number])
        size = count(block)
        prose = match is None and size >= PROSE_WORDS and ends_sentence(block)
        date = date_line(block) if "0" in normal[number] else None
        crumb = _crumb(block) if crumbs or "/" in block else None
        found.append(AnnotatedBlock(block, gap, number, match, date, keys[number], crumb, size, prose))
    return found


def _of_short(fold: Callable[[Sequence[str]], list[str]], texts: Sequence[str], limit: int) -> list[str]:
    """Fold the texts under a number of characters; of a longer one nothing is left."""
    folded = iter(fold([text for text in texts if len(text) < limit]))
    return [next(folded) if len(text) < limit else "" for text in texts]


def headline_key(text: str) -> str:
    """Return what two lines must share to be the same headline: letters and figures, whatever the case and marks."""
    return headline_keys([text])[0] if len(text) < _HEADLINE_CHARS else ""


def _crumb(text: str) -> str | None:
    if not _HAS_CRUMB.search(text):
        return None
    return headline_key(_CRUMB.split(text)[-1]) if len(text) <= _CRUMBS_CHARS else ""


def body_start(blocks: Sequence[AnnotatedBlock]) -> int:
    """Return where the story begins: at the first of two paragraphs that follow each other, else at the first of all.

    A single paragraph above date and pictures is a standfirst. Without any, this is how many blocks there are.
    """
    prose = [i for i, block in enumerate(blocks) if block.prose]
    pairs = (i for i, j in itertools.pairwise(prose) if j == i + 1 and i < HEAD_BLOCKS)
    return next(pairs, prose[0] if prose else len(blocks))
