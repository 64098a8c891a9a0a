"""Near-duplicates in an index: candidates from a sample of each text's shingles, compared exactly.

Signatures would need a hundred entries an article. Instead every text posts those of its shingles whose hash is low: a
fixed share of them, and of a short text at least some. Two texts post the same ones, so those they share tell how much
they share of all (a bottom-k sketch: Cohen and Kaplan, Summarizing Data using Bottom-k Sketches, 2007). Candidates that
could pass are compared as `duplicates` does it, from their stored texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import distinct
from cleaner.arrays.ragged import concatenated_ranges
from cleaner.index.keys import ROW_BITS
from cleaner.index.postings import TAG_BITS, Hits, Postings
from cleaner.minhash.shingles import shingles, text_hashes
from cleaner.near_duplicates.feature_sets import SHINGLE, FeatureSets, feature_sets
from cleaner.near_duplicates.verdicts import LEADS, LinkFlags, Verdicts, judge
from cleaner.settings.schema import NearDuplicateSettings
from cleaner.words.hashing import mix
from cleaner.words.tokenising import Words

ONE_LEADS, OTHER_LEADS, APART = LinkFlags.LEFT_LEADS, LinkFlags.RIGHT_LEADS, LinkFlags.APART
"""Flags of a link, seen from the article with the lower number."""
Kept = dict[int, tuple[float, int]]
"""By the number of an article: score and flags of the link to it."""
_SHARE = 8  # of its shingles a text posts one in so many,
_LEAST = 32  # and at least so many
_ERRORS = 2.5  # standard errors that what two texts share may lie below what a verdict asks for
_FEWEST = 2  # posted shingles that two texts share: one says nothing
_LIKELY = 0.9  # of what the mildest verdict asks for on average, from which on all candidates are compared,
_DOUBTFUL = 4  # and so many of those below
_SIZES = 12 * 2 ** (np.arange(16) / 2)  # shingles from which on a text has each tag
_SCRAMBLE = np.uint32(0x9E3779B1)  # odd: hashes that are posted for being low are spread out, one to one
_TEXT = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is made of the texts of a batch."""

    hashes: NDArray[np.uint64]
    """(texts,) hash of the whole sequence of words, 0 for none."""
    profiles: FeatureSets
    posted: NDArray[np.uint32]
    """The sample of the shingles, text after text."""
    offsets: NDArray[np.int64]
    """(texts + 1,) where the sample of each text begins."""

    def sizes(self) -> NDArray[np.int64]:
        """Return the (texts,) number of different shingles."""
        sizes: NDArray[np.int64] = self.profiles.counts[SHINGLE]
        return sizes

    def names(self) -> NDArray[np.uint32]:
        """Return a (texts,) hash of the whole text, to be posted."""
        return (mix(self.hashes ^ _TEXT) >> np.uint64(32)).astype(np.uint32)


