"""What flows through the pipeline: a `Page` goes in, an `Article` or a `Rejected` comes out.

All three are frozen: a stage returns a changed copy (`dataclasses.replace`) and never edits what it was given. The
keys of an article's record and their order are a promise to every program downstream; `formats.records` writes them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Id = str | int
"""An input's own id keeps its type, so that joins with the data it came from go on working."""
Kind = Literal["near_duplicates", "story"]
"""The two ways in which articles are grouped, by the key of an article's record that names the group."""
KINDS: tuple[Kind, ...] = ("near_duplicates", "story")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "content", "maintext", "raw_content", "body"),
    "html": ("html", "raw_html"),
    "published": ("published", "date", "publish_date", "date_publish", "datePublished", "created"),
    "modified": ("modified", "date_modify", "dateModified"),
    "site": ("site", "source", "hostname", "domain", "source_domain", "sitename"),
    "language": ("language", "lang"),
    "authors": ("authors", "author"),
}
"""Keys of other tools (datatrove, dolma, news-please, trafilatura, newspaper) that mean one of ours, best first."""


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """What was scraped: text or HTML, and where it came from (`line` counts from 1, where a file holds many).

    `fields` holds the other keys of a JSON record, whoever wrote them; `charset` is what bytes were decoded with.
    """

    id: Id
    content: str
    html: bool = False
    source: str = ""
    line: int | None = None
    charset: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    bad: int = 0
    """Places in its bytes that could not be read in the character set."""

    def __repr__(self) -> str:
        return f"<page {self.id!r}: {len(self.content):,} characters of {'HTML' if self.html else 'text'}>"


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that was taken out: its number in the page's text, the rule that judged it, and its words."""

    block: int
    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that gave no article: at which stage it fell out and why. `line` counts from 1."""

    source: str
    stage: str
    reason: str
    line: int | None = None
    id: Id | None = None

    @classmethod
    def of(cls, origin: Page | Article, stage: str, reason: str) -> Rejected:
        """Reject a page, or an article by where its provenance says that it comes from."""
        if isinstance(origin, Page):
            return cls(origin.source, stage, reason, origin.line, origin.id)
        known = origin.provenance
        return cls(str(known.get("source", "")), stage, reason, known.get("line"), origin.id)

    def record(self) -> dict[str, Any]:
        """Return the JSON form, a line of `rejected.jsonl`."""
        return {"id": self.id, "source": self.source, "line": self.line, "stage": self.stage, "reason": self.reason}

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}"
        return f"{where}: {self.stage}: {self.reason}"


@dataclass(frozen=True, slots=True, repr=False)
class Article:
    """Title, metadata and body text of one page. The README says what each key means.

    `provenance` says where values came from (source file, charset, what gave the title and the date) and which repairs
    were made. `extra` holds the input's keys that mean nothing to us; they pass through untouched.
    """

    id: Id
    text: str
    title: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] | None = None
    language: str | None = None
    agency: str | None = None
    flags: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    near_duplicates: Id | None = None
    story: Id | None = None
    canonical: bool | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        what = f"{self.title!r}, " if self.title else ""
        return f"<article {self.id!r}: {what}{len(self.text.split()):,} words>"

    def record(self) -> dict[str, Any]:
        """Return the JSON form: the fixed keys in their order, then the input's own."""
        return {name: getattr(self, name) for name in KEYS} | dict(self.extra)

    @classmethod
    def from_fields(cls, id: Id, text: str, fields: Mapping[str, Any]) -> Article:  # noqa: A002 - the record's own key
        """Make an article of a JSON record's keys, our own and the aliases of other tools.

        An alias that gave a value is consumed; any other key that is not ours passes through under its own name. A
        value of another form is understood where that is plain (seconds since 1970, objects with a name). What could
        not be represented is kept under its key in `provenance["given"]`.

        >>> article = Article.from_fields("1", "Rain fell.", {"date": "2021-05-03", "topic": "weather"})
        >>> article.published, article.extra
        ('2021-05-03', {'topic': 'weather'})
        >>> article = Article.from_fields("1", "Rain fell.", {"authors": [{"name": "Ann"}], "flags": {"sport": True}})
        >>> article.authors, article.provenance
        (('Ann',), {'given': {'authors': [{'name': 'Ann'}], 'flags': {'sport': True}}})
        """
        nested = fields.get("metadata")
        known = {**nested, **fields} if nested and isinstance(nested, Mapping) else fields
        values, used, given = _metadata(known, fields)
        extra = {key: value for key, value in fields.items() if key not in used}
        if not _OWN.isdisjoint(known):
            for name, read in _READ.items():
                found = read(known.get(name))
                if found is not None and name != "id":
                    values[name] = found
                elif known.get(name) is not None:
                    given[name] = known[name]
        if fields.get("text"):  # the text stands under another key
            given["text"] = fields["text"]
        if given:
            before = values.get("provenance", {})
            values["provenance"] = {**before, "given": {**before.get("given", {}), **given}}
        return cls(id=id, text=text, extra=extra, **values)


