"""The hooks on single files: `cleaner fix` mends files in place, `cleaner check` shows what that would change.

For a corpus that lives in git, so a file stays as its author set it: whole lines are taken out and damaged ones are
mended; every other line, and what separates lines, is left alone, and so is all of a file that is clean. It must be
over in a moment, so no trained model is asked, and nothing that loads numpy or parses HTML is imported. What cannot be
mended (a page of HTML, a broken line of JSON, a link) is left as it is and named.

`fix_text` and `fix_bytes` are pure; `fix_files` and `check_files` are the commands.
"""

from __future__ import annotations

import codecs
import json
import re
import stat
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cleaner.article import ALIASES, Article, Rejected
from cleaner.blocks import split
from cleaner.boilerplate import strip
from cleaner.charset import decode
from cleaner.read import _GZIP, _LFS, Source, _kind
from cleaner.repair import repair
from cleaner.report import Report
from cleaner.settings import Settings, StripSettings, find_project, load_settings, read_tables
from cleaner.sites import UNKNOWN, Profile, site_of, site_profiles
from cleaner.write import replacing

Kind = Literal["text", "markdown", "json"]
Profiles = Mapping[str, Profile]

_BREAK = re.compile(r"\r\n|\r|\n")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)\s*$")
_FENCE = re.compile(r"\s*(?:(`{3,})[^`]*|(~{3,}).*)$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*$")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NEXT_KEY = re.compile(r'\s*,?\s*(?=")')
_COLON = re.compile(r"\s*:\s*")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\u")


class _Line(NamedTuple):
    """A line without its end. `verbatim` lines (code, front matter) are neither judged nor mended."""

    text: str
    verbatim: bool = False

    @property
    def blank(self) -> bool:
        return not self.verbatim and not self.text.rstrip()


def fix_text(
    text: str,
    settings: StripSettings,
    known: Article | None = None,
    profile: Profile | None = None,
    *,
    markdown: bool = False,
) -> tuple[str, Report]:
    r"""Return a text repaired and without boilerplate, and what was done.

    Lines that stay keep all that is in them, blank lines too; where any goes, all get the line end that most had. A
    text of boilerplate alone comes back whole, and the report says so. A second pass changes nothing. `known`: what
    else is known of the article (title, url), which helps to judge; of Markdown, front matter and code are kept.

    >>> body = "Rain fell on the whole of the country on Monday, and it is not over yet."
    >>> text, report = fix_text(f"Share\n\n{body}\n", load_settings().strip)
    >>> text == f"{body}\n", dict(report.removed)
    (True, {'share': 1})
    """
    report = Report()
    before = [_Line(line) for line in _BREAK.split(text)]
    if markdown:
        before = _marked_verbatim(before)
    lines = list(_mended(before, report, markdown=markdown))
    # Title and date leave a file together with their lines, so what is left is read afresh until nothing more goes.
    while gone := _boilerplate(lines, replace(settings, model=False), known or Article("", ""), profile, report):
        if markdown:
            gone |= {i + 1 for i in gone if i + 1 < len(lines) and _UNDERLINE.match(lines[i + 1].text)}
        lines = _without(lines, gone)
        if all(line.blank or line.verbatim for line in lines):
            return text, Report(rejected=[Rejected("", "fix", "nothing but boilerplate")])
    if lines == before:
        return text, report
    report.articles = 1
    ends = _BREAK.findall(text)
    end = max(("\n", "\r\n", "\r"), key=ends.count)
    return end.join(line.text for line in lines), report


def _marked_verbatim(lines: Sequence[_Line]) -> list[_Line]:
    """Mark front matter and fenced code; a fence that is never closed holds all that follows, as in CommonMark."""
    start = 0
    if opening := _FRONT_MATTER.match(lines[0].text):
        closing = (i for i, line in enumerate(lines[1:], 1) if line.text.rstrip() in {opening[1], "..."})
        start = next(closing, -1) + 1
    marked = [_Line(line.text, verbatim=True) for line in lines[:start]]
    fence = ""
    for text, _ in lines[start:]:
        found = _FENCE.match(text)
        marks = (found[1] or found[2]) if found else ""
        if fence:
            marked.append(_Line(text, verbatim=True))
            if marks.startswith(fence) and text.strip() == marks:
                fence = ""
        else:
            fence = marks
            marked.append(_Line(text, verbatim=bool(fence)))
    return marked


