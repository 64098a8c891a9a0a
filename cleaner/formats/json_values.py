"""JSON values from bytes and back, lone surrogates and all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def parse(line: bytes) -> Any:
    """Parse JSON. Raises ValueError with a reason that fits a line.

    The fast parser refuses lone surrogates and NaN, which scraped data holds and Python's own parser takes.
    """
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            import json

            return json.loads(line)
        except (ValueError, RecursionError):
            raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


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
