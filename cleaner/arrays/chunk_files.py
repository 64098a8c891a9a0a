"""Files of named arrays: what is kept of consecutive articles, written once, by any process, and read in parts.

They are safetensors files (https://huggingface.co/docs/safetensors), so that any tool can open one: eight bytes with
the length of the header, the header in JSON, the arrays one after the other. The format allows strings alone in its
metadata, so each fact stands there as JSON. A file appears whole or not at all; whatever is there after a crash can be
used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from cleaner.formats.files import replacing
from cleaner.formats.json_values import encode, parse

_LENGTH = 8
"""Bytes of the number with which a file begins, that of the bytes of its header."""
_ALIGNED = 8
"""The header ends at a multiple of this number of bytes; larger items come first, so all arrays are aligned."""
_DTYPES = {"BOOL": "|b1", "U8": "|u1", "U16": "<u2", "U32": "<u4", "U64": "<u8"}
_DTYPES |= {"I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}
_NAMES = {kind: name for name, kind in _DTYPES.items()}


class Column(NamedTuple):
    """Where an array stands in a file."""

    kind: str
    """Type of its items, as numpy spells it."""
    shape: tuple[int, ...]
    offset: int
    """Its first byte in the file."""


Item = TypeVar("Item", bound=np.generic)


@dataclass(frozen=True, slots=True)
class ChunkFile:
    """A file of arrays, of which only the header is in memory."""

    path: Path
    facts: Mapping[str, Any]
    """What was saved with the arrays, as JSON gives it back."""
    columns: Mapping[str, Column]

    def array(self, name: str) -> NDArray[Any]:
        """Read one of the arrays. Raises KeyError if the file has none of that name, OSError if it was cut off."""
        kind, shape, offset = self.columns[name]
        size = math.prod(shape)
        values = np.fromfile(self.path, kind, size, offset=offset)
        if values.size != size:
            raise OSError(f"{self.path}: ends too soon")
        return values.reshape(shape)


class HasFile(Protocol):
    """Something whose arrays are in a file."""

    @property
    def file(self) -> ChunkFile:
        """The file."""


class StoredArray(Generic[Item]):
    """An attribute of a class with a `file`, read from there, by the attribute's name, each time it is asked for."""

    name: str

    def __init__(self, kind: type[Item]) -> None:
        self.kind = kind

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, holder: None, owner: type) -> StoredArray[Item]: ...

    @overload
    def __get__(self, holder: HasFile, owner: type) -> NDArray[Item]: ...

    def __get__(self, holder: HasFile | None, owner: type) -> StoredArray[Item] | NDArray[Item]:
        return self if holder is None else holder.file.array(self.name)


def save(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file. Raises OSError if there is no room for it."""
    header: dict[str, Any] = {"__metadata__": {key: encode(fact).decode() for key, fact in facts.items()}}
    ordered = sorted(arrays.items(), key=lambda item: -item[1].itemsize)
    end = 0
    for name, values in ordered:
        begin, end = end, end + values.nbytes
        header[name] = {"dtype": _NAMES[values.dtype.str], "shape": values.shape, "data_offsets": (begin, end)}
    head = encode(header)
    head += b" " * (-len(head) % _ALIGNED)
    with replacing(path) as file:
        file.write(len(head).to_bytes(_LENGTH, "little") + head)
        for _, values in ordered:
            file.write(np.ascontiguousarray(values).data)


def load(path: Path) -> ChunkFile:
    """Open a file that `save` has written."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_LENGTH), "little")
        header = parse(file.read(size))
    facts = {key: parse(fact.encode()) for key, fact in header.pop("__metadata__").items()}
    columns = {
        name: Column(_DTYPES[entry["dtype"]], tuple(entry["shape"]), _LENGTH + size + entry["data_offsets"][0])
        for name, entry in header.items()
    }
    return ChunkFile(path, facts, columns)
