"""Files of named arrays: what is kept of some consecutive articles, written once, by any process, and read in parts.

A file begins with its table of contents, as JSON; the arrays follow, one after the other. It appears whole or not at
all, so that whatever is there after a crash can be used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.formats.files import replacing
from cleaner.formats.json_values import encode, parse

FORMAT = 3
"""Version of what the files hold; chunks of another one are made anew."""
_LENGTH = 8  # bytes of the number with which a file begins: those of its table of contents


@dataclass(frozen=True, slots=True)
class Chunk:
    """A file of arrays, of which only the table of contents is in memory."""

    path: Path
    facts: Mapping[str, Any]
    """What was saved with the arrays, as JSON gives it back."""
    places: Mapping[str, tuple[str, tuple[int, ...], int]]
    """Type, shape and first byte of each array."""

    def array(self, name: str) -> NDArray[Any]:
        """Read one of the arrays."""
        kind, shape, begin = self.places[name]
        count = int(np.prod(shape, dtype=np.int64))
        return np.fromfile(self.path, kind, count, offset=begin).reshape(shape)


def save(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file. Raises OSError if there is no room for it."""
    contents = [[name, values.dtype.str, values.shape] for name, values in arrays.items()]
    head = encode({"facts": facts, "arrays": contents})
    with replacing(path) as file:
        file.write(len(head).to_bytes(_LENGTH, "little") + head)
        for values in arrays.values():
            file.write(np.ascontiguousarray(values).data)


def load(path: Path) -> Chunk:
    """Open a file that `save` has written."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_LENGTH), "little")
        head = parse(file.read(size))
    places, begin = {}, _LENGTH + size
    for name, kind, shape in head["arrays"]:
        places[name] = (kind, tuple(shape), begin)
        begin += int(np.prod(shape, dtype=np.int64)) * np.dtype(kind).itemsize
    return Chunk(path, head["facts"], places)
