"""Text and metadata as trafilatura finds them: the only module that names it.

Runs in worker processes (see `workers.py`), because a hostile page can crash or hang the parser (trafilatura issues
657, 704, 840, 925). Never `deduplicate=True`: its state is the process's, and a fourth identical page comes back empty.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from cleaner.settings.schema import ExtractSettings

_LONG_PARAGRAPH = 60  # characters: shorter ones are labels and captions as often as prose
_SPELLING = frozenset(map(chr, (0x200C, 0x200D, *range(0xE0020, 0xE0080))))
"""Characters without a shape of their own that words and emoji are spelt with: joiners, and the letters of flags."""
_METAS = (
    ("published", "article:published_time"),
    ("published", "datePublished"),
    ("published", "date"),
    ("published", "pubdate"),
    ("published", "dc.date.issued"),
    ("published", "parsely-pub-date"),
    ("published", "sailthru.date"),
    ("modified", "article:modified_time"),
    ("modified", "dateModified"),
    ("modified", "lastmod"),
)


def text_of(tree: Any, url: str | None, settings: ExtractSettings) -> str:
    """Return the article's text, a paragraph a line; "" if none is found. `tree`: what `load` gave.

    The precision setting is best on news; where it keeps less than `min_share` of the text that stands in the page's
    paragraphs, it has taken the wrong element, and the fast setting, which takes more, decides instead.
    """
    from trafilatura import bare_extraction  # 0.2 s to import, for HTML alone

    def text(*, fast: bool) -> str:
        found = bare_extraction(tree, url=url, include_comments=False, favor_precision=not fast, fast=fast)
        return getattr(found, "text", None) or ""

    body = text(fast=False)
    prose = sum(n for n in (len(p.text_content().strip()) for p in tree.iter("p")) if n > _LONG_PARAGRAPH)
    if len(body) < settings.min_share * prose or not body:
        body = text(fast=True) or body
    # trafilatura separates paragraphs by one line break; ours stand a blank line apart.
    return "\n\n".join(line for line in body.split("\n") if line.strip())


def load(html: str) -> Any:
    """Parse a page with lxml, None if it cannot be parsed."""
    from trafilatura import utils

    # trafilatura takes out what `str.isprintable` denies, the joiners that Persian and emoji are spelt with among them.
    utils.return_printables_and_spaces = _visible
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return utils.load_html(html)


@functools.lru_cache(maxsize=2**14)
def _visible(char: str) -> str:
    """Return a character that can be seen or that others are spelt with, "" for any other."""
    return char if char.isprintable() or char.isspace() or char in _SPELLING else ""


def metadata_of(tree: Any, url: str | None) -> dict[str, Any]:
    """Return title, url, authors, language and dates of a page, with where the date of publication was found."""
    from trafilatura.metadata import extract_metadata

    # The clock must not decide what counts as a date in the future, so the limit is fixed.
    dates = {"original_date": True, "extensive_search": False, "max_date": "2100-01-01"}
    found = extract_metadata(tree, url, dates, extensive=False)
    values: dict[str, Any] = {"title": found.title or None, "url": found.url or url}
    if found.author:
        values["authors"] = tuple(dict.fromkeys(name.strip() for name in found.author.split(";") if name.strip()))
    values["language"] = _language(tree)
    for name, where, value in (*_json_ld_dates(tree), *_meta_dates(tree), ("published", "markup", found.date or "")):
        if not values.get(name) and _DATE.match(value):
            values[name] = value
            if name == "published":
                values["published_from"] = where
    return values


_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _language(tree: Any) -> str | None:
    """Return the page's declared language, a two- or three-letter code."""
    declared = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", declared)
    return found[0].lower() if found else None


def _json_ld_dates(tree: Any) -> Iterator[tuple[str, str, str]]:
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            queue = [json.loads(script.text or "null", strict=False)]
        except (ValueError, RecursionError):
            continue
        while queue:
            node = queue.pop(0)
            if isinstance(node, list):
                queue.extend(node)
            elif isinstance(node, dict):
                queue.extend(node.get("@graph") or [] if isinstance(node.get("@graph"), list) else [])
                for name, key in (("published", "datePublished"), ("modified", "dateModified")):
                    if isinstance(node.get(key), str):
                        yield name, "json-ld", node[key].strip()


def _meta_dates(tree: Any) -> Iterator[tuple[str, str, str]]:
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        key = meta.get("property") or meta.get("itemprop") or meta.get("name")
        if key and meta.get("content"):
            metas.setdefault(key.lower(), meta.get("content").strip())
    for name, key in _METAS:
        if key.lower() in metas:
            yield name, "meta", metas[key.lower()]
