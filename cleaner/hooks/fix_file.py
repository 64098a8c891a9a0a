"""The text inside a line of JSON: found where it stands, so that it can be changed with no other byte of the line.

Writing the whole record anew would give back the same values in another form (spacing, numbers, escapes, a key that
stands twice), and a change of one paragraph would show as a change of everything.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import replace
from typing import Any

import msgspec

from cleaner.article import ALIASES, Article, Rejected
from cleaner.boilerplate.sites import UNKNOWN, Profile, site_of
from cleaner.formats.charset import MARKS, decode
from cleaner.hooks.fix_text import Kind, Profiles, fix_text
from cleaner.report import Report
from cleaner.settings.schema import StripSettings
from cleaner.stages.repair import repair

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


def fix_bytes(
    data: bytes, kind: Kind, settings: StripSettings, source: str = "", profiles: Profiles | None = None
) -> tuple[bytes, Report]:
    """Return a file's bytes with its text, or the text of each of its JSON lines, fixed; and what was done.

    `source` is the file's name, for messages and because a folder may tell the site. Character set and byte order mark
    stay. What has to be left as it is stands in the report's `rejected`. A second pass changes nothing.
    """
    if kind == "json":
        return _fix_lines(data, settings, source, profiles or {})
    try:
        mark, text, charset = decoded(data)
    except ValueError as error:
        return data, _left(source, str(error))
    known = Article("", "", provenance={"source": source})
    fixed, report = fix_text(text, settings, known, _profile(known, profiles or {}), markdown=kind == "markdown")
    report.rejected = [replace(rejected, source=source) for rejected in report.rejected]
    if fixed == text:
        return data, report
    try:
        after = mark + fixed.encode(charset)
        # A character set that was guessed may not give the same bytes back, or be guessed anew from what is left.
        if mark + text.encode(charset) == data and decoded(after)[:2] == (mark, fixed):
            return after, report
    except ValueError:
        pass
    return data, _left(source, f"cannot be written in its character set, {charset}: convert it to UTF-8")


def decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, text and character set. Raises ValueError if any of the bytes cannot be read."""
    for mark, charset in MARKS:
        if data.startswith(mark):
            return mark, data[len(mark) :].decode(charset), charset
    text, charset, bad = decode(data)
    if bad:
        raise ValueError(f"not all of it is UTF-8 ({bad} places): mend these by hand")
    return b"", text, charset


def _fix_lines(data: bytes, settings: StripSettings, source: str, profiles: Profiles) -> tuple[bytes, Report]:
    if b"\0" in data[:8192]:
        return data, _left(source, "binary data, no text")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    lines = data[len(mark) :].split(b"\n")
    if lines[0].strip() in {b"{", b"["} or lines[0].lstrip().startswith(b"["):
        return data, _left(source, "one JSON value over many lines, not JSON lines")
    report = Report()
    without_text = []
    for i, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            found = find_text(line.decode())
        except (ValueError, RecursionError) as error:
            report.rejected.append(Rejected(source, "fix", f"not JSON: {error}", i + 1))
            continue
        if found is None:
            without_text.append(i + 1)
            continue
        fixed, done = fix_text(found.text, settings, found.known, _profile(found.known, profiles))
        report.removed.update(done.removed)
        report.repaired.update(done.repaired)
        report.rejected += [replace(rejected, source=source, line=i + 1) for rejected in done.rejected]
        if fixed != found.text:
            report.articles += 1
            lines[i] = found.with_text(fixed)
    if without_text:
        names = ", ".join(ALIASES["text"])
        reason = f"no text ({names}) on this line" + (f" and {len(without_text) - 1:,} more" * (len(without_text) > 1))
        report.rejected.append(Rejected(source, "fix", reason, without_text[0]))
    return mark + b"\n".join(lines) if report.articles else data, report


def _profile(known: Article, profiles: Profiles) -> Profile | None:
    return profiles.get(site_of(known) or UNKNOWN)


def _left(source: str, reason: str) -> Report:
    return Report(rejected=[Rejected(source, "fix", reason)])
