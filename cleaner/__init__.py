"""Scraped news in, clean canonical articles out.

The library in short: `clean` takes a page (HTML, text or a record) to its clean article, `group` groups articles and
answers questions about them, `run` does the whole job of the command line, `Index` keeps a corpus that grows.

Package map, in the order a page passes through. The docstring of each package says in a paragraph what it does, what
it knows and what it never does.

- article: the types (`Page`, `Article`, `Removed`, `Rejected`). settings: what can be set; the values stand in
  `configs/default.toml` (for people) and `configs/tuning.toml` (fitted). resources: where those files are.
  report: counts for people. pool: processes for the grouping.
- text, dates: what strings say. formats: bytes into pages and records, and back.
- One page: extraction (HTML), stages (extract, repair, describe, quality) and boilerplate (the site's furniture),
  joined by pipeline, which also runs the worker processes with their timeouts. judging: what both judges share.
- Many articles: arrays, words and minhash are the foundations; near_duplicates and stories are the two groupings;
  canonical ranks the members of a group; corpus has all articles at once, index takes them one at a time.
- Uses: job (`run`), explanation (`explain`), hooks (`fix`, `check`), git (`duplicates`), library, and cli above them.

A room imports only rooms below it; the order stands in `pyproject.toml`, and the tests hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaner.article import Article, Page, Rejected, Removed

if TYPE_CHECKING:
    from cleaner.corpus.corpus import Corpus
    from cleaner.hooks.fix_text import fix_text
    from cleaner.index import Index, IndexMismatchError, IndexUnusableError
    from cleaner.library import GroupedArticles, clean, clean_pages, group, run, signatures
    from cleaner.pipeline.stages import clean_page
    from cleaner.settings import Settings, SettingsError, load_settings

__version__ = "0.1.0"
__all__ = [
    "Article",
    "Corpus",
    "GroupedArticles",
    "Index",
    "IndexMismatchError",
    "IndexUnusableError",
    "Page",
    "Rejected",
    "Removed",
    "Settings",
    "SettingsError",
    "clean",
    "clean_page",
    "clean_pages",
    "fix_text",
    "group",
    "load_settings",
    "run",
    "signatures",
]
_HOMES = {
    "cleaner.corpus.corpus": ("Corpus",),
    "cleaner.hooks.fix_text": ("fix_text",),
    "cleaner.index": ("Index", "IndexMismatchError", "IndexUnusableError"),
    "cleaner.library": ("GroupedArticles", "clean", "clean_pages", "group", "run", "signatures"),
    "cleaner.pipeline.stages": ("clean_page",),
    "cleaner.settings": ("Settings", "SettingsError", "load_settings"),
}


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    import importlib

    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(home), name)
    raise AttributeError(f"module 'cleaner' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
