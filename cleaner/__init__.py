"""Scraped news in, clean canonical articles out.

The library in short: `clean_page` takes a `Page` through every stage up to the clean `Article`; `Corpus` groups
articles; `load_settings` gives the settings of both. What the command line does beyond that is reading and writing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaner.article import Article, Page, Rejected, Removed

if TYPE_CHECKING:
    from cleaner.corpus.corpus import Corpus
    from cleaner.pipeline.stages import clean_page
    from cleaner.settings import load_settings

__version__ = "0.1.0"
__all__ = ["Article", "Corpus", "Page", "Rejected", "Removed", "clean_page", "load_settings"]


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    import importlib

    homes = {
        "Corpus": "cleaner.corpus.corpus",
        "clean_page": "cleaner.pipeline.stages",
        "load_settings": "cleaner.settings",
    }
    if name in homes:
        return getattr(importlib.import_module(homes[name]), name)
    raise AttributeError(f"module 'cleaner' has no attribute {name!r}")
