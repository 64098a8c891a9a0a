"""Scraped news in, clean canonical articles out.

The library in short: `clean` takes a page (HTML, text or a record) to its clean article, `group` groups articles and
answers questions about them, `run` does the whole job of the command line, `Index` keeps a corpus that grows.

The map of the house, in the way of a page. Each package says in a paragraph what it does and what it never does.

- article: the words of the house (`Page`, `Article`, `Removed`, `Rejected`); settings, resources: what can be set, and
  where data stands; report, pool: counts for people, work over processes.
- text, dates: plain strings. formats: bytes into pages and records, and back.
- One page: stages (extract, repair, describe, quality) and boilerplate (what is the site's and not the story's), joined
  by pipeline.
- Many articles: arrays, words, minhash are the ground; near_duplicates and stories are the two groupings; canonical is
  the choice; corpus has all articles at once, index one after the other.
- Uses: job (`run`), explanation (`explain`), hooks (`fix`, `check`), git (`duplicates`), library; cli is over them all.

A room uses rooms below it alone; the order stands in `pyproject.toml`, and the tests hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaner.article import Article, Page, Rejected, Removed

if TYPE_CHECKING:
    from cleaner.corpus.corpus import Corpus
    from cleaner.hooks.fix_text import fix_text
    from cleaner.index import Index, IndexMismatchError
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
    "cleaner.index": ("Index", "IndexMismatchError"),
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
