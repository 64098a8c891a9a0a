"""Which articles hold a feature: sorted lists of article numbers in SQLite, eight bytes an entry.

A table with a row for each entry takes twenty bytes an entry and writes a page of the file for each. Here entries wait
in one sorted array, the delta; every commit stores what it adds to that, its share, as one blob. The space of hashes is
cut into ranges; when the delta holds enough entries of a range, that range alone is merged with its main part, which is
stored in pieces of a few hundred entries. So adding costs about as much in a large index as in a small one, and looking
up a feature reads one piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.ragged import concatenated_ranges
from cleaner.index.database import Database
from cleaner.index.keys import ROW_BITS

TAG_BITS = 32 - ROW_BITS
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
_RANGE_BITS = 6
_RANGES = 1 << _RANGE_BITS
_LEAST_FLUSH = 4096  # entries of a range that are worth a merge
_SHARE_FLUSH = 16  # a merge waits for a sixteenth of the main entries: each is rewritten about sixteen times in all
_PIECE = 192  # entries: a piece and its row fill less than a page of the file


@dataclass(frozen=True, slots=True)
class Hits:
    """What a look-up found."""

    asked: NDArray[np.int64]
    """(hits,) place of the hash among those asked for, in any order."""
    codes: NDArray[np.int64]
    """(hits,) number of an article that holds it << TAG_BITS | what was noted with it."""
    full: NDArray[np.bool_]
    """(hashes,) whether the list of a hash is as long as lists get: more articles may hold it."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """Return the (hits,) numbers of the articles."""
        return self.codes >> TAG_BITS

    @property
    def tags(self) -> NDArray[np.int64]:
        """Return what was noted with them, (hits,) from 0 to 15."""
        return self.codes & (1 << TAG_BITS) - 1


class Postings:
    """Lists of article numbers by 32-bit hash. Of a long list `most` entries are kept: the oldest or the newest."""

    def __init__(self, db: Database, name: str, most: int, keep: Literal["oldest", "newest"]) -> None:
        self._db, self._name, self._most, self._keep = db, name, most, keep
        self._waiting: list[NDArray[np.uint64]] = []
        self._delta: list[NDArray[np.uint64]] = []  # sorted arrays, each at most half as long as the one before
        self._counts = np.zeros(_RANGES, np.int64)  # entries of each range in the delta
        self._main = np.zeros(_RANGES, np.int64)  # entries of each range in the main part
        self._bits = np.zeros(_RANGES, np.int64)  # the main part of each range has 2^bits pieces
        self._flushed = np.zeros(_RANGES, np.int64)  # the last share of the delta that is merged
        self._last = 0

    def create(self) -> None:
        """Make the tables."""
        self._db.run(f"CREATE TABLE {self._name}_delta (share INTEGER PRIMARY KEY, entries BLOB NOT NULL)")
        self._db.run(f"CREATE TABLE {self._name}_main (piece INTEGER PRIMARY KEY, entries BLOB NOT NULL)")
        self._db.run(
            f"CREATE TABLE {self._name}_range"
            " (range INTEGER PRIMARY KEY, size INTEGER NOT NULL, bits INTEGER NOT NULL, flushed INTEGER NOT NULL)"
        )

    def clear(self) -> None:
        """Remove all entries."""
        for part in ("delta", "main", "range"):
            self._db.run(f"DELETE FROM {self._name}_{part}")  # noqa: S608 - our own name
        self.load()

    def load(self) -> None:
        """Read the state of the file: when it was opened, and after another process has written."""
        for values in (self._main, self._bits, self._flushed, self._counts):
            values[:] = 0
        for number, size, bits, flushed in self._db.rows(f"SELECT * FROM {self._name}_range"):  # noqa: S608
            self._main[number], self._bits[number], self._flushed[number] = size, bits, flushed
        self._waiting, self._delta, self._last = [], [], int(self._flushed.max())
        found = [np.zeros(0, np.uint64)]
        for share, data in self._db.rows(f"SELECT share, entries FROM {self._name}_delta ORDER BY share"):  # noqa: S608
            entries = np.frombuffer(data, np.uint64)
            found.append(entries[self._flushed[_range(entries)] < share])
            self._last = max(self._last, share)
        self._take(np.concatenate(found))

    def add(self, hashes: NDArray[np.uint32], rows: NDArray[np.int64], tags: NDArray[np.int64]) -> None:
        """Note that article `rows[i]` holds `hashes[i]`. They can be looked up at once, and are stored by `save`."""
        low = rows.astype(np.uint64) << np.uint64(TAG_BITS) | tags.astype(np.uint64)
        entries = hashes.astype(np.uint64) << _HALF | low
        self._waiting.append(entries)
        self._take(entries)

    def _take(self, entries: NDArray[np.uint64]) -> None:
        self._counts += np.bincount(_range(entries), minlength=_RANGES)
        self._delta.append(np.sort(entries))
        while len(self._delta) > 1 and 2 * self._delta[-1].size > self._delta[-2].size:
            merged = np.concatenate([self._delta.pop(), self._delta.pop()])
            merged.sort(kind="stable")
            self._delta.append(merged)

    def save(self) -> None:
        """Write what was added since the last call, and merge the ranges that are due."""
        if not self._waiting:
            return
        entries = np.concatenate(self._waiting)
        entries.sort()
        self._waiting = []
        self._last += 1
        self._db.run(f"INSERT INTO {self._name}_delta VALUES (?, ?)", (self._last, entries.tobytes()))  # noqa: S608
        due = np.flatnonzero(self._counts > np.maximum(_LEAST_FLUSH, self._main // _SHARE_FLUSH))
        for number in due.tolist():
            self._merge(number)
        if due.size:
            self._db.run(f"DELETE FROM {self._name}_delta WHERE share <= ?", (int(self._flushed.min()),))  # noqa: S608

    def _merge(self, number: int) -> None:
        """Merge the delta of a range into its main part."""
        begin, end = number << 58, (number + 1 << 58) - 1
        parts = [np.zeros(0, np.uint64)]
        for at, some in enumerate(self._delta):
            first, stop = np.searchsorted(some, np.array([begin, end], np.uint64), "left")
            parts.append(some[first:stop])
            self._delta[at] = np.concatenate([some[:first], some[stop:]])
        span = (number << 26, (number + 1 << 26) - 1)
        old = self._db.rows(
            f"SELECT entries FROM {self._name}_main WHERE piece BETWEEN ? AND ? ORDER BY piece",  # noqa: S608
            span,
        )
        parts.append(np.frombuffer(b"".join(data for (data,) in old), np.uint64))
        entries = np.concatenate(parts)
        entries.sort(kind="stable")
        entries = self._shortened(entries)
        self._db.run(f"DELETE FROM {self._name}_main WHERE piece BETWEEN ? AND ?", span)  # noqa: S608
        bits = max(0, int(entries.size // _PIECE).bit_length())
        pieces = _piece(entries, np.full(entries.size, bits))
        first = np.flatnonzero(np.diff(pieces, prepend=-1))
        self._db.run_each(
            f"INSERT INTO {self._name}_main VALUES (?, ?)",  # noqa: S608
            zip(pieces[first].tolist(), (some.tobytes() for some in np.split(entries, first[1:])), strict=False),
        )
        self._counts[number], self._main[number] = 0, entries.size
        self._bits[number], self._flushed[number] = bits, self._last
        self._db.run(
            f"INSERT OR REPLACE INTO {self._name}_range VALUES (?, ?, ?, ?)",  # noqa: S608
            (number, entries.size, bits, self._last),
        )

    def _shortened(self, entries: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Cut long lists to the entries that are kept."""
        hashes = entries >> _HALF
        sizes = np.diff(np.flatnonzero(np.concatenate([[True], hashes[1:] != hashes[:-1], [True]]))[: entries.size + 1])
        place = concatenated_ranges(sizes)
        if self._keep == "newest":
            place = np.repeat(sizes, sizes) - 1 - place
        return entries[place < self._most]

    def find(self, hashes: NDArray[np.uint32], before: NDArray[np.int64]) -> Hits:
        """Look hashes up; `before[i]`: only articles with a lower number count for `hashes[i]`."""
        keys = hashes.astype(np.uint64) << _HALF
        ascending = np.argsort(keys)  # of equal ones in any order; searching in order is many times as fast
        keys, limits = keys[ascending], np.minimum(before[ascending].astype(np.uint64) << np.uint64(TAG_BITS), _LOW)
        asked, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        left = np.full(keys.size, self._most)
        oldest = self._keep == "oldest"
        parts = [self._read(keys), *self._delta]  # each part has later articles of a hash than the part before it
        for entries in parts if oldest else reversed(parts):
            first = np.searchsorted(entries, keys)
            stop = np.searchsorted(entries, keys | limits)
            counts = np.minimum(stop - first, left)
            left -= counts
            at = np.repeat(first if oldest else stop - counts, counts) + concatenated_ranges(counts)
            asked.append(np.repeat(ascending, counts))
            codes.append((entries[at] & _LOW).astype(np.int64))
        full = np.zeros(keys.size, bool)
        full[ascending] = left == 0
        return Hits(np.concatenate(asked), np.concatenate(codes), full)

    def _read(self, keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """Return the main pieces that could hold the keys, joined: sorted, as pieces follow the order of hashes."""
        ranges = _range(keys)
        wanted = np.unique(_piece(keys, self._bits[ranges])[self._main[ranges] > 0]).tolist()
        query = f"SELECT entries FROM {self._name}_main WHERE piece IN (?) ORDER BY piece"  # noqa: S608
        return np.frombuffer(b"".join(data for (data,) in self._db.selected(query, wanted)), np.uint64)


def _range(entries: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (entries >> np.uint64(64 - _RANGE_BITS)).astype(np.int64)


def _piece(entries: NDArray[np.uint64], bits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the piece that holds each entry, where its range has 2^bits pieces."""
    hashes = (entries >> _HALF).astype(np.int64)
    rest = 32 - _RANGE_BITS
    return hashes >> rest << rest | (hashes & (1 << rest) - 1) >> rest - bits
