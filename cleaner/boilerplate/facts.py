"""What a page's blocks tell before any of them goes: title, dates, byline and agency, each with where it was found.

A date is trusted by its place. A masthead ("Sunday, 27 May 2018" above the breadcrumbs) is the day of the crawl; a
date line below the title, or one that says "Published", is the article's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import urlsplit

import msgspec

from cleaner.boilerplate.annotation import HEAD_BLOCKS, AnnotatedBlock, body_start, headline_key
from cleaner.boilerplate.bylines import names_in
from cleaner.resources import configs
from cleaner.text.scripts import CLOSING, STATEMENT_ENDS

_WORDS = re.compile(r"[^\W_]+")
# A headline may ask or exclaim; it does not state, and does not announce what follows.
_SENTENCE_END = re.compile(rf"[{STATEMENT_ENDS}:][{re.escape(CLOSING)}]*\s*$")
_TITLE_WORDS = range(3, 26)
_DATELINE_CHARS = 80
_AS_WORD = r"(?<!\w)", r"(?!\w)"
_IN_DATELINE = rf"^.{{0,{_DATELINE_CHARS}}}?[(（\[]", r"[)）\]]"  # "CITY, Oct 9 (Reuters) -"
STAYS = "above the body, where it stays"
"""How a title is known that nothing tells from the author's own first line."""
ALONE = "the only line of its shape above the body, where it stays"
"""How a title is known by its shape and place alone, which the trained model judges better than this rule."""


class Facts(msgspec.Struct, frozen=True):
    """Values read from blocks; `where` says how each was found.

    `blocks` maps a block that only repeats a value to the rule under which it may go ("title", "breadcrumb", "date").
    """

    title: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] | None = None
    agency: str | None = None
    where: Mapping[str, str] = {}
    blocks: Mapping[int, str] = {}


class Title(msgspec.Struct, frozen=True):
    """A headline and how it is known."""

    text: str
    how: str


def read_facts(blocks: Sequence[AnnotatedBlock], *, title: Title | None = None, url: str | None = None) -> Facts:
    """Read what the blocks of a page tell. `title` is known already, where metadata or an earlier pass gave one."""
    body = body_start(blocks)
    where: dict[str, str] = {}
    if title is None and (title := _title(blocks, body, url)):
        where["title"] = title.how
    repeats = _repeats(blocks, title.text) if title and title.how not in {STAYS, ALONE} else {}
    dates, date_blocks = _dates(blocks, body, min((i for i, r in repeats.items() if r == "title"), default=-1))
    where |= {name: how for name, (_, how) in dates.items()}
    agency = _agency(blocks)
    if agency:
        where["agency"] = agency[1]
    return Facts(
        title=title.text if title else None,
        published=dates["published"][0] if "published" in dates else None,
        modified=dates["modified"][0] if "modified" in dates else None,
        authors=next(filter(None, map(authors_in, blocks)), None),
        agency=agency[0] if agency else None,
        where=where,
        blocks={**date_blocks, **repeats},
    )


def authors_in(block: AnnotatedBlock) -> tuple[str, ...]:
    """Return the names that a block tells, if it is a byline."""
    return names_in(block.text, block.match) if block.match and block.match.rule == "byline" else ()


def _title(blocks: Sequence[AnnotatedBlock], body: int, url: str | None) -> Title | None:
    """Find the headline among the lines above the body: the one that the page repeats, or its address spells out.

    Else it is the first that looks like one and speaks of what the body speaks of, or the only one of its shape among
    lines of the site. If it stands once, with nothing of a site around it, it may be the author's own first line, and
    stays.
    """
    site = any(block.match or block.date for block in blocks[:body])
    slug = {w for w in _WORDS.findall(_path(url)) if len(w) > 2}
    story = " ".join(block.text for block in blocks[body:]).casefold()
    keys = [block.key for block in blocks]
    best: tuple[float, Title] | None = None
    paragraphs = 0
    for i, block in enumerate(blocks[: min(max(body, 3), HEAD_BLOCKS)]):
        paragraphs += block.prose
        if not _is_headline(block):
            continue
        own = {w for w in block.key.split() if len(w) > 3}
        repeated = sum(_holds(key, block.key) for key in keys if key.startswith(block.key[:3])) > 1 or any(
            other.crumb == block.key for other in blocks[: body + 1]
        )
        spelt = len(slug & set(block.key.split())) >= max(3, 0.6 * len(slug))
        about = (
            i < body < len(blocks)
            and sum(word in story for word in own) >= 0.5 * len(own)
            and not _SENTENCE_END.search(block.text)
        )
        # Below a standfirst a headline may stand, but what has two paragraphs above it is a heading of the story.
        if spelt or (paragraphs < 2 and (repeated or about)) or (i == 0 and not site and 0 < body < len(blocks)):
            how = "the url spells it" if spelt else "a line that the page repeats" if repeated else "above the body"
            score = 2 * spelt + repeated + about - i / HEAD_BLOCKS
            # What only speaks of the same is no headline below a paragraph, if a line above that is one.
            if best is None or (score > best[0] and (spelt or repeated or not paragraphs)):
                known = repeated or spelt or (site and about)
                best = score, Title(" ".join(block.text.split()), how if known else STAYS)
    if best or not site or body == len(blocks):
        return best[1] if best else None
    alone = [block for block in blocks[:body] if _is_headline(block) and not _SENTENCE_END.search(block.text)]
    return Title(" ".join(alone[0].text.split()), ALONE) if len(alone) == 1 else None


