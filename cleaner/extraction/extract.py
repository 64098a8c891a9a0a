"""From HTML to text and metadata: who speaks for a page.

The trained judge of blocks speaks where it is sure; where it expects to do badly, trafilatura does (`extractor`
"auto"); and where the page shows but the beginning of what its JSON-LD holds, that does. Runs in worker processes (see
`pipeline/workers.py`), because a hostile page can crash or hang a parser.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any, Final

from cleaner.extraction import by_trafilatura
from cleaner.extraction.extracted import Extracted, ExtractError, HtmlPage
from cleaner.extraction.kinds import NO_ARTICLE, described, kinds_of, without_offer
from cleaner.extraction.model import Judgement, load
from cleaner.extraction.parsing import ParsedPage, parse
from cleaner.settings.schema import ExtractSettings
from cleaner.text.prose import count_words

_ASK_BELOW: Final = {"fast": 0.0, "auto": 0.8, "best": 0.9, "trafilatura": 2.0}
"""Expected F1 below which trafilatura is asked, for each extractor."""
_WHOLE_WORDS, _WHOLE_TIMES = 50, 2
"""Words of JSON-LD's articleBody, and how many times those of the page's own text, from which on it is the whole."""
_SAME = 0.7  # share of the text's different words that must be in it: or it belongs to another article
_MARKUP: Final = re.compile(r"<(?:br|/p|/div|/h\d|/li)\b[^>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[a-z/][^>]*>", re.IGNORECASE)


def extract(page: HtmlPage, settings: ExtractSettings) -> Extracted:
    """Return the article of a page. Raises ExtractError if the page is too large or holds no text."""
    found = extract_all([page], settings)[0]
    if isinstance(found, Exception):
        raise found
    return found


def extract_all(pages: Sequence[HtmlPage], settings: ExtractSettings) -> list[Extracted | Exception]:
    """Return the article of each page, or what was wrong with it: the same as for each alone but sooner."""
    try:
        return _extract_some(pages, settings)
    except Exception as error:  # noqa: BLE001 - one bad page never stops the rest
        return [error] if len(pages) == 1 else [found for page in pages for found in extract_all([page], settings)]


def _extract_some(pages: Sequence[HtmlPage], settings: ExtractSettings) -> list[Extracted | Exception]:
    for page in pages:
        if len(page.html) > settings.max_chars:
            raise ExtractError(f"larger than {settings.max_chars:,} characters (extract.max_chars)")
    parsed = [parse(page.html) for page in pages]
    judged = load().judge_all(parsed)
    return [_finished(*each, settings) for each in zip(pages, parsed, judged, strict=True)]


def _finished(page: HtmlPage, parsed: ParsedPage, judged: Judgement, settings: ExtractSettings) -> Extracted:
    """Make the article of what the judge thinks of the page, with another opinion where that is asked for.

    Raises ExtractError if no text is found.
    """
    said = described(parsed)
    judged = without_offer(judged)
    text, extractor = judged.text, "judge"
    # Where there is no article, nobody else would find one.
    other = judged.expected_f1 < _ASK_BELOW[settings.extractor]
    other = other and NO_ARTICLE.isdisjoint(kinds_of(page.html, parsed, judged, text, said))
    tree = by_trafilatura.load(page.html) if other or settings.metadata else None
    if other and tree is not None and (found := by_trafilatura.text_of(tree, page.url, settings)):
        text, extractor = found, "trafilatura"
    if said.body and (whole := _whole(said.body, text)):
        text, extractor = whole, "json-ld"
    flags = kinds_of(page.html, parsed, judged, text, said)
    if not text.strip():
        raise ExtractError(" ".join(["no article text found", *(f"({flag})" for flag in flags)]))
    known: dict[str, Any] = by_trafilatura.metadata_of(tree, page.url) if settings.metadata and tree is not None else {}
    confidence = round(judged.expected_f1, 3)
    return Extracted(text, extractor=extractor, confidence=confidence, flags=tuple(flags), **known)


def _whole(body: str, text: str) -> str:
    """Return JSON-LD's articleBody as paragraphs if the text is but the beginning of it, else ""."""
    if len(body) < _WHOLE_TIMES * len(text):
        return ""
    if "<" in body or "&" in body:
        body = html.unescape(_TAG.sub("", _MARKUP.sub("\n", body)))
    size = count_words(body)
    if size < _WHOLE_WORDS or size < _WHOLE_TIMES * count_words(text):
        return ""
    shown = set(text.split())
    if shown and len(shown.intersection(body.split())) < _SAME * len(shown):
        return ""
    return "\n\n".join(line for line in map(str.strip, body.split("\n")) if line)
