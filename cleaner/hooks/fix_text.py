"""Text, and files of text or JSON lines, mended with as few changes as can be.

For a corpus that lives in git, so a file stays as its author set it: lines of boilerplate are taken out, damaged ones
are mended, every other line and the gaps between lines stay, and a clean file comes back byte for byte. It must be over
in a moment, so no trained model is asked, and nothing that loads numpy or parses HTML is imported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import msgspec

from cleaner.article import Article, Rejected
from cleaner.boilerplate.annotation import headline_key
from cleaner.boilerplate.sites import Profile
from cleaner.boilerplate.strip import strip
from cleaner.dates.parsing import date_line
from cleaner.formats.markdown import front_matter
from cleaner.report import Report
from cleaner.settings.schema import StripSettings
from cleaner.stages.repair import repair
from cleaner.text.blocks import split

Kind = Literal["text", "markdown", "json"]
Profiles = Mapping[str, Profile]
_BREAK = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"\s*(?:(`{3,})[^`]*|(~{3,}).*)$")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*$")


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

    >>> from cleaner.settings import load_settings
    >>> body = "Rain fell on the whole of the country on Monday, and it is not over yet."
    >>> text, report = fix_text(f"Share\n\n{body}\n", load_settings().strip)
    >>> text == f"{body}\n", dict(report.removed)
    (True, {'share': 1})
    """
    report = Report()
    by_rules = msgspec.structs.replace(settings, model=False)
    before = lines = [_Line(line) for line in _BREAK.split(text)]
    # Each round reads what the last one left as if for the first time, or a second pass would find more: a repaired
    # line may open a block of code, and what went may bring others together.
    while True:
        lines = _marked_verbatim(lines) if markdown else lines
        mended = list(_mended(lines, report, markdown=markdown))
        if mended != lines:
            lines = mended
            continue
        gone = _boilerplate(lines, by_rules, known or Article("", ""), profile, report)
        if not gone:
            break
        if markdown:
            gone |= {i + 1 for i in gone if i + 1 < len(lines) and _UNDERLINE.match(lines[i + 1].text)}
        lines = _without(lines, gone)
        if all(line.blank or line.verbatim for line in lines):
            return text, Report(rejected=[Rejected("", "fix", "nothing but boilerplate")])
    if [line.text for line in lines] == [line.text for line in before]:
        return text, report
    report.articles = 1
    ends = _BREAK.findall(text)
    end = max(("\n", "\r\n", "\r"), key=ends.count)
    return end.join(line.text for line in lines), report


def _marked_verbatim(lines: Sequence[_Line]) -> list[_Line]:
    """Mark front matter and fenced code; a fence that is never closed holds all that follows, as in CommonMark."""
    start = front_matter([line.text for line in lines])
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
        fixed, steps = (line.text, ()) if line.verbatim else repair(line.text)
        # In Markdown the entity of a bracket keeps it from being read as a tag.
        if fixed == line.text or (markdown and fixed.count("<") > line.text.count("<")):
            yield line
        else:
            report.repaired.update(steps)
            yield from map(_Line, fixed.split("\n"))


def _boilerplate(
    lines: Sequence[_Line], settings: StripSettings, known: Article, profile: Profile | None, report: Report
) -> set[int]:
    """Return the numbers of the lines that are boilerplate, and count them."""
    text = "\n".join("" if line.verbatim else line.text for line in lines)
    stripped = strip(replace(known, text=text, removed=()), settings, profile)
    telling = _telling(stripped, known)
    removed = [block for block in stripped.removed if block.block not in telling]
    report.removed.update(block.rule for block in removed)
    blocks = {block.block for block in removed}
    filled = (i for i, line in enumerate(lines) if not line.verbatim and not line.blank)
    # A block is one line, or the several of a wrapped paragraph.
    of_block = [(number, next(filled)) for number, block in enumerate(split(text)) for _ in block.text.split("\n")]
    return {line for number, line in of_block if number in blocks}


def _telling(stripped: Article, known: Article) -> set[int]:
    """Return the blocks that alone tell title and dates: what a file says nowhere else stays in it."""
    key = headline_key(stripped.title or "")
    tells: dict[str, int] = {}
    for block in stripped.removed:
        if block.rule == "title" and known.title is None and headline_key(block.text) == key:
            tells.setdefault("title", block.block)
        line = date_line(block.text) if block.rule == "date" else None
        for name in ("published", "modified"):
            if line and getattr(known, name) is None and line.iso == getattr(stripped, name):
                tells.setdefault(name, block.block)
    return set(tells.values())


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
            gap = max(gaps, key=len)
            kept += [*gap, line] if kept or len(gaps) == 1 else [line]
            gaps = [[]]
    if len(gaps) == 1:
        return kept + gaps[0]
    return kept if lines[-1].text else [*kept, _Line("")]
