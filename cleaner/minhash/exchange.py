"""Signatures for other programs: ids and datasketch's own `affine32` signatures, in memory or in an `.npz` file.

What decides inside are one-permutation sketches (`sketches`) and an exact comparison of each candidate; these
signatures are made when they are asked for, to look articles up with datasketch's indexes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Id
from cleaner.formats.files import replacing
from cleaner.minhash.shingles import shingles
from cleaner.minhash.signatures import PERMUTATIONS, SEED, minhash, signatures
from cleaner.words.tokenising import BYTES_PER_BATCH, batches, words

if TYPE_CHECKING:
    from datasketch import LeanMinHash

Text = tuple[Id, str]
"""The id of an article and its text."""


@dataclass(frozen=True, slots=True, repr=False)
class Signatures:
    """The MinHash signatures of some articles."""

    ids: NDArray[Any]
    """(articles,) their ids: numbers if all are, else strings."""
    signatures: NDArray[np.uint32]
    """(articles, permutations) signatures of their word shingles, scheme `affine32` of datasketch 2, seed 1."""

    @classmethod
    def of(cls, texts: Iterable[Text], shingle_words: int, shingle_characters: int) -> Signatures:
        """Sign articles."""
        made = list(_signed(texts, shingle_words, shingle_characters))
        none = np.zeros((0, PERMUTATIONS), np.uint32)
        return cls(_ids([id_ for ids, _ in made for id_ in ids]), np.concatenate([none, *(rows for _, rows in made)]))

    def minhash(self, at: int) -> LeanMinHash:
        """Return one signature as datasketch's frozen MinHash."""
        return minhash(self.signatures[at])

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"<{len(self):,} signatures of {self.signatures.shape[1]} slots>"


def write_signatures(
    path: Path, texts: Iterable[Text], count: int, shingle_words: int, shingle_characters: int
) -> None:
    """Write the signatures of `count` articles to a file for `numpy.load`, with a batch in memory at a time.

    It holds `ids` and `signatures` as in `Signatures`, and `seed`. Raises OSError if it cannot be written.
    """
    ids: list[Id] = []
    with replacing(path) as file, zipfile.ZipFile(file, "w") as archive:
        with _entry(archive, "signatures") as entry:
            _header(entry, (count, PERMUTATIONS))
            for some, rows in _signed(texts, shingle_words, shingle_characters):
                ids += some
                entry.write(rows.tobytes())
        for name, values in (("ids", _ids(ids)), ("seed", np.array(SEED))):
            with _entry(archive, name) as entry:
                np.lib.format.write_array(entry, values, allow_pickle=False)


def _signed(
    texts: Iterable[Text], shingle_words: int, shingle_characters: int
) -> Iterator[tuple[list[Id], NDArray[np.uint32]]]:
    for some in batches(texts, BYTES_PER_BATCH, lambda one: len(one[1])):
        grams = shingles(words([text for _, text in some]), shingle_words, shingle_characters)
        yield [id_ for id_, _ in some], np.ascontiguousarray(signatures(grams))


def _ids(ids: Sequence[Id]) -> NDArray[Any]:
    """Return ids as an array that needs no pickle."""
    whole = bool(ids) and all(isinstance(id_, int) and -(1 << 63) <= id_ < 1 << 63 for id_ in ids)
    return np.array(ids, np.int64) if whole else np.array([str(id_) for id_ in ids], np.str_)


def _entry(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open an entry whose time is always the same, so that the same signatures are the same file."""
    return archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True)


def _header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    np.lib.format.write_array_header_1_0(file, {"descr": "<u4", "fortran_order": False, "shape": shape})
