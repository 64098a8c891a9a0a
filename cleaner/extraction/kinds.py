"""Pages that hold no article, or not the whole of one: told apart by what they say and how they are built.

Every sign counts only where little text is kept: an article on captchas is an article.
"""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from cleaner.extraction.model import Judgement
from cleaner.extraction.parsing import ParsedPage
from cleaner.resources import configs
from cleaner.text.folding import fold_phrase
from cleaner.text.prose import count_words, ends_sentence

NO_ARTICLE: Final = frozenset({"blocked", "soft_404", "js_shell", "index_page"})
"""Kinds of pages without an article."""
_FEW_WORDS: Final = 150
"""Words of text below which a page may be none: notices of barriers and errors are shorter, articles seldom."""
_LONG_WORD = 15  # characters of a word and a space, on average at most
_NO_WORDS: Final = 30  # of all blocks: a page of scripts that has still to be drawn
_SCRIPTS: Final = re.compile(r"<script\b", re.IGNORECASE)
_MANY_SCRIPTS = 3
_TIME: Final = re.compile(
    r"(?:\d{1,2}[./ ]\d{1,2}[./ ](?:\d{2,4})?,? ?)?"
    r"\d{1,2}[:.h]\d\d(?:[:.]\d\d)?\W{0,2}(?:[ap]\.?m\.?|uhr|h|[A-Z]{2,4})?",
    re.IGNORECASE,
)
_TIME_CHARS = 24  # the longest that `_TIME` is asked of
_LIVE_ENTRIES = 5  # times of day, each above text that is kept
_ENTRY_BLOCKS = 3  # within so many blocks
_TEASERS = 6  # linked lines of an index page
_TEASER_WORDS = 2
_PARAGRAPH_WORDS = 25
_ARTICLE: Final = re.compile(r"Article|BlogPosting|Reportage|Report$|Review$|Recipe|QAPage")


@dataclass(frozen=True, slots=True)
class Description:
    """What a page's JSON-LD says of its article."""

    live: bool = False
    free: bool = True
    article: bool = False
    body: str = ""
    """The article's text, if it stands there."""


def described(page: ParsedPage) -> Description:
    """Read the page's JSON-LD."""
    live = article = False
    free = True
    body = ""
    for node in page.json_ld():
        kinds = node.get("@type")
        names = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]
        if "LiveBlogPosting" in names:
            live = True
        if any(map(_ARTICLE.search, names)):
            article = True
            free &= str(node.get("isAccessibleForFree", "")).strip().lower() != "false"
            written = node.get("articleBody")
            if isinstance(written, str) and len(written) > len(body):
                body = written
    return Description(live, free, article, body)


def kinds_of(html: str, page: ParsedPage, judged: Judgement, text: str, said: Description) -> list[str]:
    """Return what a page is besides or instead of an article, in alphabetical order.

    `blocked` (a captcha, a wall of consent), `soft_404`, `js_shell` (scripts that have drawn nothing yet),
    `live_blog`, `index_page` (teasers of articles), `paywall_stub`; and `not_article` with any of NO_ARTICLE. `text` is
    what was taken for the article.
    """
    found = {"live_blog": said.live or _is_live(judged)}
    if len(text) < _FEW_WORDS * _LONG_WORD and count_words(text) < _FEW_WORDS:
        found["paywall_stub"] = not said.free or "paywall_stub" in _notices(_below(judged))
        everything = sum(map(count_words, judged.blocks))
        if not said.article or everything < _FEW_WORDS:
            titles = [page.title, *(node.text() for node in page.headings()[:1])]
            notices = _notices([*titles, text, *judged.blocks[:_SEEN]]) - {"paywall_stub"}
            empty = everything < _NO_WORDS and len(_SCRIPTS.findall(html)) >= _MANY_SCRIPTS
            found |= dict.fromkeys(notices, True) | {"js_shell": empty and not notices}
            found["index_page"] = not said.article and _is_index(judged)
    kinds = {kind for kind, holds in found.items() if holds}
    return sorted(kinds if kinds.isdisjoint(NO_ARTICLE) else {*kinds, "not_article"})


def without_offer(judged: Judgement) -> Judgement:
    """Take away an offer to subscribe at the end of what is kept, with the headline above it, if that is little."""
    kept = np.flatnonzero(judged.keep).tolist()
    blocks = judged.blocks
    if sum(count_words(blocks[number]) for number in kept[:_FEW_WORDS]) >= _FEW_WORDS:
        return judged
    for place in range(max(1, len(kept) - _OFFER_BLOCKS), len(kept)):
        if "paywall_stub" in _notices([blocks[kept[place]]]):
            above = [blocks[number] for number in kept[1:place]]
            headed = len(list(itertools.takewhile(_is_headline, reversed(above))))
            keep = judged.keep.copy()
            keep[kept[place - headed] :] = False
            return replace(judged, keep=keep)
    return judged


def _is_headline(text: str) -> bool:
    return count_words(text) < _HEADLINE_WORDS and not ends_sentence(text)


_HEADLINE_WORDS = 10
_SEEN: Final = 40  # blocks in which a notice is looked for: it stands at the top, or there is nothing else
_OFFER_BLOCKS: Final = 8  # below the last that is kept, in which an offer to subscribe stands


def _below(judged: Judgement) -> list[str]:
    """Return the blocks right below what is kept, but for links."""
    last = int(np.flatnonzero(judged.keep)[-1]) + 1 if judged.keep.any() else 0
    part = slice(last, last + _OFFER_BLOCKS)
    return [block for block, linked in zip(judged.blocks[part], judged.linked[part], strict=True) if linked < 0.8]


def _is_live(judged: Judgement) -> bool:
    keep = judged.keep
    entries = 0
    for number, block in enumerate(judged.blocks):
        if len(block) <= _TIME_CHARS and _TIME.fullmatch(block):
            entries += bool(keep[number + 1 : number + 1 + _ENTRY_BLOCKS].any())
    return entries >= _LIVE_ENTRIES


def _is_index(judged: Judgement) -> bool:
    """Tell a list of teasers: many linked lines of a headline's length, and hardly a paragraph on the page."""
    sizes = np.array([count_words(block) for block in judged.blocks])
    if not len(sizes):
        return False
    teasers = (judged.linked > 0.8) & (sizes >= _TEASER_WORDS)
    paragraphs = (judged.linked < 0.5) & (sizes >= _PARAGRAPH_WORDS)
    return int(teasers.sum()) >= _TEASERS and int(paragraphs.sum()) <= 1


def _notices(texts: Sequence[str]) -> set[str]:
    """Return the kinds of page whose words stand in any of some texts."""
    read = " | ".join(map(fold_phrase, texts))
    return {kind for kind, phrases in _phrases().items() if phrases.search(read)}


@functools.cache
def _phrases() -> Mapping[str, re.Pattern[str]]:
    written: Mapping[str, Any] = tomllib.loads((configs() / "page-kinds.toml").read_text(encoding="utf-8"))
    return {
        kind: re.compile("|".join(re.escape(fold_phrase(phrase)) for each in languages.values() for phrase in each))
        for kind, languages in written.items()
    }