def _is_headline(block: AnnotatedBlock) -> bool:
    """Tell whether a block has the shape of a headline: a line of words, no phrase, crumb, date or figures."""
    return (
        bool(block.key)
        and block.match is None
        and block.date is None
        and not block.prose
        and not block.text[0].isspace()
        and block.size in _TITLE_WORDS
        and block.crumb is None
        and not _is_row(block.text)
    )


def _is_row(text: str) -> bool:
    """Tell a row of figures (prices, scores, results) from words: it has cells, or half of its words have figures."""
    words = text.split()
    return "\t" in text.strip() or 2 * sum(any(map(str.isdecimal, word)) for word in words) >= len(words)


def _path(url: str | None) -> str:
    """Return the path of an address in lower case, "" for what is none."""
    try:
        return urlsplit(url or "").path.lower().replace("_", "-")
    except ValueError:
        return ""


def _holds(key: str, title: str) -> bool:
    """Tell whether a line is the title, also several times without a space between ("Rain fallsRain falls")."""
    if key == title or len(key) < 2 * len(title) - title.count(" "):
        return key == title
    whole, part = key.replace(" ", ""), title.replace(" ", "")
    times, rest = divmod(len(whole), max(1, len(part)))
    return times > 1 and rest == 0 and whole == part * times


def _repeats(blocks: Sequence[AnnotatedBlock], title: str) -> dict[int, str]:
    """Return the blocks that hold the title and nothing else, alone or at the end of breadcrumbs."""
    key = headline_key(title)
    if not key:
        return {}
    found: dict[int, str] = {}
    for i, block in enumerate(blocks):
        if block.key.startswith(key[:3]) and _holds(block.key, key):
            found[i] = "title"
        elif block.crumb == key:
            found[i] = "breadcrumb"
    return found


def _dates(
    blocks: Sequence[AnnotatedBlock], body: int, title_at: int
) -> tuple[dict[str, tuple[str, str]], dict[int, str]]:
    """Return publication and update date with where they stand, and the blocks that are date lines.

    Above the body and below it a line that holds a date alone is the page's; inside the body it may be the author's
    (a chronicle, an itinerary), so there it stays unless it says "Published".
    """
    found: dict[str, tuple[str, str]] = {}
    lines: dict[int, str] = {}
    for i, block in enumerate(blocks):
        line = block.date
        if line is None:
            continue
        above = i <= body
        if above or line.label:
            lines[i] = "date"
        masthead = not line.label and (i < title_at or (line.weekday and i == 0 and title_at < 0))
        if line.label == "updated":
            found.setdefault("modified", (line.iso, f"a line that says so (block {block.number})"))
        elif line.label:
            found["published"] = found.get("published") or (line.iso, f"a line that says so (block {block.number})")
        elif above and not masthead:
            found.setdefault("published", (line.iso, f"a date line above the body (block {block.number})"))
    return found, lines


@cache
def _agencies() -> Mapping[str, str]:
    """Return the agencies by the spellings of their names."""
    table = tomllib.loads((configs() / "agencies.toml").read_text(encoding="utf-8"))["agencies"]
    return {spelling: name for name, spellings in table.items() for spelling in spellings}


@cache
def _finder(before: str, after: str) -> re.Pattern[str]:
    """Return what finds a spelling between two others: made when it is needed, for few pages need any."""
    either = "|".join(re.escape(s) for s in sorted(_agencies(), key=len, reverse=True))
    return re.compile(f"{before}({either}){after}")


def _agency(blocks: Sequence[AnnotatedBlock]) -> tuple[str, str] | None:
    """Return the news agency that the story comes from: told by a dateline, a byline or a closing credit."""
    for block in blocks:
        match = block.match
        if match is None:
            opening = block.text[: _DATELINE_CHARS + 1]
            bracket = "(" in opening or "[" in opening or "（" in opening
            found = _finder(*_IN_DATELINE).search(block.text) if bracket else None
        else:
            found = _finder(*_AS_WORD).search(block.text) if match.rule in {"byline", "notice"} else None
        if found:
            return _agencies()[found[1]], f"{match.rule if match else 'dateline'} (block {block.number})"
    return None
