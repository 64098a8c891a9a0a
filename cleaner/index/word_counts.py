"""How common words are in an index that grows: what makes a term of an article heavy.

Words are counted anew after every few hundred articles, so what an article finds depends on what came before it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import distinct
from cleaner.index.database import Database
from cleaner.settings.schema import StorySettings
from cleaner.stories.terms import Terms
from cleaner.stories.vectors import Vectors, added, frequencies, weigh_by
from cleaner.words.background import background, idf

_COUNTED = ("word_keys", "word_counts", "word_documents", "words_until")
_REMEMBERED = 8192  # articles whose heaviest terms stay in memory, eleven bytes a term


@dataclass(frozen=True, slots=True)
class Weighed:
    """The heaviest terms of articles, as `Vectors` has them but by their keys: tables can be put together."""

    keys: NDArray[np.uint32]
    """(articles, size) heaviest first; 0 for unused places."""
    weights: NDArray[np.float32]
    """(articles, size) weight of each term."""
    lead: NDArray[np.bool_]
    """(articles, size) whether the term stands at the beginning of the article."""
    before: NDArray[np.uint8]
    """(articles, size) code of the word before the term's first occurrence, as `Terms` has it."""
    after: NDArray[np.uint8]
    """(articles, size) code of the word after it."""

    @classmethod
    def none(cls, articles: int, size: int) -> Weighed:
        """Return a table without terms."""
        kinds: tuple[type[Any], ...] = (np.uint32, np.float32, np.bool_, np.uint8, np.uint8)
        columns: list[NDArray[Any]] = [np.zeros((articles, size), kind) for kind in kinds]
        return cls(*columns)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All five."""
        return self.keys, self.weights, self.lead, self.before, self.after

    def take(self, which: NDArray[np.bool_] | NDArray[np.int64] | slice) -> Weighed:
        """Return some of the articles, by place or by flag."""
        return Weighed(*(column[which] for column in self.arrays))

    def vectors(self) -> Vectors:
        """Return them as vectors that can be compared."""
        vocabulary = distinct(self.keys.ravel().copy())
        vocabulary = vocabulary[np.searchsorted(vocabulary, 1) :]
        ids = np.where(self.keys > 0, np.searchsorted(vocabulary, self.keys) + 1, 0).astype(np.int32)
        return Vectors.of(ids, self.weights, self.arrays[2:], vocabulary)


class Counts:
    """How many articles keep each word, as of the last time they were counted."""

    def __init__(self, db: Database, settings: StorySettings, recount: int) -> None:
        self._db, self._settings, self._recount = db, settings, recount
        self._keys, self._counts = np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        self.documents, self.until = 0, 1
        self._cache = _Cache(settings.vector_terms)

    def load(self) -> None:
        """Read the counts, when the file was opened and after another process has written."""
        self._cache.clear()
        keys, counts = self._db.get("word_keys") or b"", self._db.get("word_counts") or b""
        self._keys, self._counts = np.frombuffer(keys, np.uint32), np.frombuffer(counts, np.uint32)
        self.documents = self._db.get("word_documents") or 0
        self.until = self._db.get("words_until") or 1
        """Number of the first article that is not counted."""

    def clear(self) -> None:
        """Forget what was counted."""
        for key in _COUNTED:
            self._db.put(key, None)
        self.load()

    def due(self) -> int:
        """Return the number of the article before which the counts are to be renewed."""
        return self.until + self._recount

    def next_due(self, row: int) -> int:
        """Return what `due` will be when the counts are renewed as often as they are before article `row` comes."""
        return self.due() + (row - self.until) // self._recount * self._recount

    def renew(self, found: Sequence[Terms], until: int) -> None:
        """Add the articles that came since the last time. `until`: number of the first that is not among them."""
        self._cache.clear()
        self._keys, total = added([(self._keys, self._counts.astype(np.int64)), *map(frequencies, found)])
        self._counts = total.astype(np.uint32)
        self.documents += sum(len(some.keys) for some in found)
        self.until = until
        values: tuple[bytes | int, ...] = (self._keys.tobytes(), self._counts.tobytes(), self.documents, until)
        for key, value in zip(_COUNTED, values, strict=True):
            self._db.put(key, value)

    def weigh_stored(self, rows: Sequence[int], read: Callable[[Sequence[int]], Terms]) -> Weighed:
        """Return the heaviest terms of stored articles. `read` gives the terms of those that are not remembered."""
        return self._cache.get(rows, lambda missing: self.weigh(read(missing)))

    def weigh(self, found: Terms) -> Weighed:
        """Return the heaviest terms of articles, by how common words are now."""
        vocabulary = distinct(found.keys[found.keys > 0])
        at = np.minimum(np.searchsorted(self._keys, vocabulary), max(self._keys.size - 1, 0))
        counts = np.zeros(vocabulary.size, np.int64)
        if self._keys.size:
            counts = np.where(self._keys[at] == vocabulary, self._counts[at], 0)
        prior = self._settings.prior_documents
        idfs = idf(counts, background().shares(vocabulary), self.documents, prior)
        made = weigh_by(found, self._settings.vector_terms, vocabulary, idfs)
        return Weighed(np.concatenate([np.zeros(1, np.uint32), made.keys])[made.ids], *made.arrays[1:])


class _Cache:
    """The heaviest terms of the articles that were last asked for: a table whose oldest rows are written over."""

    def __init__(self, size: int) -> None:
        self._table = Weighed.none(_REMEMBERED, size)
        self._rows = np.zeros(_REMEMBERED, np.int64)
        self._places: dict[int, int] = {}
        self._next = 0

    def clear(self) -> None:
        """Forget everything."""
        self._places.clear()

    def get(self, rows: Sequence[int], make: Callable[[Sequence[int]], Weighed]) -> Weighed:
        """Return the terms of articles; `make` gives those that are not there, and they are put there."""
        places = np.array([self._places.get(row, -1) for row in rows], np.int64)
        found = self._table.take(places)
        missing = np.flatnonzero(places < 0)
        if missing.size:
            numbers = [rows[at] for at in missing.tolist()]
            made = make(numbers)
            for column, values in zip(found.arrays, made.arrays, strict=True):
                column[missing] = values
            self._put(numbers, made)
        return found

    def _put(self, rows: Sequence[int], made: Weighed) -> None:
        count = min(len(rows), _REMEMBERED)
        places = (self._next + np.arange(count)) % _REMEMBERED
        for row, place in zip(self._rows[places].tolist(), places.tolist(), strict=True):
            if self._places.get(row) == place:
                del self._places[row]
        for column, values in zip(self._table.arrays, made.arrays, strict=True):
            column[places] = values[:count]
        self._rows[places] = rows[:count]
        self._places |= zip(rows, places.tolist(), strict=False)
        self._next = (self._next + count) % _REMEMBERED