def texts_of(words: Words, settings: NearDuplicateSettings) -> Texts:
    """Make what is needed to find and compare a batch of texts."""
    grams = shingles(words, settings.shingle_words, settings.shingle_characters)
    text = np.repeat(np.arange(len(words), dtype=np.uint64) << np.uint64(32), np.diff(grams.offsets))
    keys = mix(grams.hashes.astype(np.uint64)) >> np.uint64(32) | text
    keys = distinct(keys)
    edges = np.searchsorted(keys, np.arange(len(words) + 1, dtype=np.uint64) << np.uint64(32))
    low = keys.astype(np.uint32)
    kept = (low < np.uint32((1 << 32) // _SHARE)) | (concatenated_ranges(np.diff(edges)) < _LEAST)
    kept &= np.repeat(np.diff(edges) >= settings.min_shingles, np.diff(edges))
    offsets = np.concatenate([[0], np.cumsum(kept)])[edges]
    return Texts(text_hashes(words), feature_sets(words, grams), low[kept], offsets)


def tags_of(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the tags that say how many shingles texts have."""
    return np.maximum(np.searchsorted(_SIZES, sizes, "right") - 1, 0)


def post(postings: Postings, texts: Texts, rows: NDArray[np.int64], which: NDArray[np.bool_]) -> None:
    """Add some texts of a batch to the lists; `rows` are the numbers of all."""
    counts = np.where(which, np.diff(texts.offsets), 0)
    at = np.repeat(texts.offsets[:-1], counts) + concatenated_ranges(counts)
    tags = tags_of(texts.sizes())
    postings.add(texts.posted[at] * _SCRAMBLE, np.repeat(rows, counts), np.repeat(tags, counts))
    named = which & (texts.hashes > 0)
    postings.add(texts.names()[named], rows[named], tags[named])


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs worth comparing: place in the batch and number of an article, best or oldest first for each place."""

    asked: NDArray[np.int64]
    rows: NDArray[np.int64]


def candidates(
    postings: Postings, texts: Texts, before: NDArray[np.int64], settings: NearDuplicateSettings
) -> Candidates:
    """Return for each text of a batch the articles that could be near-duplicates of it.

    `before`: (texts,) only articles with a lower number count.
    """
    counts = np.diff(texts.offsets)
    text = np.repeat(np.arange(counts.size), counts)
    hits = postings.find(texts.posted * _SCRAMBLE, before[text])
    found = _together(text, hits)
    own = texts.sizes()[found.asked]
    least = _least(own, _SIZES[found.tags], settings)
    open_share = np.bincount(text, ~hits.full, counts.size) / np.maximum(counts, 1)
    open_least = np.maximum(least * open_share[found.asked], 1)
    good = (found.shared >= _below(least)) | (found.rare >= _below(open_least))
    # How much of what a verdict asks for is there: most pairs that are short of it share a passage and no more.
    grade = np.maximum(found.shared / least, found.rare / open_least)[good]
    asked, rows = found.asked[good], found.rows[good]
    order = np.lexsort((rows, -grade, asked))
    asked, rows, grade = asked[order], rows[order], grade[order]
    place = concatenated_ranges(np.bincount(asked, minlength=counts.size))
    likely = np.bincount(asked, grade >= _LIKELY, counts.size)
    kept = (place < settings.candidates) & (place < likely[asked] + _DOUBTFUL)
    return Candidates(asked[kept], rows[kept])


@dataclass(frozen=True, slots=True)
class _Found:
    """Each (text, article) of some hits, with the number of shingles that both posted: of all, and of rare ones.

    Those that share too few for any verdict are left out.
    """

    asked: NDArray[np.int64]
    rows: NDArray[np.int64]
    tags: NDArray[np.int64]
    shared: NDArray[np.int64]
    rare: NDArray[np.int64]


def _together(text: NDArray[np.int64], hits: Hits) -> _Found:
    """Count the hits of each (text, article); `text`: (hashes,) which text each hash is of."""
    label = text << ROW_BITS + TAG_BITS + 1 | hits.full
    code = label[hits.asked] | hits.codes << 1
    code.sort()
    pair = code >> 1
    edges = np.flatnonzero(np.concatenate([pair[:1] >= 0, pair[1:] != pair[:-1], pair[:1] >= 0]))
    many = np.diff(edges) >= _FEWEST
    first, stop = edges[:-1][many], edges[1:][many]
    full = np.concatenate([[0], np.cumsum(code & 1)])
    pair, shared = pair[first], stop - first
    rows, tags = pair >> TAG_BITS & (1 << ROW_BITS) - 1, pair & (1 << TAG_BITS) - 1
    return _Found(pair >> ROW_BITS + TAG_BITS, rows, tags, shared, shared - full[stop] + full[first])


def _least(one: NDArray[np.int64], other: NDArray[np.float64], settings: NearDuplicateSettings) -> NDArray[np.float64]:
    """Return how many posted shingles two texts share on average if the mildest verdict just passes."""
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    jaccard = min(settings.jaccard, settings.edited_jaccard)
    same = jaccard / (1 + jaccard) * (smaller + larger)
    contained = min(settings.containment, settings.abridged_containment) * smaller
    posted = np.maximum(1 / _SHARE, np.minimum(_LEAST / np.maximum(larger, 1), 1))
    return np.minimum(same, contained) * posted


def _below(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many a sample with this mean has at least, but for chance."""
    return np.maximum(mean - _ERRORS * np.sqrt(mean), _FEWEST)


def copies(postings: Postings, texts: Texts, before: NDArray[np.int64]) -> Candidates:
    """Return for each text the articles that may have the very same words: their hashes are to be compared."""
    live = np.flatnonzero(texts.hashes > 0)
    hits = postings.find(texts.names()[live], before[live])
    order = np.lexsort((hits.rows, hits.asked))
    return Candidates(live[hits.asked[order]], hits.rows[order])


def compare(
    parts: Sequence[Texts], left: NDArray[np.int64], right: NDArray[np.int64], settings: NearDuplicateSettings
) -> Verdicts:
    """Compare pairs of texts exactly; texts are numbered through all parts."""
    return judge(FeatureSets.join([part.profiles for part in parts]).overlap(left, right), settings)


def flags(verdicts: Verdicts) -> NDArray[np.uint8]:
    """Return the flags of links between texts of which the left has the lower number."""
    return verdicts.flags & np.uint8(LEADS | APART)


def turned(verdict: int) -> int:
    """Return the flags of a link seen from its other end."""
    return LinkFlags(verdict).turned()
