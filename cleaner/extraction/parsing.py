"""A page's HTML as a tree, and its body written out again: the only module that names selectolax.

What lexbor writes is well formed: every element is closed, and "<" and ">" stand for tags alone, since both are escaped
in text and in the values of attributes and since elements of raw text are taken out first. So `segmenting` finds the
whole tree in the bytes, by array operations on many pages at once, without a step of Python for each node.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

_NEVER_TEXT: Final = (
    *("script", "style", "template", "svg", "iframe", "canvas", "video", "audio", "map", "math", "noembed"),
    *("noframes", "xmp", "plaintext", "title", "rt", "rp"),
    *("amp-ad", "amp-sidebar", "amp-accordion", "amp-consent"),
)
_UNCLOSED: Final = ("noscript", "button", "select", "textarea", "object")
"""Never text either; but pages that forget to close one have everything in it."""
_LITTLE, _MUCH = 1000, 5000
"""Characters: a page of more than `_MUCH` that leaves less than `_LITTLE` has stood in an unclosed element."""
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_JSON_LD: Final = 'script[type="application/ld+json"]'
_QUEUE: Final = 2000  # JSON-LD nodes looked at: a page describes itself in a dozen


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A parsed page, for the judge of blocks (`body`) and for whoever reads metadata (the rest)."""

    tree: LexborHTMLParser
    """The page without what is never text; its head is whole but for scripts, styles and the title."""
    body: bytes
    """The body as lexbor writes it, in UTF-8, without comments and with spaces for those that do not break."""
    title: str
    """What the page is called in `og:title`, else in `<title>`; "" if nowhere."""
    scripts: tuple[str, ...]
    """The JSON-LD scripts' texts, in the order of the page."""

    def json_ld(self) -> Iterator[dict[str, Any]]:
        """Yield the objects that the page describes itself with, those of a `@graph` behind the one that holds it.

        A script that is no JSON is passed over.
        """
        for script in self.scripts:
            try:
                queue = deque([json.loads(script, strict=False)])
            except (ValueError, RecursionError):
                continue
            for _ in range(_QUEUE):
                if not queue:
                    break
                node = queue.popleft()
                if isinstance(node, list):
                    queue.extend(node)
                elif isinstance(node, dict):
                    yield node
                    queue.extend(node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node)

    def metas(self) -> Iterator[tuple[str, str]]:
        """Yield key (property, name or itemprop, in lower case) and content of each meta element, in order."""
        for meta in self.tree.css("meta[content]"):
            values = meta.attributes
            key = values.get("property") or values.get("name") or values.get("itemprop")
            if key:
                yield key.strip().lower(), values.get("content") or ""

    def headings(self) -> list[LexborNode]:
        """Return the page's h1 elements, in order; their `parent` leads to what holds them."""
        return self.tree.css("h1")


def parse(html: str) -> ParsedPage:
    """Parse a page. Whatever the string holds, there is a page, if one without text."""
    tree = LexborHTMLParser(html)
    title = _title(tree)
    scripts = tuple(script.text() for script in tree.css(_JSON_LD)) if "ld+json" in html else ()
    body = _body(tree, (*_NEVER_TEXT, *_UNCLOSED))
    if len(body) < _LITTLE and len(html) > _MUCH:
        tree = LexborHTMLParser(html)
        body = _body(tree, _NEVER_TEXT)
    return ParsedPage(tree, body.encode("utf-8", "replace"), title, scripts)


def _title(tree: LexborHTMLParser) -> str:
    head = tree.head
    if head is None:
        return ""
    declared = head.css_first('meta[property="og:title"]')
    title = (declared.attributes.get("content") if declared is not None else None) or ""
    if not title and (element := head.css_first("title")) is not None:
        title = element.text()
    return " ".join(title.split())


def _body(tree: LexborHTMLParser, unwanted: Sequence[str]) -> str:
    tree.strip_tags(list(unwanted))
    body = tree.body
    written = (body.html if body is not None else None) or "<body></body>"
    if "<!--" in written:
        written = _COMMENT.sub("", written)
    return written.replace("&nbsp;", " ")
