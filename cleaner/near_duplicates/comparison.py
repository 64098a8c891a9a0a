"""Candidate pairs to verdicts: each text's words are read from its chunk, and compared exactly.

Pairs are cut into tasks such that the pairs of a text are mostly in one; a task says where its texts stand and returns
a few bytes a pair, so that any process can do it and none needs much memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import distinct
from cleaner.arrays.pairs import Pairs, components
from cleaner.arrays.ragged import slices
from cleaner.arrays.spilling import stacked
from cleaner.minhash.shingles import shingles
from cleaner.near_duplicates.feature_sets import FeatureSets, feature_sets
from cleaner.near_duplicates.fingerprints import StoredFingerprints, unpacked_words
from cleaner.near_duplicates.verdicts import Verdicts, judge
from cleaner.pool import OrderedMap
from cleaner.settings.schema import NearDuplicateSettings

_TASKS = 64
"""Tasks into which the pairs are cut, so that all processes have work to the end."""
_WORDS_A_TASK = (1 << 18, 1 << 22)
"""The least and the most words in the pairs of a task, whatever the number of tasks: each opens most of the files."""
_WORDS_AT_ONCE = 1 << 16
"""Words of which features are made at once, so that these stay in the cache."""


class StoredWords(NamedTuple):
    """Where the packed words of texts stand."""

    chunks: Sequence[StoredFingerprints]
    chunk: NDArray[np.int32]
    """(texts,) number of the chunk that holds each text."""
    begins: NDArray[np.int64]
    """(texts,) place of the first word of each text among all words of its chunk."""
    words: NDArray[np.int32]
    """(texts,) number of words of each text."""

    def take(self, texts: NDArray[np.int64]) -> StoredWords:
        """Return where the texts with these numbers stand."""
        return StoredWords(self.chunks, self.chunk[texts], self.begins[texts], self.words[texts])


def compare(
    stored: StoredWords, pairs: Pairs, settings: NearDuplicateSettings, share: OrderedMap
) -> tuple[Pairs, Verdicts]:
    """Compare the two texts of each pair; return the pairs again, in another order, with verdicts."""
    left, right = pairs
    pairs = pairs.take(np.lexsort((right, left, components(stored.words.size, left, right)[left])))
    return pairs, stacked([Verdicts.none(), *share(_compared, _tasks(stored, pairs, settings))])


class _Task(NamedTuple):
    """Pairs to be compared."""

    pairs: Pairs
    """Places in the list of texts."""
    files: Sequence[Path]
    file: NDArray[np.int32]
    """(texts,) the number of the file that holds each text."""
    begins: NDArray[np.int64]
    """(texts,) the first byte of each text in its file."""
    words: NDArray[np.int32]
    """(texts,) the number of words of each text."""
    settings: NearDuplicateSettings


def _tasks(stored: StoredWords, pairs: Pairs, settings: NearDuplicateSettings) -> Iterator[_Task]:
    left, right = pairs
    sizes = stored.words[left].astype(np.int64) + stored.words[right]
    least, most = _WORDS_A_TASK
    for part in slices(sizes, max(least, min(most, int(sizes.sum()) // _TASKS))):
        texts = distinct(np.concatenate([left[part], right[part]]))
        there = stored.take(texts)
        used = distinct(there.chunk.copy())
        chunks = [stored.chunks[chunk] for chunk in used.tolist()]
        file = np.searchsorted(used, there.chunk).astype(np.int32)
        bases = np.array([chunk.hashes_begin for chunk in chunks], np.int64)
        yield _Task(
            Pairs(np.searchsorted(texts, left[part]), np.searchsorted(texts, right[part])),
            [chunk.file.path for chunk in chunks],
            file,
            bases[file] + 4 * there.begins,
            there.words,
            settings,
        )


def _compared(task: _Task) -> Verdicts:
    """Return the verdicts of a task."""
    settings = task.settings
    hashes, counts = _read(task), task.words.astype(np.int64)
    ends = np.cumsum(counts)
    made = []
    for part in slices(counts, _WORDS_AT_ONCE):
        batch = unpacked_words(hashes[ends[part.start] - counts[part.start] : ends[part.stop - 1]], counts[part])
        made.append(feature_sets(batch, shingles(batch, settings.shingle_words, settings.shingle_characters)))
    return judge(FeatureSets.join(made).overlap(*task.pairs), settings)


def _read(task: _Task) -> NDArray[np.uint32]:
    """Return the packed words of the texts, text after text."""
    packed = np.empty(task.words.sum(dtype=np.int64), np.uint32)
    view = memoryview(packed.data).cast("B")
    ends = 4 * np.cumsum(task.words, dtype=np.int64)
    with contextlib.ExitStack() as stack:
        file, opened = None, -1
        order = np.lexsort((task.begins, task.file))
        spans = (task.file, task.begins, ends - 4 * task.words.astype(np.int64), ends)
        for number, at, begin, end in zip(*(values[order].tolist() for values in spans), strict=True):
            if file is None or number != opened:
                stack.close()
                file, opened = stack.enter_context(task.files[number].open("rb", buffering=0)), number
            file.seek(at)
            if file.readinto(view[begin:end]) != end - begin:
                raise OSError(f"{task.files[number]}: ends too soon")
    return packed
