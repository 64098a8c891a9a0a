"""What is known of an article once its text is clean: dates in one form, language, flags.

Nothing here removes or rejects; a flag says what a reader of the corpus should know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cleaner.article import Article
from cleaner.dates.parsing import with_dates
from cleaner.settings.schema import DescribeSettings
from cleaner.stages.spun import is_spun
from cleaner.text.blocks import cut
from cleaner.text.prose import count_words, ends_sentence, is_prose

_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])(?=[/-])")
_CUT_OFF = re.compile(r"(?:\.\.\.|…)\s*(?:[\[(][^\])]{0,40}[\])]|read more|continue reading)?\W*$", re.IGNORECASE)
_ENDING = 120  # characters at the end of a text, in which `_CUT_OFF` is looked for
# What sends a reader to the till, in rules of `configs/boilerplate/`.
_PAYWALL_RULES = frozenset({"subscription"})
_LANGUAGE_WORDS = 3
_ENGLISH = frozenset(
    (
        *("the", "of", "and", "for", "are", "but", "not", "about", "after", "been", "from", "had", "has", "have"),
        *("his", "said", "that", "their", "they", "this", "was", "were", "when", "which", "who", "will", "with"),
        "would",
    )
)
_DIFFERENT, _ENGLISH_SHARE = 4, 0.1
"""Different English function words, "the" among them, and their share of all words, from which on a text is English.

On 8,657 texts, English but for a few dozen, the trained identifier said the same wherever these did; they decide on
72%. A text in another language that quotes an English title or two has fewer.
"""
_TIME = re.compile(r"\d{1,2}[:.h]\d\d(?:[:.]\d\d)?\W{0,2}(?:[ap]\.?m\.?|uhr|h|hrs|[A-Z]{2,4})?", re.IGNORECASE)
_TIME_CHARS = 14  # the longest that `_TIME` matches
_LISTING_LINES = 10
_LIVE_ENTRIES = 5  # times of day that stand alone on a line


def describe(article: Article, settings: DescribeSettings) -> Article:
    """Fill in what can be told from the clean article; values that it has already stay."""
    article = with_dates(article)
    published, provenance = article.published, article.provenance
    if published is None and article.url and (found := _URL_DATE.search(article.url)):
        published = "-".join((found[1], found[2].zfill(2), found[3].zfill(2)))
        provenance = {**provenance, "published": "the url"}
    language = article.language or _language(article.text[: settings.language_chars])
    flags = _flags(article, settings)
    # Only English is known to be rewritten so.
    if language == "en" and (spun := is_spun(article.text)).points >= settings.spun_points:
        flags.append("machine_spun")
        provenance = {**provenance, "machine_spun": [str(sign) for sign in spun.signs]}
    return replace(
        article,
        published=published,
        language=language,
        flags=tuple(sorted({*article.flags, *flags})),
        provenance=provenance,
    )


def _language(text: str) -> str | None:
    """Return the two-letter code of the text's language, or None where there is too little to tell."""
    tokens = text.split()
    english = [token for token in tokens if token in _ENGLISH]
    if "the" in english and len(set(english)) >= _DIFFERENT and len(english) >= _ENGLISH_SHARE * len(tokens):
        return "en"
    if count_words(text) < _LANGUAGE_WORDS:
        return None
    from py3langid import classify  # 0.8 s to load, for texts of unknown language alone

    return str(classify(text)[0])


def _flags(article: Article, settings: DescribeSettings) -> list[str]:
    """Return what holds of an article: `too_short`, `truncated`, `paywall_stub`, `not_article`, `syndicated`."""
    blocks = [block for block, _ in cut(article.text)]
    size = _count(blocks, max(settings.min_words, settings.stub_words))
    rules = {removed.rule for removed in article.removed}
    tests = {
        "too_short": size < settings.min_words,
        "truncated": bool(blocks) and _CUT_OFF.search(blocks[-1][-_ENDING:]) is not None,
        "paywall_stub": size < settings.stub_words and not _PAYWALL_RULES.isdisjoint(rules),
        "not_article": _is_listing(blocks) or _is_live([*blocks, *(removed.text for removed in article.removed)]),
        "syndicated": article.agency is not None,
    }
    return [name for name, holds in tests.items() if holds]


def _count(blocks: Sequence[str], enough: int) -> int:
    """Count the words of the blocks, but no further than there are enough."""
    size = 0
    for text in blocks:
        size += count_words(text)
        if size >= enough:
            break
    return size


def _is_listing(blocks: Sequence[str]) -> bool:
    """Tell an index page or a list of results from an article: many lines, hardly one that ends as a sentence does."""
    if len(blocks) < _LISTING_LINES or any(map(is_prose, blocks)):
        return False
    return sum(map(ends_sentence, blocks)) <= 0.1 * len(blocks)


def _is_live(blocks: Sequence[str]) -> bool:
    """Tell a live blog: its entries stand each below the time of day at which it was written."""
    short = [text for text in map(str.strip, blocks) if len(text) <= _TIME_CHARS]
    return sum(_TIME.fullmatch(text) is not None for text in short) >= _LIVE_ENTRIES