def _mended(lines: Iterable[_Line], report: Report, *, markdown: bool) -> Iterator[_Line]:
    for line in lines:
        fixed, steps = ("", ()) if line.verbatim else repair(line.text)
        # In Markdown the entity of a bracket keeps it from being read as a tag.
        if not steps or (markdown and fixed.count("<") > line.text.count("<")):
            yield line
        else:
            report.repaired.update(steps)
            yield from map(_Line, fixed.split("\n"))


def _boilerplate(
    lines: Sequence[_Line], settings: StripSettings, known: Article, profile: Profile | None, report: Report
) -> set[int]:
    """Return the numbers of the lines that are boilerplate, and count them."""
    text = "\n".join("" if line.verbatim else line.text for line in lines)
    removed = strip(replace(known, text=text, removed=()), settings, profile).removed
    report.removed.update(block.rule for block in removed)
    blocks = {block.block for block in removed}
    filled = (i for i, line in enumerate(lines) if not line.verbatim and not line.blank)
    # A block is one line, or the several of a wrapped paragraph.
    of_block = [(number, next(filled)) for number, block in enumerate(split(text)) for _ in block.text.split("\n")]
    return {line for number, line in of_block if number in blocks}


def _without(lines: Sequence[_Line], gone: Collection[int]) -> list[_Line]:
    """Leave lines out; of the gaps around them the widest stays, and the last line ends as the last one did."""
    kept: list[_Line] = []
    gaps: list[list[_Line]] = [[]]
    for i, line in enumerate(lines):
        if i in gone:
            gaps.append([])
        elif line.blank:
            gaps[-1].append(line)
        else:
            if kept or len(gaps) == 1:
                kept += max(gaps, key=len)
            kept.append(line)
            gaps = [[]]
    if len(gaps) == 1:
        return kept + gaps[0]
    return kept if lines[-1].text else [*kept, _Line("")]


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
        mark, text, charset = _decoded(data)
    except ValueError as error:
        return data, _left(source, str(error))
    known = Article("", "", provenance={"source": source})
    fixed, report = fix_text(text, settings, known, _profile(known, profiles or {}), markdown=kind == "markdown")
    report.rejected = [replace(rejected, source=source) for rejected in report.rejected]
    if fixed == text:
        return data, report
    try:
        # A character set that was guessed may not give the same bytes back: then lines that stay would change, too.
        if mark + text.encode(charset) == data:
            return mark + fixed.encode(charset), report
    except UnicodeEncodeError:
        pass
    return data, _left(source, f"cannot be written in its character set, {charset}: convert it to UTF-8")


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return byte order mark, text and character set. Raises ValueError if the bytes are no text."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            return mark, data[len(mark) :].decode(charset), charset
    return b"", *decode(data)


def _fix_lines(data: bytes, settings: StripSettings, source: str, profiles: Profiles) -> tuple[bytes, Report]:
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
            found = _find_text(line.decode())
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


@dataclass(frozen=True, slots=True)
class _Found:
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


def _find_text(line: str) -> _Found | None:
    """Find the text in a line of JSON. Raises ValueError or RecursionError if it is no JSON object."""
    if not isinstance(json.loads(line), dict):
        raise ValueError("a value that is no object")
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
            return _Found(line, start, end, text, replace(known, title=repair(known.title or "")[0] or None))
    return None


def _profile(known: Article, profiles: Profiles) -> Profile | None:
    return profiles.get(site_of(known) or UNKNOWN)


def _left(source: str, reason: str) -> Report:
    return Report(rejected=[Rejected(source, "fix", reason)])
