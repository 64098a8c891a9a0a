"""Near-duplicates in an index: candidates from a sample of each text's shingles, compared exactly.

Signatures would need a hundred entries an article. Instead every text posts the shingles with the lowest hashes: a
fixed share of all its shingles, and of a short text a fixed number. A shingle that two texts share is posted by both or
by neither, so the posted shingles that they share tell how many they share in all (a bottom-k sketch: Cohen and Kaplan,
Summarizing Data using Bottom-k Sketches, 2007). Candidates that could pass are compared exactly, from their stored
texts, as `cleaner.near_duplicates` compares them.
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
from cleaner.near_duplicates.verdicts import LinkFlags, Verdicts, judge
from cleaner.settings.schema import NearDuplicateSettings
from cleaner.words.hashing import mix
from cleaner.words.tokenising import Words

# Plain numbers, as they are stored: operations on Python's flags take thirty times as long.
ONE_LEADS = int(LinkFlags.LEFT_LEADS)
"""Flag of a link: the article with the lower number may stand for the other."""
OTHER_LEADS = int(LinkFlags.RIGHT_LEADS)
"""Flag of a link: the article with the higher number may stand for the other."""
APART = int(LinkFlags.APART)
"""Flag of a link: the two must not meet in a group."""
LEADS = ONE_LEADS | OTHER_LEADS
"""Flags of a link, either of which makes the two near-duplicates."""
RowLinks = dict[int, tuple[float, int]]
"""The links of one article: score and flags by the number of the article at the other end."""
_SHARE = 8  # a text posts one in 8 of its shingles
_LEAST = 32  # a text posts 32 shingles at least, or all if it has fewer
_ERRORS = 2.5  # standard errors that the number of shared shingles may lie below what a verdict asks for
_FEWEST = 2  # posted shingles that candidates share: one says nothing
_LIKELY = 0.9  # part of what the mildest verdict asks for on average: candidates that share as much are all compared
_DOUBTFUL = 4  # candidates that share less and are compared, for each text
_SIZES = 12 * 2 ** (np.arange(16) / 2)  # the least number of shingles of a text with each tag
_SCRAMBLE = np.uint32(0x9E3779B1)  # odd: hashes that are posted for being low are spread out, one to one
_TEXT = np.uint64(0xA0761D6478BD642F)


@dataclass(frozen=True, slots=True)
class Texts:
    """What the texts of a batch are found and compared by."""

    hashes: NDArray[np.uint64]
    """(texts,) hash of the whole sequence of words, 0 for none."""
    features: FeatureSets
    posted: NDArray[np.uint32]
    """(posted,) hashes of the shingles that are posted, text after text."""
    offsets: NDArray[np.int64]
    """(texts + 1,) where the posted shingles of each text begin."""

    def sizes(self) -> NDArray[np.int64]:
        """Return the (texts,) number of different shingles."""
        sizes: NDArray[np.int64] = self.features.counts[SHINGLE]
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
    """Return the (texts,) tags, 0 to 15, that say about how many shingles texts have."""
    return np.maximum(np.searchsorted(_SIZES, sizes, "right") - 1, 0)


def post(postings: Postings, texts: Texts, rows: NDArray[np.int64], which: NDArray[np.bool_]) -> None:
    """Enter the texts `which` of a batch into the lists. `rows`: (texts,) the numbers of all of them."""
    counts = np.where(which, np.diff(texts.offsets), 0)
    at = np.repeat(texts.offsets[:-1], counts) + concatenated_ranges(counts)
    tags = tags_of(texts.sizes())
    postings.add(texts.posted[at] * _SCRAMBLE, np.repeat(rows, counts), np.repeat(tags, counts))
    named = which & (texts.hashes > 0)
    postings.add(texts.names()[named], rows[named], tags[named])


@dataclass(frozen=True, slots=True)
class CandidatePairs:
    """Pairs of a text of a batch and a stored article that are worth comparing, text after text."""

    asked: NDArray[np.int64]
    """(pairs,) place of the text in the batch, ascending."""
    rows: NDArray[np.int64]
    """(pairs,) number of the article; for each text the best one first (`candidates`) or the oldest (`copies`)."""


def candidates(
    postings: Postings, texts: Texts, before: NDArray[np.int64], settings: NearDuplicateSettings
) -> CandidatePairs:
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
    # The part of what a verdict asks for that two texts share: most pairs with less share a passage and no more.
    grade = np.maximum(found.shared / least, found.rare / open_least)[good]
    asked, rows = found.asked[good], found.rows[good]
    order = np.lexsort((rows, -grade, asked))
    asked, rows, grade = asked[order], rows[order], grade[order]
    place = concatenated_ranges(np.bincount(asked, minlength=counts.size))
    likely = np.bincount(asked, grade >= _LIKELY, counts.size)
    kept = (place < settings.candidates) & (place < likely[asked] + _DOUBTFUL)
    return CandidatePairs(asked[kept], rows[kept])


@dataclass(frozen=True, slots=True)
class _SharedPosts:
    """Pairs of a text and an article that share enough posted shingles for a verdict, and how many they share."""

    asked: NDArray[np.int64]
    """(pairs,) place of the text in the batch."""
    rows: NDArray[np.int64]
    """(pairs,) number of the article."""
    tags: NDArray[np.int64]
    """(pairs,) tag of the article: about how many shingles it has (`tags_of`)."""
    shared: NDArray[np.int64]
    """(pairs,) shingles that both posted."""
    rare: NDArray[np.int64]
    """(pairs,) shingles that both posted and whose lists are not full."""


def _together(text: NDArray[np.int64], hits: Hits) -> _SharedPosts:
    """Count the hits of each pair of a text and an article. `text`: (hashes,) place of the text each hash is of."""
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
    return _SharedPosts(pair >> ROW_BITS + TAG_BITS, rows, tags, shared, shared - full[stop] + full[first])


def _least(one: NDArray[np.int64], other: NDArray[np.float64], settings: NearDuplicateSettings) -> NDArray[np.float64]:
    """Return how many posted shingles two texts share on average if the mildest verdict just passes."""
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    jaccard = min(settings.jaccard, settings.edited_jaccard)
    same = jaccard / (1 + jaccard) * (smaller + larger)
    contained = min(settings.containment, settings.abridged_containment) * smaller
    posted = np.maximum(1 / _SHARE, np.minimum(_LEAST / np.maximum(larger, 1), 1))
    return np.minimum(same, contained) * posted


def _below(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of shingles that a sample with this mean falls short of by rare chance alone."""
    return np.maximum(mean - _ERRORS * np.sqrt(mean), _FEWEST)


def copies(postings: Postings, texts: Texts, before: NDArray[np.int64]) -> CandidatePairs:
    """Return for each text the articles that may have the very same words; whoever asks has to compare them."""
    live = np.flatnonzero(texts.hashes > 0)
    hits = postings.find(texts.names()[live], before[live])
    order = np.lexsort((hits.rows, hits.asked))
    return CandidatePairs(live[hits.asked[order]], hits.rows[order])


def compare(
    parts: Sequence[Texts], left: NDArray[np.int64], right: NDArray[np.int64], settings: NearDuplicateSettings
) -> Verdicts:
    """Compare the texts `left[i]` and `right[i]` exactly, for all i. Texts are numbered through all parts."""
    return judge(FeatureSets.join([part.features for part in parts]).overlap(left, right), settings)


def flags(verdicts: Verdicts) -> NDArray[np.uint8]:
    """Return the flags of links whose left text has the lower number."""
    return verdicts.flags & np.uint8(LEADS | APART)


def turned(verdict: int) -> int:
    """Return the flags of a link seen from its other end."""
    return int(LinkFlags(verdict).turned())
