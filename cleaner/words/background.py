"""How common words are in news, whatever a corpus holds: what makes five documents work as well as fifty thousand."""

from __future__ import annotations

import functools
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.arrays.lookup import SortedLookup
from cleaner.resources import configs
from cleaner.words.term_keys import low, term_keys
from cleaner.words.tokenising import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMMON = 0.4
"""Share of a language's articles that are taken to hold each of its function words."""
UNLISTED = 2
"""Articles of the background that hold a word it does not list. 0 to 5 gave the same groups on every labelled set."""


@dataclass(frozen=True, slots=True)
class Background:
    """In what share of news articles a word stands, keyed by the low 32 bits of its hash."""

    places: SortedLookup
    """Of the listed words."""
    listed: NDArray[np.float32]
    """(words + 1,) share of each, and last that of a word that is not listed, in (0, 1]."""

    def shares(self, keys: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Return the share of background articles that hold each word, float32 in (0, 1]."""
        return self.listed.take(self.places.find(keys))

    def lists(self, keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Mark the words that it lists."""
        listed: NDArray[np.bool_] = self.places.find(keys) >= 0
        return listed


@functools.cache
def background() -> Background:
    """Load the document frequencies of English news and the function words of other languages.

    `configs/news-df.tsv.gz` has the words of at least 5 of 61,488 English news articles with their number of articles,
    and the number of all in its first line. `configs/function-words.txt` says which words of other languages are as
    common as `COMMON`; a word that English news uses often enough keeps its own figure ("die", "war").
    """
    with gzip.open(configs() / "news-df.tsv.gz", "rt", encoding="utf-8") as lines:
        documents = int(next(lines).split("\t")[1])
        cells = lines.read().replace("\t", "\n").split("\n")[:-1]
    keys = low(words(["\n".join(cells[::2])]).hashes)
    counts = np.fromiter(map(int, cells[1::2]), np.int64, keys.size)
    listed = (configs() / "function-words.txt").read_text(encoding="utf-8").splitlines()
    common = term_keys(words([line.partition(":")[2] for line in listed if not line.startswith("#")])).keys
    common = common[~np.isin(common, keys[counts >= 0.01 * documents])]
    keys = np.concatenate([keys, common])
    counts = np.concatenate([counts, np.full(common.size, int(COMMON * documents))])
    order = np.argsort(keys, kind="stable")
    order = order[np.append(keys[order[1:]] != keys[order[:-1]], True)]  # of one key the last counts
    shares = np.append(counts[order], UNLISTED) / documents
    return Background(SortedLookup.of(keys[order]), shares.astype(np.float32))


@functools.cache
def background_idf(prior: float) -> NDArray[np.float32]:
    """Return the inverse document frequency of the listed words, and of all others, by the background alone."""
    listed = background().listed
    return idf(np.zeros(listed.size, np.int64), listed, 0, prior)


def idf(found: NDArray[np.int64], shares: NDArray[np.float32], documents: int, prior: float) -> NDArray[np.float32]:
    """Return the inverse document frequency of words: how much it tells that a document holds them.

    The background speaks with the voice of `prior` documents beside the corpus' own, and no word is held for rarer than
    the background says: that ten thousand market reports never speak of missiles does not make two reports on missiles
    one event (float32, at least 0).
    """
    mixed = (found + prior * shares + 0.5) / (documents + prior)
    return np.maximum(0.0, -np.log(np.maximum(mixed, shares))).astype(np.float32)
