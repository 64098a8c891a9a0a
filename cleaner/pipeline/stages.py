"""The only place where stages are joined: a page to an article, pages to articles, articles to groups."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cleaner.article import Article, Outcome, Page, Rejected
from cleaner.boilerplate.sites import UNKNOWN, Profile, site_of
from cleaner.boilerplate.strip import Inspection, inspect_all, strip
from cleaner.pipeline.workers import Work, in_order
from cleaner.settings.schema import Settings
from cleaner.stages.describe import describe
from cleaner.stages.extract import ExtractError, extract
from cleaner.stages.repair import repair

Profiles = Mapping[str, Profile]


def clean_pages(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work, profiles: Profiles | None = None
) -> Iterator[Outcome]:
    """Yield an article or a `Rejected` for every page, in order."""
    return in_order(functools.partial(_clean_some, settings=settings, profiles=profiles or {}), pages, work)


def clean_page(page: Page, settings: Settings, profiles: Profiles | None = None) -> Outcome:
    """Take one page through extract, repair, strip and describe. `profiles`: what is known of sites, by host.

    Never raises: whatever is wrong with a page costs that page alone.
    """
    return _clean_some([page], settings, profiles or {})[0]


def _clean_some(pages: Sequence[Page], settings: Settings, profiles: Profiles) -> list[Outcome]:
    """Clean pages together, with the same outcome as one by one: the trained model takes many in less time."""
    raws = read_pages(pages, settings)
    articles = [raw for raw in raws if isinstance(raw, Article)]
    looks: Iterator[Inspection | None]
    try:
        looks = iter(inspect_all(articles, settings.strip))
    except Exception:  # noqa: BLE001 - one of them did it, and will say so when its turn comes
        looks = itertools.repeat(None)
    return [clean_article(raw, settings, profiles, next(looks)) if isinstance(raw, Article) else raw for raw in raws]


def clean_article(raw: Article, settings: Settings, profiles: Profiles, seen: Inspection | None = None) -> Outcome:
    """Take an article that `read_page` gave through strip and describe. Never raises.

    `seen`: what `boilerplate.inspect_all` gave for it, if it has been inspected already.
    """
    origin = raw.provenance
    page = Page(raw.id, "", source=str(origin.get("source", "")), line=origin.get("line"))
    return _guarded(page, "strip", lambda: _cleaned(page, raw, settings, profiles, seen))


def read_pages(pages: Sequence[Page], settings: Settings) -> list[Outcome]:
    """Take pages as far as their text, each by itself. Never raises."""
    return [read_page(page, settings) for page in pages]


def read_page(page: Page, settings: Settings) -> Outcome:
    """Take one page as far as its text: extract and repair, nothing removed yet. Never raises."""
    return _guarded(
        page, "extract" if page.html else "repair", lambda: _repaired(_from(page, _extracted(page, settings)))
    )


def _guarded(page: Page, stage: str, step: Callable[[], Outcome]) -> Outcome:
    try:
        return step()
    except ExtractError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - one bad input never stops the rest
        reason = f"{type(error).__name__}: {error}"
    return Rejected(page.source, stage, reason, page.line, page.id)


def _cleaned(page: Page, raw: Article, settings: Settings, profiles: Profiles, seen: Inspection | None) -> Outcome:
    site = site_of(raw)
    article = replace(strip(raw, settings.strip, profiles.get(site or UNKNOWN), seen), site=site)
    if not article.text.strip():
        return Rejected(page.source, "strip", "nothing but boilerplate", page.line, page.id)
    article = describe(article, settings.describe)
    if unwanted := sorted(set(article.flags) & set(settings.describe.drop)):
        return Rejected(page.source, "describe", f"{', '.join(unwanted)} (describe.drop)", page.line, page.id)
    if settings.quality.filters:
        from cleaner.stages.quality import failures

        english = article.language in {None, "en"}
        if reasons := failures(article.text, settings.quality.filters, english=english):
            return Rejected(page.source, "quality", "; ".join(reasons), page.line, page.id)
    return article


def _extracted(page: Page, settings: Settings) -> Article:
    """Make an article of a page; what its record says itself counts for more than the metadata of its HTML."""
    if not page.html:
        return Article.from_fields(page.id, page.content, page.fields)
    given = Article.from_fields(page.id, "", page.fields)
    found = extract(page.content, settings.extract, url=given.url)
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
        provenance={**given.provenance, **where},
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
