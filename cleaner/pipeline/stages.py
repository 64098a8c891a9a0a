"""The only place where the stages are joined: a page to its text, a text to a clean article, and both for many.

The two halves are apart because learning about sites needs the texts of all pages before any of them is cleaned.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from cleaner.article import INVARIANT, Article, Outcome, Page, Rejected
from cleaner.boilerplate.sites import UNKNOWN, Profile, site_of
from cleaner.boilerplate.strip import Inspection, inspect_all, strip
from cleaner.extraction.extracted import Extracted, ExtractError, HtmlPage
from cleaner.formats.markup import is_markup
from cleaner.formats.sources import MARKDOWN
from cleaner.pipeline.workers import NO_MEMORY, Work, in_order
from cleaner.settings.schema import Settings
from cleaner.stages.describe import describe
from cleaner.stages.repair import repair
from cleaner.text.blocks import split

Profiles = Mapping[str, Profile]


def clean_page(page: Page, settings: Settings, profiles: Profiles | None = None) -> Outcome:
    """Take one page through extract, repair, strip and describe. `profiles`: what is known of sites, by host.

    Never raises: whatever is wrong with a page costs that page alone.
    """
    return _pages_cleaned([_recognised(page)], settings, profiles or {})[0]


def clean_pages(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work, profiles: Profiles | None = None
) -> Iterator[Outcome]:
    """Yield an article or a `Rejected` for every page, in order."""
    taken = _all_recognised(pages)
    return in_order(functools.partial(_pages_cleaned, settings=settings, profiles=profiles or {}), taken, work)


def texts(pages: Iterable[Page | Rejected], settings: Settings, work: Work) -> Iterator[Outcome]:
    """Yield what `to_text` makes of each page, in order."""
    return in_order(functools.partial(_pages_to_text, settings=settings), _all_recognised(pages), work)


def clean_texts(
    articles: Iterable[Outcome], settings: Settings, work: Work, profiles: Profiles | None = None
) -> Iterator[Outcome]:
    """Yield what `to_clean` makes of each article that `texts` gave, in order."""
    return in_order(functools.partial(_texts_cleaned, settings=settings, profiles=profiles or {}), articles, work)


def _recognised(page: Page) -> Page:
    """Tell HTML that came as a text; in Markdown HTML is at home."""
    if page.html or Path(page.source).suffix.lower() in MARKDOWN or not is_markup(page.content):
        return page
    return replace(page, html=True)


def _all_recognised(pages: Iterable[Page | Rejected]) -> Iterator[Page | Rejected]:
    """Tell HTML before pages are handed out: only other processes parse it."""
    return (page if isinstance(page, Rejected) else _recognised(page) for page in pages)


def to_text(page: Page, settings: Settings) -> Outcome:
    """Take a page through the first half: extract and repair, nothing removed yet. Never raises."""
    return _pages_to_text([_recognised(page)], settings)[0]


def _to_text(page: Page, given: Article, found: Extracted | Exception | None) -> Outcome:
    try:
        return _repaired(_from(page, _with(given, found)))
    except ExtractError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - one bad input never stops the rest
        reason = _said(error)
    return Rejected.of(page, "extract" if page.html else "repair", reason)


def to_clean(article: Article, settings: Settings, profiles: Profiles, seen: Inspection | None = None) -> Outcome:
    """Take an article that `to_text` gave through the second half: strip and describe. Never raises.

    `seen`: what `inspect_all` gave for it, if it has been inspected already.
    """
    try:
        return _cleaned(article, settings, profiles, seen)
    except Exception as error:  # noqa: BLE001 - one bad input never stops the rest
        return Rejected.of(article, "strip", _said(error))


def _said(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return f"{type(error).__name__}: {error}"


def _pages_to_text(pages: Sequence[Page], settings: Settings) -> list[Outcome]:
    """Take pages through the first half, HTML several at a time, with the same outcome as one by one."""
    given = [Article.from_fields(page.id, "" if page.html else page.content, page.fields) for page in pages]
    html = [number for number, page in enumerate(pages) if page.html]
    extracted: dict[int, Extracted | Exception] = {}
    if html:
        from cleaner.extraction.extract import extract_all  # loads parsers and the model, for HTML alone

        found = extract_all([HtmlPage(pages[number].content, given[number].url) for number in html], settings.extract)
        extracted = dict(zip(html, found, strict=True))
    return [_to_text(page, given[number], extracted.get(number)) for number, page in enumerate(pages)]


def _texts_cleaned(articles: Sequence[Article], settings: Settings, profiles: Profiles) -> list[Outcome]:
    """Clean articles together, with the same outcome as one by one: the trained model takes many in less time."""
    inspected: Sequence[Inspection | None]
    try:
        inspected = inspect_all(articles, settings.strip)
    except Exception:  # noqa: BLE001 - one of them did it, and will say so when its turn comes
        inspected = [None] * len(articles)
    return [to_clean(article, settings, profiles, seen) for article, seen in zip(articles, inspected, strict=True)]


def _pages_cleaned(pages: Sequence[Page], settings: Settings, profiles: Profiles) -> list[Outcome]:
    """Take pages through both halves, the second together."""
    outcomes = _pages_to_text(pages, settings)
    articles = [outcome for outcome in outcomes if isinstance(outcome, Article)]
    cleaned = iter(_texts_cleaned(articles, settings, profiles))
    return [next(cleaned) if isinstance(outcome, Article) else outcome for outcome in outcomes]


def _cleaned(text: Article, settings: Settings, profiles: Profiles, seen: Inspection | None) -> Outcome:
    site = site_of(text)
    article = replace(strip(text, settings.strip, profiles.get(site or UNKNOWN), seen), site=site)
    if lost := len(split(text.text)) - len(split(article.text)) - len(article.removed) + len(text.removed):
        return Rejected.of(text, INVARIANT, f"{lost} blocks are neither kept nor removed: please report this")
    if not article.text.strip():
        return Rejected.of(text, "strip", "nothing but boilerplate")
    article = describe(article, settings.describe)
    if unwanted := sorted(set(article.flags) & set(settings.describe.drop)):
        return Rejected.of(text, "describe", f"{', '.join(unwanted)} (describe.drop)")
    if settings.quality.filters:
        from cleaner.stages.quality import failures

        english = article.language in {None, "en"}
        if reasons := failures(article.text, settings.quality.filters, english=english):
            return Rejected.of(text, "quality", "; ".join(reasons))
    return article


def _with(given: Article, found: Extracted | Exception | None) -> Article:
    """Add what a page's HTML says; what its record says itself counts for more. Raises what was wrong with the page."""
    if isinstance(found, Exception):
        raise found
    if found is None:
        return given
    origins = {"title": "metadata", "published": found.published_from, "modified": "metadata"}
    where = {
        name: how for name, how in origins.items() if getattr(given, name) is None and getattr(found, name) is not None
    }
    return replace(
        given,
        text=found.text,
        title=given.title or found.title,
        url=given.url or found.url,
        published=given.published or found.published,
        modified=given.modified or found.modified,
        authors=given.authors or found.authors,
        language=given.language or found.language,
        flags=(*given.flags, *found.flags),
        provenance={**given.provenance, **where, "extractor": found.extractor, "confidence": found.confidence},
    )


def _from(page: Page, article: Article) -> Article:
    """Note where an article comes from, unless an earlier pass has."""
    if "source" in article.provenance:
        return article
    told = {"source": page.source, "line": page.line, "charset": page.charset, "bad_bytes": page.bad or None}
    known = {key: value for key, value in told.items() if value is not None}
    return replace(article, provenance={**known, **article.provenance})


def _repaired(article: Article) -> Article:
    text, steps = repair(article.text)
    title, more = repair(article.title) if article.title else (None, ())
    repaired = sorted({*steps, *more, *article.provenance.get("repaired", ())})
    provenance = {**article.provenance, "repaired": repaired} if repaired else article.provenance
    return replace(article, text=text, title=title, provenance=provenance)
