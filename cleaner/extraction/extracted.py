"""What goes into extraction and what comes out of it; importing it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass


class ExtractError(ValueError):
    """The page holds no article that can be found."""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A page's HTML, and its address if that is known."""

    html: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page's HTML says: its text, paragraphs a blank line apart, and its metadata.

    `extractor` says where the text is from ("judge", "trafilatura" or "json-ld"), `confidence` the F1 that the judge
    expects of its own choice, from 0 to 1, whether or not it was taken; `flags` what the page is besides or instead of
    an article.
    """

    text: str
    title: str | None = None
    url: str | None = None
    published: str | None = None
    published_from: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] | None = None
    language: str | None = None
    extractor: str = "judge"
    confidence: float = 0.0
    flags: tuple[str, ...] = ()
