"""The text inside a line of JSON: found where it stands, so that it can be changed with no other byte of the line.

Writing the whole record anew would give back the same values in another form (spacing, numbers, escapes, a key that
stands twice), and a change of one paragraph would show as a change of everything.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import msgspec

from cleaner.article import ALIASES, Article
from cleaner.repair import repair

_NEXT_KEY = re.compile(r'\s*,?\s*(?=")')
_COLON = re.compile(r"\s*:\s*")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u")


class Found(msgspec.Struct, frozen=True):
    """The text in a line of JSON: its value, where that stands, and what the other keys tell of the article."""

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