KEYS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Article) if f.name != "extra")
"""The fixed keys of an article's record, in their order."""
_NAMES: Mapping[str, str] = {
    key: name
    for name in ("title", "url", "site", "published", "modified", "language", "agency", "authors")
    for key in ALIASES.get(name, (name,))
}


_INSIDE = ("name", "rendered", "@value", "value", "text", "loc", "url", "@id")
"""Keys under which an object that stands for a string has it (JSON-LD, WordPress, feeds), best first."""
_MOST_SECONDS = 4_102_444_800  # since 1970: until 2100; larger numbers are milliseconds


def _metadata(known: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[dict[str, Any], set[str], dict[str, Any]]:
    """Return what the keys for metadata say, the keys that are used up, and the raw values that say more than that."""
    values: dict[str, Any] = {}
    used = set(KEYS)
    given: dict[str, Any] = {}
    for name in dict.fromkeys(_NAMES[key] for key in known if key in _NAMES):
        for key in ALIASES.get(name, (name,)):
            value = known.get(key)
            found = _texts(value, name)
            if found:
                values[name] = found if name == "authors" else found[0]
                used.add(key)
            if value and key in used and key in fields and not _is_said(value, found, name):
                given[key] = value
            if found:
                break
    return values, used, given


def _texts(value: object, name: str) -> tuple[str, ...]:
    """Return what a value of one of our keys says, as strings."""
    if isinstance(value, str):
        return (value.strip(),) if value.strip() else ()
    if isinstance(value, list | tuple):
        return tuple(text for one in value for text in _texts(one, name))
    if isinstance(value, Mapping):
        return next((texts for key in _INSIDE if (texts := _texts(value.get(key), name))), ())
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name not in {"published", "modified"}:
            return (str(value),) if name == "title" else ()
        seconds = value / 1000 if value > _MOST_SECONDS else value
        if 0 < seconds < _MOST_SECONDS:
            moment = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
            return (moment.isoformat(),)
    return ()


def _is_said(value: object, found: tuple[str, ...], name: str) -> bool:
    """Tell whether what was taken of a value is all that it says."""
    if isinstance(value, str):
        return True
    whole = found if name == "authors" else found[:1]
    return isinstance(value, list | tuple) and tuple(one.strip() for one in value if isinstance(one, str)) == whole


def _flags(value: object) -> tuple[str, ...] | None:
    is_ours = isinstance(value, list | tuple) and all(isinstance(flag, str) for flag in value)
    return tuple(value) if is_ours else None  # type: ignore[arg-type]


def _removed(value: object) -> tuple[Removed, ...] | None:
    """Read back what an earlier pass removed."""
    if not isinstance(value, list):
        return None
    rows = []
    for row in value:
        match row:
            case {"block": int(block), "rule": str(rule), "text": str(text), **rest} if not rest:
                rows.append(Removed(block, rule, text))
            case _:
                return None
    return tuple(rows)


def _id(value: object) -> Id | None:
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _bool(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _provenance(value: object) -> Mapping[str, Any] | None:
    """Read back the provenance of an earlier pass; that of another tool has other keys or other values."""
    if not isinstance(value, Mapping):
        return None
    repaired = value.get("repaired", [])
    is_ours = (
        isinstance(value.get("source", ""), str)
        and isinstance(value.get("line", 0), int)
        and isinstance(value.get("given", {}), Mapping)
        and isinstance(repaired, list | tuple)
        and all(isinstance(step, str) for step in repaired)
    )
    return value if is_ours else None


_READ: Mapping[str, Callable[[object], Any]] = {
    "id": _id,
    "flags": _flags,
    "removed": _removed,
    "near_duplicates": _id,
    "story": _id,
    "canonical": _bool,
    "provenance": _provenance,
}
"""How what an earlier pass wrote is read back, by key; None where none has written it."""
_OWN = frozenset(_READ)

Outcome = Article | Rejected
INVARIANT = "invariant"
"""The stage of an article that lost blocks on the way, which must never occur."""
