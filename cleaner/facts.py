"""What a page's blocks tell before any of them goes: title, dates, byline and agency, each with where it was found.

A date is trusted by its place. A masthead ("Sunday, 27 May 2018" above the breadcrumbs) is the day of the crawl; a
date line below the title, or one that says "Published", is the article's.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from cleaner.dates import date_line
from cleaner.phrases import Match
from cleaner.resources import configs

TERMINAL = re.compile(r"[.!?…。！？؟।][\"'”’»)\]」』]*\s*$")
_SENTENCE_END = re.compile(r"[.。।…:][\"'”’»)\]」』]*\s*$")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_CRUMB = re.compile(r"\s*[»›>→|•·]\s*|\s+/\s+")
_WORDS = re.compile(r"[^\W_]+")
_TITLE_WORDS = range(3, 26)
_TITLE_CHARS = 500
_CRUMBS_CHARS = 300
STAYS = "above the body, where it stays"
"""How a title is known that nothing tells from the author's own first line."""
_HEAD_BLOCKS = 12  # a headline stands among a page's first blocks, if the page has been taken out of its menus
_PROSE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """Values read from blocks; `where` says how each was found.

    `blocks` maps a block that only repeats a value to the rule under which it may go ("title", "breadcrumb", "date").
    """

    title: str | None = None
    published: str | None = None
    modified: str | None = None
    byline: str | None = None
    agency: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Title:
    """A headline and how it is known."""

    text: str
    how: str


def words(text: str) -> int:
    """Count words; two characters count as one in scripts that are written without spaces."""
    if text.isascii():
        return len(text.split())
    spaceless = len(_SPACELESS.findall(text))
    return len(_SPACELESS.sub(" ", text).split()) + spaceless // 2 if spaceless else len(text.split())


def is_prose(text: str) -> bool:
    """Tell whether a block reads like a paragraph: a dozen words or more that end as a sentence does."""
    return words(text) >= _PROSE_WORDS and TERMINAL.search(text) is not None


def body_start(blocks: Sequence[str], matches: Sequence[Match | None]) -> int:
    """Return where the story begins: at the first of two paragraphs that follow each other, else at the first of all.

    A single paragraph above date and pictures is a standfirst. Without any, this is how many blocks there are.
    """
    prose = [i for i, text in enumerate(blocks) if matches[i] is None and is_prose(text)]
    pairs = (i for i, j in itertools.pairwise(prose) if j == i + 1 and i < _HEAD_BLOCKS)
    return next(pairs, prose[0] if prose else len(blocks))


def read_facts(
    blocks: Sequence[str], matches: Sequence[Match | None], *, title: Title | None = None, url: str | None = None
) -> Facts:
    """Read what the blocks of a page tell. `title` is known already, where metadata or an earlier pass gave one."""
    body = body_start(blocks, matches)
    keys = [_key(text) for text in blocks]
    where: dict[str, str] = {}
    if title is None and (title := _title(blocks, matches, keys, body, url)):
        where["title"] = title.how
    repeats = _repeats(blocks, keys, title.text) if title and title.how != STAYS else {}
    dates, date_blocks = _dates(blocks, body, min((i for i, r in repeats.items() if r == "title"), default=-1))
    where |= {name: how for name, (_, how) in dates.items()}
    byline = next((blocks[i].strip() for i, m in enumerate(matches) if m and m.rule == "byline"), None)
    agency = _agency(blocks, matches)
    if agency:
        where["agency"] = agency[1]
    return Facts(
        title=title.text if title else None,
        published=dates["published"][0] if "published" in dates else None,
        modified=dates["modified"][0] if "modified" in dates else None,
        byline=byline,
        agency=agency[0] if agency else None,
        where=where,
        blocks={**date_blocks, **repeats},
    )


def _key(text: str) -> str:
    """Return what two lines must share to be the same headline: letters and figures, whatever the case and marks."""
    return " ".join(_WORDS.findall(text.casefold())) if len(text) < _TITLE_CHARS else ""


