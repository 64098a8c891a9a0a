"""A file with what grouping and writing need of consecutive articles.

This is the only module that knows its arrays and facts by name, beside `near_duplicates.fingerprints`, which knows
those of fingerprints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.chunk_files import ChunkFile, StoredArray, load, save
from cleaner.article import Id, Rejected
from cleaner.near_duplicates.fingerprints import Fingerprints, StoredFingerprints
from cleaner.stories.terms import Terms

FORMAT = 6
"""Version of what the files hold. Work that was begun with another one must begin anew."""
_TERMS = ("term_keys", "term_counts", "term_lead", "term_before", "term_after")  # the columns of `Terms`
Counts = tuple[dict[str, int], dict[str, int], dict[str, int]]
"""Blocks removed by rule, repairs by step, and flags, as `Report` counts them."""


class Facts(NamedTuple):
    """What is known of consecutive inputs besides arrays."""

    ids: Sequence[Id]
    dates: Sequence[str | None]
    """(articles,) date of publication (ISO 8601)."""
    sites: Sequence[str | None]
    """(articles,) host; empty if no article has one."""
    rejected: Sequence[Rejected]
    """The inputs between these articles that gave none."""
    counts: Counts


class Arrays(NamedTuple):
    """What is known of consecutive articles as arrays."""

    sizes: NDArray[np.int32]
    """(articles,) number of words."""
    texts: NDArray[np.uint64]
    """(articles,) hash of the whole sequence of words, 0 for none."""
    days: NDArray[np.int32]
    """(articles,) proleptic ordinal day of publication, 0 where unknown."""
    marks: NDArray[np.uint8]
    """(articles,) what the choice of a canonical article looks at, as `canonical.marks_of` gives it."""
    middles: NDArray[np.int64]
    """(articles,) bytes of the first half of each record; its group fields are to stand behind them."""
    lengths: NDArray[np.int64]
    """(articles,) bytes of each record."""
    records: NDArray[np.uint8]
    """(bytes,) the records in JSON, without group fields, one after the other."""


@dataclass(frozen=True)
class ArticleChunk:
    """The file of consecutive articles.

    Its arrays are those of `Arrays`. Each is read when it is asked for, and not kept.
    """

    file: ChunkFile
    facts: Facts = field(init=False)

    sizes = StoredArray(np.int32)
    texts = StoredArray(np.uint64)
    days = StoredArray(np.int32)
    marks = StoredArray(np.uint8)
    middles = StoredArray(np.int64)
    lengths = StoredArray(np.int64)
    records = StoredArray(np.uint8)

    @classmethod
    def load(cls, path: Path) -> ArticleChunk:
        """Open a file that `write_chunk` made."""
        return cls(load(path))

    def __post_init__(self) -> None:
        facts = dict(self.file.facts)
        facts["rejected"] = [Rejected(*values) for values in facts["rejected"]]
        object.__setattr__(self, "facts", Facts(**facts))

    def __len__(self) -> int:
        """Return the number of articles."""
        return len(self.facts.ids)

    @property
    def inputs(self) -> int:
        """How many inputs these are: each gave an article or was rejected."""
        return len(self.facts.ids) + len(self.facts.rejected)

    @property
    def records_begin(self) -> int:
        """The first byte of the records in the file."""
        return self.file.columns["records"].offset

    def fingerprints(self) -> StoredFingerprints:
        """Return the fingerprints of the texts, if near-duplicates were asked for."""
        return StoredFingerprints(self.file)

    def terms(self) -> Terms:
        """Read the terms of the articles, if stories were asked for."""
        return Terms(*(self.file.array(name) for name in _TERMS))


def write_chunk(
    path: Path, facts: Facts, arrays: Arrays, fingerprints: Fingerprints | None, terms: Terms | None
) -> None:
    """Write the file of consecutive articles; None where near-duplicates or stories are not asked for.

    Raises OSError if there is no room for it.
    """
    rejected = [(r.source, r.stage, r.reason, r.line, r.id) for r in facts.rejected]
    found = arrays._asdict()
    if fingerprints is not None:
        found |= fingerprints.arrays()
    if terms is not None:
        found |= dict(zip(_TERMS, terms.arrays, strict=True))
    save(path, facts._asdict() | {"rejected": rejected}, found)
