"""Arrays with a row for every article, that move out of memory when they grow large."""

from __future__ import annotations

import mmap
import tempfile
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
BYTES_IN_MEMORY = 1 << 29
"""Larger tables live in a file: half a million articles are at about the memory of a small machine by then."""


def table(shape: tuple[int, int], kind: type[Scalar], in_memory: int | None = None) -> NDArray[Scalar]:
    """Return a table of zeros, in memory or, past so many bytes (`BYTES_IN_MEMORY`), in a file without a name.

    The file has no directory entry from the start, so its space is free again when the table is let go or the process
    dies. The system keeps in memory what is in use and writes the rest out; raises OSError if the disk is full.
    """
    if shape[0] * shape[1] * np.dtype(kind).itemsize <= (BYTES_IN_MEMORY if in_memory is None else in_memory):
        return np.zeros(shape, kind)
    with tempfile.TemporaryFile(prefix="cleaner-") as file:
        return np.memmap(file, kind, "w+", shape=shape)


def stored(values: NDArray[Scalar], in_memory: int) -> NDArray[Scalar]:
    """Return a row of values that will be read later: as it is or, if it has more than so many bytes, in a file."""
    if values.nbytes <= in_memory:
        return values
    kept = table((values.size, 1), values.dtype.type, 0)[:, 0]
    kept[:] = values
    let_go(kept)
    return kept


class Columns(Protocol):
    """Something made of arrays that have a row for each of the same things, and that is made anew of such arrays."""

    def __init__(self, *columns: NDArray[Any]) -> None: ...

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All columns, in the order in which it is made of them."""


Stacked = TypeVar("Stacked", bound=Columns)


def stacked(parts: Sequence[Stacked]) -> Stacked:
    """Put tables one below the other, in memory: some thousand of a row each take a moment."""
    return type(parts[0])(*(np.concatenate(columns) for columns in zip(*(part.arrays for part in parts), strict=True)))


def let_go(*tables: NDArray[Any]) -> None:
    """Let the system use the memory of tables that are in files for something else, until they are read again.

    For who goes through a table from end to end: what was read would stay until the table is dropped.
    """
    for values in tables:
        owner: object = values
        while isinstance(owner, np.ndarray):
            owner = owner.base
        if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            owner.madvise(mmap.MADV_DONTNEED)
