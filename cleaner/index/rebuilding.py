"""An index made anew from the articles it holds: grouped as a batch, with the ids of groups kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from cleaner.article import Article
from cleaner.corpus.corpus import Corpus
from cleaner.index.articles import Store
from cleaner.index.database import digest
from cleaner.index.intake import Entry
from cleaner.index.keys import KINDS, Row
from cleaner.index.regrouping import settle
from cleaner.settings.schema import Settings

_AT_ONCE = 256


def rebuild(store: Store, entry: Entry, settings: Settings) -> None:
    """Make everything but articles and names anew, inside a transaction."""
    rows = store.between(1, store.next_row)
    entry.clear()
    with Corpus(settings) as corpus:
        for articles in _articles(store, rows):
            for article in articles:
                corpus.add(article)
        told = list(corpus.groups().fields(range(len(rows))))
    for start in range(0, len(rows), _AT_ONCE):
        entry.enter_anew(rows[start : start + _AT_ONCE])
    stored = store.rows(rows)
    every = [stored[row] for row in rows]
    for kind, number in zip(KINDS, (0, 1), strict=True):
        labels = [fields[number] for fields in told]
        if any(label is not None for label in labels):
            settle(store, kind, _sets(every, labels))
    store.put("settings", digest(settings))


def _articles(store: Store, rows: Sequence[int]) -> Iterator[list[Article]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield store.records.articles(rows[start : start + _AT_ONCE])


def _sets(rows: Iterable[Row], labels: Iterable[Hashable]) -> list[list[Row]]:
    sets: dict[Hashable, list[Row]] = {}
    for row, label in zip(rows, labels, strict=True):
        sets.setdefault(label, []).append(row)
    return list(sets.values())
