"""How common words are in an index that grows: what makes a term of an article heavy.

Words are counted anew after every few hundred articles, so what an article finds depends on what came before it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import distinct
from cleaner.index.articles import Store
from cleaner.settings.schema import StorySettings
from cleaner.stories.terms import Terms
from cleaner.stories.vectors import Vectors, added, frequencies, weigh_by
from cleaner.words.background import background, idf

_COUNTED = ("word_keys", "word_counts", "word_documents", "words_until")


@dataclass(frozen=True, slots=True)
class Weighed:
    """The heaviest terms of articles, as `Vectors` has them but by their keys: tables can be put together."""

    keys: NDArray[np.uint32]
    """(articles, size) heaviest first; 0 for unused places."""
    weights: NDArray[np.float32]
    lead: NDArray[np.bool_]
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All five."""
        return self.keys, self.weights, self.lead, self.before, self.after

    def take(self, which: NDArray[np.bool_] | slice) -> Weighed:
        """Return some of the articles."""
        return Weighed(*(column[which] for column in self.arrays))

    def vectors(self) -> Vectors:
        """Return them as vectors that can be compared."""
        vocabulary = distinct(self.keys.ravel().copy())
        vocabulary = vocabulary[np.searchsorted(vocabulary, 1) :]
        ids = np.where(self.keys > 0, np.searchsorted(vocabulary, self.keys) + 1, 0).astype(np.int32)
        return Vectors.of(ids, self.weights, self.arrays[2:], vocabulary)


class Counts:
    """How many articles keep each word, as of the last time they were counted."""

    def __init__(self, store: Store, settings: StorySettings, recount: int) -> None:
        self._store, self._settings, self._recount = store, settings, recount
        self._keys, self._counts = np.zeros(0, np.uint32), np.zeros(0, np.uint32)
        self.documents, self.until = 0, 1

    def load(self) -> None:
        """Read the counts, when the file was opened and after another process has written."""
        keys, counts = self._store.get("word_keys") or b"", self._store.get("word_counts") or b""
        self._keys, self._counts = np.frombuffer(keys, np.uint32), np.frombuffer(counts, np.uint32)
        self.documents = self._store.get("word_documents") or 0
        self.until = self._store.get("words_until") or 1
        """Number of the first article that is not counted."""

    def clear(self) -> None:
        """Forget what was counted."""
        for key in _COUNTED:
            self._store.put(key, None)
        self.load()

    def due(self) -> int:
        """Return the number of the article before which the counts are to be renewed."""
        return self.until + self._recount

    def renew(self, found: Sequence[Terms], until: int) -> None:
        """Add the articles that came since."""
        self._keys, total = added([(self._keys, self._counts.astype(np.int64)), *map(frequencies, found)])
        self._counts = total.astype(np.uint32)
        self.documents += sum(len(some.keys) for some in found)
        self.until = until
        values: tuple[bytes | int, ...] = (self._keys.tobytes(), self._counts.tobytes(), self.documents, until)
        for key, value in zip(_COUNTED, values, strict=True):
            self._store.put(key, value)

    def weigh(self, found: Terms) -> Weighed:
        """Return articles with their heaviest terms."""
        vocabulary = distinct(found.keys[found.keys > 0])
        at = np.minimum(np.searchsorted(self._keys, vocabulary), max(self._keys.size - 1, 0))
        counts = np.zeros(vocabulary.size, np.int64)
        if self._keys.size:
            counts = np.where(self._keys[at] == vocabulary, self._counts[at], 0)
        prior = self._settings.prior_documents
        idfs = idf(counts, background().shares(vocabulary), self.documents, prior)
        made = weigh_by(found, self._settings.vector_terms, vocabulary, idfs)
        return Weighed(np.concatenate([np.zeros(1, np.uint32), made.keys])[made.ids], *made.arrays[1:])
