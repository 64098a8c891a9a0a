"""The bytes of a file with its text fixed, or the text of each of its JSON lines, and nothing else.

The text in a line of JSON is changed where it stands. Writing the whole record anew would give back the same values in
another form (spacing, numbers, escapes, a key that stands twice), and a change of one paragraph would show as a change
of everything.
"""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from cleaner.article import ALIASES, Article, Rejected
from cleaner.formats.charset import MARKS, decode
from cleaner.hooks.fix_text import CONFLICT, Fixed, Profiles, fixed, has_conflict
from cleaner.settings.schema import StripSettings
from cleaner.stages.repair import repair

Kind = Literal["text", "markdown", "json"]
_NEXT_KEY = re.compile(r'\s*+(?:,\s*+)?(?=")')
_COLON = re.compile(r"\s*:\s*")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u")


class Found(msgspec.Struct, frozen=True):
    """The text in a line of JSON: its value, where that stands, and what the other keys say about the article."""

    line: str
    start: int
    end: int
    text: str
    known: Article

    def with_text(self, text: str) -> bytes:
        """Return the line with another text, written as the old one was; all else stays byte for byte."""
        old = self.line[self.start : self.end]
        new = json.dumps(text, ensure_ascii=self.line.isascii() and _ESCAPE.search(self.line) is not None)
        if "\\/" in old:
            new = new.replace("/", "\\/")
        return (self.line[: self.start] + new + self.line[self.end :]).encode()


def find_text(line: str) -> Found | None:
    """Find the text in a line of JSON. Raises ValueError or RecursionError if it is no JSON object."""
    if not isinstance(json.loads(line), dict):
        raise ValueError("a value that is no object")  # noqa: TRY004 - wrong data, not a wrong call
    parse = json.JSONDecoder().raw_decode
    values: dict[str, tuple[Any, int, int]] = {}
    at = line.index("{") + 1
    while key_at := _NEXT_KEY.match(line, at):
        key, at = parse(line, key_at.end())
        colon = _COLON.match(line, at)
        start = colon.end() if colon else at
        value, at = parse(line, start)
        values[key] = (value, start, at)
    for key in ALIASES["text"]:
        text, start, end = values.get(key, (None, 0, 0))
        if isinstance(text, str) and text.strip():
            known = Article.from_fields("", "", {name: value for name, (value, _, _) in values.items() if name != key})
            return Found(line, start, end, text, replace(known, title=repair(known.title or "")[0] or None))
    return None


@dataclass(slots=True)
class FixedFile:
    """A file after fixing, and what was done to it."""

    data: bytes
    lines: int = 0
    """How many lines of JSON changed; of a file that is one text, 1 if that changed."""
    removed: Counter[str] = field(default_factory=Counter)
    """How many blocks were taken out, by rule."""
    repaired: Counter[str] = field(default_factory=Counter)
    """How many lines of text each repair mended, by its name."""
    left: list[Rejected] = field(default_factory=list)
    """What had to be left as it is, and why."""

    def count(self, fixed: Fixed) -> None:
        """Count what was done to a text."""
        self.lines += 1
        self.removed.update(block.rule for block in fixed.removed)
        self.repaired.update(fixed.repaired)


def fix_bytes(
    data: bytes, kind: Kind, settings: StripSettings, source: str = "", profiles: Profiles | None = None
) -> FixedFile:
    """Fix a file's text, or the text of each of its JSON lines.

    `source` is the file's name, for messages and because a folder may tell the site. Character set and byte order mark
    stay. A second pass changes nothing.
    """
    if kind == "json":
        return _fix_lines(data, settings, source, profiles)
    try:
        mark, text, charset = decoded(data)
    except ValueError as error:
        return _left(data, source, str(error))
    done = fixed(text, settings, Article("", "", provenance={"source": source}), profiles, markdown=kind == "markdown")
    if done.left:
        return _left(data, source, done.left)
    if done.text == text:
        return FixedFile(data)
    try:
        after = mark + done.text.encode(charset)
        # A character set that was guessed may not give the same bytes back, or be guessed anew from what is left.
        if mark + text.encode(charset) == data and decoded(after)[:2] == (mark, done.text):
            file = FixedFile(after)
            file.count(done)
            return file
    except ValueError:
        pass
    return _left(data, source, f"cannot be written in its character set, {charset}: convert it to UTF-8")


def decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, text and character set. Raises ValueError if any of the bytes cannot be read."""
    for mark, charset in MARKS:
        if data.startswith(mark):
            return mark, data[len(mark) :].decode(charset), charset
    text, charset, bad = decode(data)
    if bad:
        raise ValueError(f"not all of it is UTF-8 ({bad} places): mend these by hand")
    return b"", text, charset


def _fix_lines(data: bytes, settings: StripSettings, source: str, profiles: Profiles | None) -> FixedFile:
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    lines = data[len(mark) :].split(b"\n")
    if unfit := _unfit(data, lines[0]):
        return _left(data, source, unfit)
    file = FixedFile(data)
    without_text = []
    for i, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            found = find_text(line.decode())
        except (ValueError, RecursionError) as error:
            file.left.append(Rejected(source, "fix", f"not JSON: {error}", i + 1))
            continue
        if found is None:
            without_text.append(i + 1)
            continue
        done = fixed(found.text, settings, found.known, profiles)
        if done.left:
            file.left.append(Rejected(source, "fix", done.left, i + 1))
        elif done.text != found.text:
            file.count(done)
            lines[i] = found.with_text(done.text)
    if without_text:
        file.left.append(_textless(source, without_text))
    if file.lines:
        file.data = mark + b"\n".join(lines)
    return file


def _unfit(data: bytes, first: bytes) -> str:
    """Return why data are no JSON lines, by their first line; "" if they may be."""
    if b"\0" in data[:8192]:
        return "binary data, no text"
    if has_conflict(data.decode("latin-1")):
        return CONFLICT
    whole = first.strip() == b"{" or first.lstrip().startswith(b"[")
    return "one JSON value over many lines, not JSON lines" if whole else ""


def _textless(source: str, lines: Sequence[int]) -> Rejected:
    """Say of lines that they hold no text, once for all of them."""
    reason = f"no text ({', '.join(ALIASES['text'])}) on this line"
    more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
    return Rejected(source, "fix", reason + more, lines[0])


def _left(data: bytes, source: str, reason: str) -> FixedFile:
    return FixedFile(data, left=[Rejected(source, "fix", reason)])
