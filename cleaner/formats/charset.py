"""Bytes to text, once, at the edge: byte order mark, declaration, UTF-8, then a guess; which one is recorded.

One letter in another character set, or a text cut in the middle of a letter, does not make UTF-8 something else: what
cannot be read costs itself alone.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, a longer one before the one it begins with, and the character set of what follows each."""
_DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([a-zA-Z0-9_.:-]{2,40})""", re.ASCII)
_DECLARED_WITHIN = 4096
_BAD = re.compile("[\udc80-\udcff]+")  # bytes that are no UTF-8, as "surrogateescape" gives them
_TWO_BYTES = re.compile("[\x80-\u07ff]")
_MORE_BYTES = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]")


_LOOKED_AT = 8192
_NUL_IN = 256
"""Of so many bytes of a text one may be NUL: scrapers leave one here and there, and binary data is full of them."""


class NotTextError(ValueError):
    """The bytes are no text in any character set."""


class Decoded(NamedTuple):
    """A text, the character set it was read in, and how many places in it could not be read in that."""

    text: str
    charset: str
    bad: int = 0


def decode(data: bytes, *, html: bool = False) -> Decoded:
    r"""Return the text of `data` and the character set it was read in.

    A declaration (looked for in HTML alone) is believed if the bytes agree; but where it names a one-byte set, in
    which anything can be read, bytes that are valid UTF-8 are UTF-8. Raises NotTextError for binary data.

    >>> decode("Müller".encode("latin-1") + b" <meta charset=latin1>", html=True)
    Decoded(text='Müller <meta charset=latin1>', charset='cp1252', bad=0)
    >>> decode("Zoë said: “no”, at the caf".encode() + b"\xe9.")
    Decoded(text='Zoë said: “no”, at the café.', charset='utf-8', bad=1)
    """
    for mark, charset in MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], charset)
    if data.count(b"\0", 0, _LOOKED_AT) * _NUL_IN > len(data[:_LOOKED_AT]):
        raise NotTextError("binary data, no text")
    declared = _declaration(data) if html else None
    for name in (declared, "utf-8") if declared and _is_multibyte(declared) else ("utf-8", declared):
        text = _strict(data, name)
        if name is not None and text is not None:
            return Decoded(text, name)
    return damaged_utf8(data) or _guess(data)


def damaged_utf8(data: bytes, *, sure: bool = False) -> Decoded | None:
    """Return the text of bytes that are UTF-8 but for a few; None if they are more likely something else.

    A single bad byte between ASCII characters is read as in Windows-1252, where most such bytes come from; any other
    run of bad bytes becomes one replacement character. `sure`: whether nothing else than UTF-8 comes into question.
    """
    text = data.decode("utf-8", "surrogateescape")
    bad = len(_BAD.findall(text))
    # In another character set two bytes are a letter of UTF-8 by chance now and then, and three hardly ever.
    good = len(_TWO_BYTES.findall(text)) + 3 * len(_MORE_BYTES.findall(text))
    if not sure and good < (bad if bad <= 3 else 2 * bad):
        return None
    return Decoded(_BAD.sub(_mended, text), "utf-8", bad)


def _mended(found: re.Match[str]) -> str:
    text, begin, end = found.string, found.start(), found.end()
    if end - begin > 1 or end == len(text) or not f"{text[begin - 1 : begin]}{text[end]}".isascii():
        return "\ufffd"
    byte = bytes([ord(found[0]) - 0xDC00])
    letter = byte.decode("cp1252", "replace")
    inside = text[begin - 1 : begin].isalnum() or text[end].isalnum()
    return letter if inside and (letter.isalpha() or byte < b"\xa0") else "\ufffd"


def _marked(data: bytes, charset: str) -> Decoded:
    text = data.decode(charset, "replace")
    bad = 0 if _strict(data, charset) is not None else text.count("\ufffd")
    return Decoded(text, "utf-8-sig" if charset == "utf-8" else charset.removesuffix("-le").removesuffix("-be"), bad)


def _strict(data: bytes, name: str | None) -> str | None:
    try:
        return None if name is None else data.decode(name)
    except ValueError:  # of some codecs not a UnicodeDecodeError
        return None


def _declaration(data: bytes) -> str | None:
    """Return the codec of the character set that a page says it is in, None if it says none that browsers know."""
    found = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if not found:
        return None
    import webencodings  # of use for HTML alone

    known = webencodings.lookup(found[1].decode("ascii"))
    if known is None or known.name.startswith(("utf-16", "x-user", "replacement")):
        return None  # in UTF-16 nothing could have been found as in ASCII
    return "gb18030" if known.name == "gbk" else str(known.codec_info.name)


def _is_multibyte(name: str) -> bool:
    return not name.startswith(("cp12", "iso8859", "koi8", "mac", "cp874", "cp437", "cp85", "utf-8"))


def _guess(data: bytes) -> Decoded:
    from charset_normalizer import from_bytes  # slow to import and rarely needed

    best = from_bytes(data).best()
    if best is None:
        raise NotTextError("no character set fits the bytes")
    return Decoded(str(best), best.encoding)
