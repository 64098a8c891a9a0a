"""A text mended with as few changes as can be.

For a corpus that lives in git, so a text stays as its author set it: lines of boilerplate are taken out, damaged ones
are mended, every other line and the gaps between lines stay, and a clean text comes back as it is. It must be over
in a moment, so no trained model is asked, and nothing that loads numpy or parses HTML is imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from cleaner.article import Article, Removed
from cleaner.boilerplate.annotation import annotate, headline_key
from cleaner.boilerplate.facts import authors_in
from cleaner.boilerplate.sites import UNKNOWN, Profile, site_of
from cleaner.boilerplate.strip import strip
from cleaner.dates.parsing import date_line
from cleaner.formats.markdown import front_matter
from cleaner.settings.schema import Settings, StripSettings
from cleaner.stages.repair import repair
from cleaner.text.blocks import split

Profiles = Mapping[str, Profile]
_BREAK = re.compile(r"(\r\n|\r|\n)")
_FENCE = re.compile(r"\s*(?:(`{3,})[^`]*|(~{3,}).*)$")
CONFLICT = "has the markers of a merge conflict: solve it first"
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)\s*$")


class _Line(NamedTuple):
    """A line and what ends it. `verbatim` lines (code, front matter) are neither judged nor mended."""

    text: str
    end: str = ""
    verbatim: bool = False

    @property
    def blank(self) -> bool:
        return not self.verbatim and not self.text.rstrip()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text after fixing, and what was done to it."""

    text: str
    removed: tuple[Removed, ...] = ()
    """The blocks that were taken out, each with its number in the text as it was when its turn came."""
    repaired: Counter[str] = field(default_factory=Counter)
    """How many lines each repair mended, by its name."""
    left: str = ""
    """Why the text was left as it is although not all is well with it; "" if there is no such reason."""


def fix_text(
    text: str,
    settings: Settings | None = None,
    *,
    url: str | None = None,
    markdown: bool = False,
    profiles: Profiles | None = None,
) -> Fixed:
    r"""Repair a text and take boilerplate out of it, as `cleaner fix` does to a file.

    Lines that stay keep all that is in them and their line ends, blank lines too. A text of boilerplate alone, or with
    the markers of a merge conflict, comes back whole, and `left` says so. A second pass changes nothing. `url`: where
    it was found, which tells the site; `profiles`: what is known of sites, by host. Of Markdown, front matter and code
    are kept. `settings`: those that ship with cleaner by default.

    >>> fixed = fix_text("Share\n\nFish &amp; chips fell on the whole of the country on Monday.\n")
    >>> fixed.text
    'Fish & chips fell on the whole of the country on Monday.\n'
    >>> [(block.rule, block.text) for block in fixed.removed], dict(fixed.repaired)
    ([('share', 'Share')], {'unescape_html': 1})
    """
    from cleaner.settings.load import load_settings

    strip = (settings or load_settings()).strip
    return fixed(text, strip, Article("", "", url=url), profiles, markdown=markdown)


def fixed(
    text: str, settings: StripSettings, known: Article, profiles: Profiles | None = None, *, markdown: bool = False
) -> Fixed:
    """Do what `fix_text` does; `known`: what else is known of the article, and where it comes from."""
    by_rules = msgspec.structs.replace(settings, model=False)
    profile = (profiles or {}).get(site_of(known) or UNKNOWN)
    removed: list[Removed] = []
    repaired: Counter[str] = Counter()
    if has_conflict(text):
        return Fixed(text, left=CONFLICT)
    parts = _BREAK.split(text)
    before = lines = list(map(_Line, parts[::2], [*parts[1::2], ""]))
    # Each round reads what the last one left as if for the first time, or a second pass would find more: a repaired
    # line may open a block of code, and what went may bring others together.
    while True:
        lines = _marked_verbatim(lines) if markdown else lines
        mended = list(_mended(lines, repaired, markdown=markdown))
        if mended != lines:
            lines = mended
            continue
        blocks, gone = _boilerplate(lines, by_rules, known, profile)
        if not gone:
            break
        removed += blocks
        if markdown:
            gone |= {i + 1 for i in gone if i + 1 < len(lines) and _UNDERLINE.match(lines[i + 1].text)}
        lines = _without(lines, gone)
        if all(line.blank or line.verbatim for line in lines):
            return Fixed(text, left="nothing but boilerplate")
    if lines == before:
        return Fixed(text)
    return Fixed("".join([line.text + line.end for line in lines]), tuple(removed), repaired)


def has_conflict(text: str) -> bool:
    """Tell whether git has left the markers of a merge conflict in a text; without one of them none can be solved."""
    return any(marker in text for marker in ("<<<<<<< ", ">>>>>>> ")) and _CONFLICT.search(text) is not None


def _marked_verbatim(lines: Sequence[_Line]) -> list[_Line]:
    """Mark front matter and fenced code; a fence that is never closed holds all that follows, as in CommonMark."""
    start = front_matter([line.text for line in lines])
    marked = [line._replace(verbatim=True) for line in lines[:start]]
    fence = ""
    for line in lines[start:]:
        text = line.text
        found = _FENCE.match(text)
        marks = (found[1] or found[2]) if found else ""
        if fence:
            marked.append(line._replace(verbatim=True))
            if marks.startswith(fence) and text.strip() == marks:
                fence = ""
        else:
            fence = marks
            marked.append(line._replace(verbatim=bool(fence)))
    return marked


def _mended(lines: Iterable[_Line], repaired: Counter[str], *, markdown: bool) -> Iterator[_Line]:
    """Yield the lines, repaired, and count what was done to them."""
    usual = "\n"
    for line in lines:
        usual = line.end or usual
        fixed, steps = (line.text, ()) if line.verbatim else repair(line.text)
        # In Markdown the entity of a bracket keeps it from being read as a tag.
        if fixed == line.text or (markdown and fixed.count("<") > line.text.count("<")):
            yield line
        else:
            repaired.update(steps)
            *first, last = fixed.split("\n")
            yield from (_Line(part, usual) for part in first)
            yield _Line(last, line.end)


def _boilerplate(
    lines: Sequence[_Line], settings: StripSettings, known: Article, profile: Profile | None
) -> tuple[list[Removed], set[int]]:
    """Return the blocks that are boilerplate, and the numbers of their lines."""
    text = "\n".join("" if line.verbatim else line.text for line in lines)
    stripped = strip(replace(known, text=text, removed=()), settings, profile)
    telling = _telling(stripped, known)
    removed = [block for block in stripped.removed if block.block not in telling]
    blocks = {block.block for block in removed}
    filled = (i for i, line in enumerate(lines) if not line.verbatim and not line.blank)
    # A block is one line, or the several of a wrapped paragraph.
    of_block = [(number, next(filled)) for number, block in enumerate(split(text)) for _ in block.text.split("\n")]
    return removed, {line for number, line in of_block if number in blocks}


def _telling(stripped: Article, known: Article) -> set[int]:
    """Return the blocks that alone tell title, dates or authors: what a file says nowhere else stays in it."""
    key = headline_key(stripped.title or "")
    tells: dict[str, int] = {}
    authors = set(known.authors or ())
    for block in stripped.removed:
        names = {name for one in annotate(block.text) for name in authors_in(one)}
        if not names <= authors:
            tells[f"authors {block.block}"] = block.block
            authors |= names
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
    if not lines[-1].text:
        return [*kept, _Line("")]
    return [*kept[:-1], *(line._replace(end="") for line in kept[-1:])]
