"""Bytes to text, once, at the edge: byte order mark, declaration, UTF-8, then a guess; which one is recorded."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{2,40})""", re.ASCII)
_DECLARED_WITHIN = 4096
# Browsers read these labels as the larger sets that pages in fact use (WHATWG Encoding Standard, section 4.2).
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}


class NotTextError(ValueError):
    """The bytes are no text in any character set."""


def decode(data: bytes, *, html: bool = False) -> tuple[str, str]:
    r"""Return the text of `data` and the character set it was read in.

    A declaration (looked for in HTML alone) is believed if the bytes agree; but where it names a one-byte set, in
    which anything can be read, bytes that are valid UTF-8 are UTF-8. Raises NotTextError for binary data.

    >>> decode("Müller".encode("latin-1") + b" <meta charset=latin1>", html=True)
    ('Müller <meta charset=latin1>', 'cp1252')
    >>> decode(b"caf\xc3\xa9")
    ('café', 'utf-8')
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data.decode(marked, "replace").removeprefix("\ufeff"), marked
    if b"\0" in data[:8192]:
        raise NotTextError("binary data, no text")
    declared = _declaration(data) if html else None
    for name in (declared, "utf-8") if declared and _is_multibyte(declared) else ("utf-8", declared):
        text = _strict(data, name)
        if name is not None and text is not None:
            return text, name
    return _guess(data)


def _strict(data: bytes, name: str | None) -> str | None:
    try:
        return None if name is None else data.decode(name)
    except UnicodeDecodeError:
        return None


def _declaration(data: bytes) -> str | None:
    found = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    if not found:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    # Codecs such as "hex" are no character sets, and a page that can be searched for ASCII is not in UTF-16.
    if name.startswith(("utf-16", "utf-32", "utf-7")) or not codecs.lookup(name)._is_text_encoding:  # noqa: SLF001 - nothing public tells
        return None
    return _LARGER.get(name, name)


def _is_multibyte(name: str) -> bool:
    return not name.startswith(("cp12", "iso8859", "koi8", "mac", "cp874", "cp437", "cp85", "utf-8"))


def _guess(data: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes  # slow to import and rarely needed

    best = from_bytes(data).best()
    if best is None:
        raise NotTextError("no character set fits the bytes")
    return str(best), best.encoding
