"""What is asked of a block again and again, looked at once: its phrase, date, size and whether it is a paragraph."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Callable, Sequence

import msgspec

from cleaner.boilerplate.phrases.library import MAX_CHARS, Phrases, load
from cleaner.boilerplate.phrases.pattern import GAP, Match
from cleaner.dates.parsing import DateLine, date_line
from cleaner.text.blocks import Block, cut
from cleaner.text.folding import fold_phrase, fold_phrases, headline_keys
from cleaner.text.prose import PROSE_WORDS, count_spaced_words, count_words, ends_sentence
from cleaner.text.scripts import DOUBLE_QUOTES, SENTENCE_ENDS, has_unspaced

HEAD_BLOCKS = 12
"""A headline stands among a page's first blocks, if the page has been taken out of its menus."""
_SPEECH_CLOSING, _SPEECH_ENDS = frozenset(DOUBLE_QUOTES), frozenset(SENTENCE_ENDS)
_CRUMB_SIGNS = "»›>→|•·"
_HAS_CRUMB = re.compile(rf"[{_CRUMB_SIGNS}]|\s/\s")
_CRUMB = re.compile(rf"\s*[{_CRUMB_SIGNS}]\s*|\s+/\s+")
_BAR = re.compile(rf"\s*[{_CRUMB_SIGNS}]")
_OPENING = 3
_ANSWER_WORDS = 3
_SUBJECTS = frozenset(
    {"advert", "app", "comments", "cookies", "copyright", "follow", "legal", "newsletter", "podcast", "share",
     "subscription", "support"}
)  # fmt: skip
"""Classes of furniture that news is about, too."""
_SUBJECT_LETTERS = 5  # of a word that names a subject; shorter ones are "our", "read", "sign"
_HEADLINE_CHARS = 500
_CRUMBS_CHARS = 300


class AnnotatedBlock(Block, frozen=True):
    """A block of a page. `number` counts blocks in the page's text as it came.

    `match` is the phrase of furniture that the block is, `key` what two lines must share to be the same headline,
    `crumb` the key of what stands behind the last sign of breadcrumbs (None where there is no such sign), `size` its
    words, and `prose` tells a paragraph that is no phrase. `entry` marks the date that heads an entry of a chronicle;
    it has no `date`, for it is not the page's.
    """

    number: int
    match: Match | None
    date: DateLine | None
    key: str
    crumb: str | None
    size: int
    prose: bool
    entry: bool = False


def annotate(text: str, title: str | None = None) -> list[AnnotatedBlock]:
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
        date = date_line(block) if "0" in normal[number] else None
        if match is None and date is not None and not date.whole:
            match = _byline(phrases, block)
        prose = match is None and size >= PROSE_WORDS and ends_sentence(block)
        crumb = _crumb(block) if crumbs or "/" in block else None
        found.append(AnnotatedBlock(block, gap, number, match, date, keys[number], crumb, size, prose))
    return _with_entries(_with_answers(_with_subject(found, title)))


def _byline(phrases: Phrases, block: str) -> Match | None:
    """Return the byline that a line begins with, before the bar behind which its date stands."""
    match = phrases.match(_BAR.split(block, maxsplit=1)[0])
    return match if match and match.rule == "byline" else None


def _with_answers(blocks: list[AnnotatedBlock]) -> list[AnnotatedBlock]:
    """Take the match from answers and votes ("No.") that read like a button of a banner.

    A button has no full stop, and stands in a banner that says more than "Yes" and "No".
    """
    banner = any(block.match and block.match.rule == "cookies" and block.size > 1 for block in blocks)
    return [
        _unmatched(block)
        if block.match
        and (
            (block.match.rule == "cookies" and block.size == 1 and not banner)
            or (i and ends_sentence(block.text) and _asks(blocks[i - 1]) and block.size <= _ANSWER_WORDS)
        )
        else block
        for i, block in enumerate(blocks)
    ]


def _asks(block: AnnotatedBlock) -> bool:
    return block.match is None and block.text.rstrip().endswith(("?", "？", "؟", ";"))


def _with_subject(blocks: list[AnnotatedBlock], title: str | None) -> list[AnnotatedBlock]:
    """Take the match from blocks that read like furniture because it is what the story is about.

    A phrase with gaps fits a sentence of a report, too ("Subscribe to our newsletter, every page told its readers"). A
    story speaks of its subject in its headline or in one of its first paragraphs.
    """
    suspects = [(i, names) for i, block in enumerate(blocks) if (names := _subject(block))]
    if not suspects:
        return blocks
    opening = [title or ""]
    paragraphs = 0
    for block in blocks:
        if block.match is None and block.size > 2 and paragraphs < _OPENING:
            opening.append(block.text)
            paragraphs += block.prose
    words = frozenset(fold_phrase(" ".join(opening)).split())
    told = {i for i, names in suspects if not names.isdisjoint(words)}
    return [_unmatched(block) if i in told else block for i, block in enumerate(blocks)]


def _subject(block: AnnotatedBlock) -> frozenset[str]:
    """Return the words that name what a block is about if it could be a story's own sentence or headline."""
    match = block.match
    if match is None or match.rule not in _SUBJECTS or not GAP.search(match.phrase):
        return frozenset()
    if (block.size < PROSE_WORDS or not ends_sentence(block.text)) and (match.sure or block.size < 3):
        return frozenset()
    return frozenset(word for word in fold_phrase(GAP.sub(" ", match.phrase)).split() if len(word) >= _SUBJECT_LETTERS)


def _unmatched(block: AnnotatedBlock) -> AnnotatedBlock:
    prose = block.size >= PROSE_WORDS and ends_sentence(block.text)
    return msgspec.structs.replace(block, match=None, prose=prose)


def _with_entries(blocks: list[AnnotatedBlock]) -> list[AnnotatedBlock]:
    """Mark the dates that head the entries of a chronicle or an itinerary: two or more, each between paragraphs.

    One above the first paragraph is the page's, unless it goes on into the row of the others.
    """
    days = [i for i, block in enumerate(blocks) if block.date is not None and block.date.whole and not block.date.label]
    if len(days) < 2:
        return blocks
    told = [i for i, block in enumerate(blocks) if block.match is None and block.date is None]
    entries = []
    for i in days:
        at = bisect.bisect(told, i)
        behind = at < len(told) and blocks[told[at]].prose
        if behind and (not at or blocks[told[at - 1]].prose or not any(blocks[j].prose for j in told[:at])):
            entries.append(i)
    row = [date.iso for date in (blocks[i].date for i in entries) if date is not None]
    first = bisect.bisect(told, entries[0]) if entries else 0
    if not any(blocks[j].prose for j in told[:first]) and row not in (sorted(set(row)), sorted(set(row), reverse=True)):
        entries = entries[1:]
    if len(set(row[-len(entries) :])) < 2 or len(entries) < 2:
        return blocks
    return [
        msgspec.structs.replace(block, date=None, entry=True) if i in entries else block
        for i, block in enumerate(blocks)
    ]


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
