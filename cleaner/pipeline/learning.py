"""Learning the furniture of sites from a corpus: the pass that `learn` is, and that `run` makes first."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from cleaner.article import Article, Outcome, Page, Rejected
from cleaner.boilerplate.sites import UNKNOWN, Learner, Profile, merge, site_of
from cleaner.formats import records
from cleaner.formats.json_values import encode, parse
from cleaner.pipeline.stages import Profiles, clean_article, read_pages
from cleaner.pipeline.workers import Work, in_order
from cleaner.report import Report
from cleaner.settings.schema import Settings


def learned(report: Report, pages: Iterable[Page | Rejected], settings: Settings, work: Work) -> dict[str, Profile]:
    """Return the profiles that a corpus teaches."""
    learner = Learner(settings.sites)
    for article in report.count(_read(pages, settings, work)):
        learner.add(article)
    return learner.profiles()


@contextmanager
def learning(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work
) -> Iterator[tuple[Iterator[Page | Rejected], dict[str, Profile]]]:
    """Read a corpus once to learn from it, and give its pages again, as text, with what was learned.

    The pages wait in a temporary file; HTML is extracted only once.
    """
    learner = Learner(settings.sites)
    with tempfile.TemporaryFile() as file:
        for outcome in _read(pages, settings, work):
            if isinstance(outcome, Article):
                learner.add(outcome)
                file.write(records.encode(outcome))
            else:
                file.write(encode({"rejected": outcome}) + b"\n")
        file.seek(0)
        yield _again(file), learner.profiles()


def clean_and_learn(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work, profiles: Profiles
) -> Iterator[Outcome]:
    """Clean pages one by one, each by what the pages before it taught about its site.

    So the outcome depends on what came before: for a feed, and never unless asked for.
    """
    learner = Learner(settings.sites)
    for raw in _read(pages, settings, work):
        if isinstance(raw, Rejected):
            yield raw
            continue
        site = site_of(raw) or UNKNOWN
        known = merge([profiles, {site: learner.profile(site)}])
        yield clean_article(raw, settings, known)
        learner.add(raw)


def _read(pages: Iterable[Page | Rejected], settings: Settings, work: Work) -> Iterator[Outcome]:
    return in_order(functools.partial(read_pages, settings=settings), pages, work)


def _again(file: IO[bytes]) -> Iterator[Page | Rejected]:
    for row in file:
        record = parse(row)
        if isinstance(record.get("rejected"), Mapping) and len(record) == 1:
            yield Rejected(**record["rejected"])
        else:
            origin = record["provenance"]
            fields = {key: value for key, value in record.items() if key not in {"id", "text"}}
            yield Page(record["id"], record["text"], source=origin["source"], line=origin.get("line"), fields=fields)
