"""The hash and size of what is read, taken as it is read: a pipe can be read only once."""

from __future__ import annotations

import hashlib
import io
from typing import IO, TYPE_CHECKING, Any

from cleaner.formats.sources import BUFFER, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Digests:
    """The digests of all sources that were read, by name."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[int, str]] = {}

    def opened(self, source: Source, stdin: IO[bytes]) -> io.BufferedReader:
        """Open a source; its digest is known when it is closed, if it has been read to the end by then."""
        file: Any = stdin if source.path is None else source.path.open("rb", 0)
        return io.BufferedReader(_Hashing(file, source, self._taken), BUFFER)

    def of(self, source: Source) -> dict[str, Any]:
        """Return name, bytes and SHA-256 of a source, None where it was not read to its end."""
        size, digest = self._taken.get(source.name, (None, None))
        return {"name": source.name, "bytes": size, "sha256": digest}


class _Hashing(io.RawIOBase):
    def __init__(self, file: Any, source: Source, taken: dict[str, tuple[int, str]]) -> None:
        self._file = file
        self._source = source
        self._taken = taken
        self._digest = hashlib.sha256()
        self._size = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        count: int = (self._file.readinto1 if self._source.path is None else self._file.readinto)(view)
        self._digest.update(view[:count])
        self._size += count
        self._ended = self._ended or not count
        return count

    def tell(self) -> int:
        return self._size

    def close(self) -> None:
        if self.closed:
            return
        if not self._ended and self._source.is_regular:
            rest = bytearray(BUFFER)
            while self.readinto(rest):
                pass
        if self._ended:
            self._taken[self._source.name] = (self._size, self._digest.hexdigest())
        if self._source.path is not None:
            self._file.close()
        super().close()
