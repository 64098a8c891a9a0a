"""Why: what was removed from a page, line by line, and why two articles are or are not together."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator

import msgspec

from cleaner.article import KINDS, Article, Id, Page, Rejected
from cleaner.corpus.corpus import Corpus
from cleaner.corpus.groups import Groups
from cleaner.pipeline.stages import Profiles, to_clean, to_text
from cleaner.report import shown
from cleaner.settings.schema import Settings
from cleaner.stories.evidence import Document, shared_terms
from cleaner.text.blocks import split

_FACTS = ("title", "published", "modified", "site", "language", "agency", "authors", "flags")


def explain_page(page: Page | Rejected, settings: Settings, profiles: Profiles | None = None) -> Iterator[str]:
    """Yield lines that show every block of a page, kept or removed by which rule, and what is known of the page."""
    return map(shown, _page_lines(page, settings, profiles))


def _page_lines(page: Page | Rejected, settings: Settings, profiles: Profiles | None) -> Iterator[str]:
    raw = page if isinstance(page, Rejected) else to_text(page, settings)
    if isinstance(raw, Rejected):
        yield f"rejected: {raw}"
        return
    done = to_clean(raw, settings, profiles or {})
    rules = {removed.block: removed.rule for removed in done.removed} if isinstance(done, Article) else {}
    yield f"{raw.id}"
    if isinstance(done, Rejected):
        yield f"  rejected: {done.stage}: {done.reason}"
    else:
        for name in _FACTS:
            if value := getattr(done, name):
                text = ", ".join(value) if isinstance(value, tuple) else value
                how = done.provenance.get(name)
                yield f"  {name:<10} {text}{f'  ({how})' if how else ''}"
    width = shutil.get_terminal_size((120, 0)).columns
    if "extractor" in raw.provenance and isinstance(page, Page):
        yield from (line[:width] for line in _extractors(page, raw, settings))
    for number, block in enumerate(split(raw.text)):
        mark = f"- {rules[number]}" if number in rules else "  kept"
        yield f"  {number:>4}  {mark:<14}  {' '.join(block.text.split())}"[:width]


def _extractors(page: Page, raw: Article, settings: Settings) -> Iterator[str]:
    """Say who found the text of an HTML page, how sure the judge was, and what the other one would have taken."""
    spoke, confidence = raw.provenance["extractor"], raw.provenance["confidence"]
    yield f"  {'extractor':<10} {spoke}; the judge expects an F1 of {confidence:.3f} of itself"
    other = "fast" if spoke == "trafilatura" else "trafilatura"
    asked = msgspec.structs.replace(settings.extract, extractor=other, metadata=False)
    found = to_text(page, msgspec.structs.replace(settings, extract=asked))
    if isinstance(found, Rejected):
        yield f"  {'':<10} {found.reason} ({other})"
        return
    texts = [{block.text for block in split(article.text)} for article in (raw, found)]
    yield f"  {'':<10} {other} would leave out {len(texts[0] - texts[1])} of these blocks, and take besides:"
    for block in split(found.text):
        if block.text not in texts[0]:
            yield f"  {'':<10}   {' '.join(block.text.split())}"


def explain_pair(articles: Iterable[Article], one: str, other: str, settings: Settings) -> Iterator[str]:
    """Yield lines that say why two articles of a corpus are or are not near-duplicates, and one story.

    Raises KeyError with an id that is not there.
    """
    with Corpus(settings) as corpus:
        texts: dict[str, tuple[str, str]] = {}
        rows: dict[str, int] = {}
        for row, article in enumerate(articles):
            corpus.add(article)
            if str(article.id) in {one, other}:
                rows[str(article.id)] = row
                texts[str(article.id)] = (article.title or "", article.text)
        for wanted in (one, other):
            if wanted not in rows:
                raise KeyError(wanted)
        groups = corpus.groups()
    yield from explain_grouped(groups, (rows[one], rows[other]), (texts[one], texts[other]), settings)


def explain_grouped(
    groups: Groups, pair: tuple[int, int], texts: tuple[Document, Document], settings: Settings
) -> Iterator[str]:
    """Yield lines that say why two rows of a grouped corpus are or are not together. `texts`: those of the rows."""
    return map(shown, _grouped_lines(groups, pair, texts, settings))


def _grouped_lines(
    groups: Groups, pair: tuple[int, int], texts: tuple[Document, Document], settings: Settings
) -> Iterator[str]:
    fields = list(groups.fields(pair))
    for place, kind in enumerate(KINDS):
        ids: list[Id | None] = [field[place] for field in fields]
        together = f"together in {ids[0]}" if ids[0] == ids[1] else f"apart: {ids[0]} and {ids[1]}"
        yield f"{kind.replace('_', '-'):<16} {together}{_scored(groups.score(kind, *pair))}"
    yield "terms they share, with each one's part in the similarity:"
    shares = shared_terms(texts, settings.stories)
    yield from (f"  {evidence.share:6.1%}  {evidence.term}" for evidence in shares)


def _scored(score: float | None) -> str:
    return "" if score is None else f", score {score:.3f}"
