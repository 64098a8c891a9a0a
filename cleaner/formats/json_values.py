"""JSON values from bytes and back, lone surrogates and all."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from cleaner.formats.charset import damaged_utf8

Value = TypeVar("Value")
MOST_NESTED = 200
"""Levels of a value that is taken: what parses a deeper one may not be able to write it."""


def parse(line: bytes) -> Any:
    """Parse JSON. Raises ValueError with a reason that fits a line.

    The fast parser refuses lone surrogates, NaN and 1e400, which scraped data holds and Python's own parser takes.
    Numbers that no JSON can say are kept as they are written, as strings.
    """
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            import json

            value = json.loads(line, parse_constant=str, parse_float=_number)
        except (ValueError, RecursionError):
            raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError(f"nested more than {MOST_NESTED} deep") from None
    if line.count(b"[") + line.count(b"{") > MOST_NESTED and _is_deep(value):
        raise ValueError(f"nested more than {MOST_NESTED} deep")
    return value


def parse_damaged(line: bytes) -> tuple[Any, int]:
    """Parse JSON in which some letters may be no UTF-8; also return how many places those are.

    Raises ValueError as `parse` does.
    """
    try:
        return parse(line), 0
    except ValueError:
        mended = None if line.isascii() else damaged_utf8(line, sure=True)
        if mended is None or not mended.bad:
            raise
    return parse(mended.text.encode()), mended.bad


def _number(written: str) -> float | str:
    found = float(written)
    return found if math.isfinite(found) else written


def decoder(kind: type[Value]) -> Callable[[bytes], Value]:
    """Return a function that reads values of one type, and of an object only the keys that the type has.

    It raises `msgspec.ValidationError`, a ValueError, where the JSON is of another type.
    """
    decode = msgspec.json.Decoder(kind).decode

    def decoded(data: bytes) -> Value:
        try:
            return decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.convert(parse(data), kind)

    return decoded


def encode(value: object) -> bytes:
    r"""Return compact JSON in UTF-8, without a line break.

    Lone surrogates, which Python's parser takes from scraped JSON and no encoder can write, become `\ud800` again.
    """
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, msgspec.MsgspecError):
        import json

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_NESTED):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
