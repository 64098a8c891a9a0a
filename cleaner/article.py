"""What flows through the pipeline: a `Page` goes in, an `Article` or a `Rejected` comes out.

All three are frozen: a stage returns a changed copy (`dataclasses.replace`) and never edits what it was given. The
keys of an article's record and their order are a promise to every program downstream; `formats.records` writes them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
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

        An alias that gave a value is consumed; any other key that is not ours passes through under its own name.

        >>> article = Article.from_fields("1", "Rain fell.", {"date": "2021-05-03", "topic": "weather"})
        >>> article.published, article.extra
        ('2021-05-03', {'topic': 'weather'})
        """
        nested = fields.get("metadata")
        known = {**nested, **fields} if nested and isinstance(nested, Mapping) else fields
        values: dict[str, Any] = {}
        used = set(KEYS)
        for name in dict.fromkeys(_NAMES[key] for key in known if key in _NAMES):
            for key in ALIASES.get(name, (name,)):
                value = _strings(known.get(key))
                if value:
                    values[name] = value if name == "authors" else value[0].strip()
                    used.add(key)
                    break
        extra = {key: value for key, value in fields.items() if key not in used}
        if not _OWN.isdisjoint(known):  # what an earlier pass wrote
            values["flags"] = _strings(known.get("flags"))
            values["removed"] = tuple(_removed(known.get("removed")))
            for name in ("near_duplicates", "story"):
                if isinstance(known.get(name), str | int):
                    values[name] = known[name]
            if isinstance(known.get("canonical"), bool):
                values["canonical"] = known["canonical"]
            if isinstance(known.get("provenance"), Mapping):
                values["provenance"] = known["provenance"]
        return cls(id=id, text=text, extra=extra, **values)


KEYS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(Article) if f.name != "extra")
"""The fixed keys of an article's record, in their order."""
_OWN = frozenset(("flags", "removed", "near_duplicates", "story", "canonical", "provenance"))
_NAMES: Mapping[str, str] = {
    key: name
    for name in ("title", "url", "site", "published", "modified", "language", "agency", "authors")
    for key in ALIASES.get(name, (name,))
}


def _strings(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list | tuple):
        return tuple(v for v in value if isinstance(v, str) and v.strip())
    return ()


def _removed(value: object) -> list[Removed]:
    """Read back what an earlier pass removed; anything that is not of our form is passed over."""
    rows = value if isinstance(value, list) else []
    return [
        Removed(row["block"], row["rule"], row["text"])
        for row in rows
        if isinstance(row, dict) and {"block", "rule", "text"} <= row.keys()
    ]


Outcome = Article | Rejected
