"""An index made anew from the articles it holds: grouped as a batch, with the ids of groups kept."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from cleaner.article import KINDS, Article
from cleaner.corpus.corpus import Corpus
from cleaner.index.articles import Store
from cleaner.index.database import digest
from cleaner.index.intake import Intake
from cleaner.index.keys import ArticleRow
from cleaner.index.regrouping import assign_group_ids
from cleaner.settings.schema import Settings

_AT_ONCE = 256


def rebuild(store: Store, intake: Intake, settings: Settings) -> None:
    """Make everything but articles and names anew, inside a transaction."""
    rows = store.between(1, store.next_row)
    intake.clear()
    with Corpus(settings) as corpus:
        for articles in _articles(store, rows):
            for article in articles:
                corpus.add(article)
        grouped = list(corpus.groups().fields(range(len(rows))))
    for start in range(0, len(rows), _AT_ONCE):
        intake.insert_anew(rows[start : start + _AT_ONCE])
    stored = store.rows(rows)
    every = [stored[row] for row in rows]
    for kind, number in zip(KINDS, (0, 1), strict=True):
        labels = [fields[number] for fields in grouped]
        if any(label is not None for label in labels):
            assign_group_ids(store, kind, _sets(every, labels))
    store.db.put("settings", digest(settings))


def _articles(store: Store, rows: Sequence[int]) -> Iterator[list[Article]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield store.records.articles(rows[start : start + _AT_ONCE])


def _sets(rows: Iterable[ArticleRow], labels: Iterable[Hashable]) -> list[list[ArticleRow]]:
    sets: dict[Hashable, list[ArticleRow]] = {}
    for row, label in zip(rows, labels, strict=True):
        sets.setdefault(label, []).append(row)
    return list(sets.values())