def _title(
    blocks: Sequence[str], matches: Sequence[Match | None], keys: Sequence[str], body: int, url: str | None
) -> Title | None:
    """Find the headline among the lines above the body: the one that the page repeats, or its address spells out.

    Else it is the first that looks like one and speaks of what the body speaks of. If it stands once, with nothing of
    a site around it, it may be the author's own first line, and stays.
    """
    site = any(matches[i] or date_line(blocks[i]) for i in range(min(body, len(blocks))))
    slug = {w for w in _WORDS.findall(_path(url)) if len(w) > 2}
    story = {w for text in blocks[body:] for w in _WORDS.findall(text.casefold()) if len(w) > 3}
    best: tuple[float, Title] | None = None
    for i in range(min(len(blocks), max(body, 3), _HEAD_BLOCKS)):
        if not _is_headline(blocks[i], matches[i]):
            continue
        own = {w for w in keys[i].split() if len(w) > 3}
        repeated = sum(key == keys[i] or _glued(key, keys[i]) for key in keys) > 1 or any(
            _crumb_ends(text, keys[i]) for text in blocks[: body + 1]
        )
        spelt = len(slug & set(keys[i].split())) >= max(3, 0.6 * len(slug))
        about = i < body < len(blocks) and len(own & story) >= 0.5 * len(own) and not _SENTENCE_END.search(blocks[i])
        if repeated or spelt or about or (i == 0 and not site and body > 0):
            how = "the url spells it" if spelt else "a line that the page repeats" if repeated else "above the body"
            score = 2 * spelt + repeated + about - i / _HEAD_BLOCKS
            if best is None or score > best[0]:
                best = (
                    score,
                    Title(" ".join(blocks[i].split()), how if repeated or spelt or (site and about) else STAYS),
                )
    return best[1] if best else None


def _is_headline(block: str, match: Match | None) -> bool:
    """Tell whether a block has the shape of a headline: some words on a line, no phrase, breadcrumb or date."""
    return (
        match is None
        and len(block) < _TITLE_CHARS
        and not block[0].isspace()
        and words(block) in _TITLE_WORDS
        and not _CRUMB.search(block)
        and not date_line(block)
    )


def _path(url: str | None) -> str:
    """Return the path of an address in lower case, "" for what is none."""
    try:
        return urlsplit(url or "").path.lower().replace("_", "-")
    except ValueError:
        return ""


def _glued(key: str, title: str) -> bool:
    """Tell whether a line is the title two or more times without a space between ("Rain fallsRain falls")."""
    times, rest = divmod(len(key.replace(" ", "")), max(1, len(title.replace(" ", ""))))
    return times > 1 and rest == 0 and key.replace(" ", "") == title.replace(" ", "") * times


def _crumb_ends(text: str, key: str) -> bool:
    if len(text) > _CRUMBS_CHARS or not _CRUMB.search(text):
        return False
    return _key(_CRUMB.split(text)[-1]) == key


def _repeats(blocks: Sequence[str], keys: Sequence[str], title: str) -> dict[int, str]:
    """Return the blocks that hold the title and nothing else, alone or at the end of breadcrumbs."""
    key = _key(title)
    found: dict[int, str] = {}
    for i, text in enumerate(blocks):
        if key and (keys[i] == key or _glued(keys[i], key)):
            found[i] = "title"
        elif key and _crumb_ends(text, key):
            found[i] = "breadcrumb"
    return found


def _dates(blocks: Sequence[str], body: int, title_at: int) -> tuple[dict[str, tuple[str, str]], dict[int, str]]:
    """Return publication and update date with where they stand, and the blocks that are date lines.

    Above the body and below it a line that holds a date alone is the page's; inside the body it may be the author's
    (a chronicle, an itinerary), so there it stays unless it says "Published".
    """
    found: dict[str, tuple[str, str]] = {}
    lines: dict[int, str] = {}
    for i, text in enumerate(blocks):
        line = date_line(text)
        if line is None:
            continue
        above = i <= body
        if above or line.label:
            lines[i] = "date"
        masthead = not line.label and (i < title_at or (line.weekday and i == 0 and title_at < 0))
        if line.label == "updated":
            found.setdefault("modified", (line.iso, f"a line that says so (block {i})"))
        elif line.label:
            found["published"] = found.get("published") or (line.iso, f"a line that says so (block {i})")
        elif above and not masthead:
            found.setdefault("published", (line.iso, f"a date line above the body (block {i})"))
    return found, lines


@cache
def _agencies() -> tuple[re.Pattern[str], re.Pattern[str], Mapping[str, str]]:
    """Return what finds an agency's name, what finds it in a dateline ("CITY, Oct 9 (Reuters) -"), and spellings."""
    table = tomllib.loads((configs() / "agencies.toml").read_text(encoding="utf-8"))["agencies"]
    names = {spelling: name for name, spellings in table.items() for spelling in spellings}
    either = "|".join(re.escape(s) for s in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)({either})(?!\w)"), re.compile(rf"^.{{0,80}}?[(（\[]({either})[)）\]]"), names


def _agency(blocks: Sequence[str], matches: Sequence[Match | None]) -> tuple[str, str] | None:
    """Return the news agency that the story comes from: told by a dateline, a byline or a closing credit."""
    name, dateline, names = _agencies()
    for i, text in enumerate(blocks):
        match = matches[i]
        credited = match is not None and match.rule in {"byline", "notice"}
        found = name.search(text) if credited else dateline.search(text) if match is None else None
        if found:
            return names[found[1]], f"{match.rule if match else 'dateline'} (block {i})"
    return None
