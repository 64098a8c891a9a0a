"""Arrays with a row for every article, that move out of memory when they grow large."""

from __future__ import annotations

import itertools
import mmap
import tempfile
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
Item = TypeVar("Item")
BYTES_IN_MEMORY = 1 << 29
"""Larger tables live in a file: half a million articles are at about the memory of a small machine by then."""
BLOCK_ROWS = 2048
"""Rows of a block: what is made of them stays in the cache."""


def allocate(shape: tuple[int, int], kind: type[Scalar], in_memory: int | None = None) -> NDArray[Scalar]:
    """Return a table of zeros: in memory, or in a file without a name if it has more than `in_memory` bytes.

    The file has no directory entry from the start, so its space is free again when the table is dropped or the process
    dies. The system keeps in memory what is in use and writes the rest out; raises OSError if the disk is full.
    """
    if shape[0] * shape[1] * np.dtype(kind).itemsize <= (BYTES_IN_MEMORY if in_memory is None else in_memory):
        return np.zeros(shape, kind)
    with tempfile.TemporaryFile(prefix="cleaner-") as file:
        return np.memmap(file, kind, "w+", shape=shape)


def spilled(values: NDArray[Scalar], in_memory: int = 0) -> NDArray[Scalar]:
    """Return a row of values that will be read later, in a file if it has more than `in_memory` bytes."""
    if values.nbytes <= in_memory:
        return values
    copy = allocate((values.size, 1), values.dtype.type, 0)[:, 0]
    copy[:] = values
    release(copy)
    return copy


class Columns(Protocol):
    """Arrays with a row for each of the same things, made anew of such arrays."""

    def __init__(self, *columns: NDArray[Any]) -> None: ...

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All columns, in the order in which it is made of them."""


Stacked = TypeVar("Stacked", bound=Columns)


def stacked(parts: Sequence[Stacked]) -> Stacked:
    """Put tables one below the other, in memory. A thousand tables of one row take a moment."""
    return type(parts[0])(*(np.concatenate(columns) for columns in zip(*(part.arrays for part in parts), strict=True)))


class Table(Protocol):
    """Columns that can be cut into blocks of rows."""

    def __len__(self) -> int: ...

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The columns that may be in files."""

    def rows(self, start: int, stop: int) -> Self:
        """Return consecutive rows, as a view."""


Blocks = TypeVar("Blocks", bound=Table)


def blocks(table: Blocks) -> Iterator[tuple[int, Blocks]]:
    """Go through a table: yield the number of the first row of each block, and the block.

    What was read or written does not stay in memory.
    """
    starts = range(0, len(table), BLOCK_ROWS)
    return releasing(((start, table.rows(start, start + BLOCK_ROWS)) for start in starts), *table.arrays)


def releasing(steps: Iterable[Item], *tables: NDArray[Any]) -> Iterator[Item]:
    """Yield the steps of some work; what it touches of tables in files does not stay in memory from step to step."""
    for step in steps:
        release(*tables)
        yield step
        del step  # the next one is made in the memory of this one
        release(*tables)


def merged(runs: Sequence[NDArray[Scalar]], edges: NDArray[Scalar]) -> Iterator[NDArray[Scalar]]:
    """Yield what sorted arrays hold from each edge up to the next, sorted; what was read does not stay in memory."""
    cuts = np.stack([np.searchsorted(run, edges) for run in runs]).T.tolist()
    parts = (
        [run[begin:end] for run, begin, end in zip(runs, begins, ends, strict=True)]
        for begins, ends in itertools.pairwise(cuts)
    )
    return releasing((np.sort(np.concatenate(part)) for part in parts), *runs)


def release(*tables: NDArray[Any]) -> None:
    """Let the system use the memory of tables in files for something else, until they are read again.

    What was read of a mapped file would otherwise count as memory of the process until the table is dropped.
    """
    for values in tables:
        owner: object = values
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            owner.madvise(mmap.MADV_DONTNEED)
