"""Learning the furniture of sites from a corpus: the pass that `learn` is, and that `run` makes first."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from cleaner.article import Outcome, Page, Rejected
from cleaner.boilerplate.sites import UNKNOWN, Learner, Profile, merge, site_of
from cleaner.formats.records import decode, encode
from cleaner.pipeline.stages import Profiles, texts, to_clean
from cleaner.pipeline.workers import Work
from cleaner.report import Report
from cleaner.settings.schema import Settings


def learned(report: Report, pages: Iterable[Page | Rejected], settings: Settings, work: Work) -> dict[str, Profile]:
    """Return the profiles that a corpus teaches."""
    learner = Learner(settings.sites)
    for article in report.count(texts(pages, settings, work)):
        learner.add(article)
    return learner.profiles()


@contextmanager
def learning(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work
) -> Iterator[tuple[Iterator[Outcome], dict[str, Profile]]]:
    """Take a corpus as far as its texts to learn from them, and give those again with what was learned.

    Articles wait in a temporary file, each as a line. A blank line stands for a page that was rejected: those are few,
    and wait in memory.
    """
    learner = Learner(settings.sites)
    rejected: deque[Rejected] = deque()
    with tempfile.TemporaryFile() as file:
        for outcome in texts(pages, settings, work):
            if isinstance(outcome, Rejected):
                rejected.append(outcome)
                file.write(b"\n")
            else:
                learner.add(outcome)
                file.write(encode(outcome))
        file.seek(0)
        yield (rejected.popleft() if line.isspace() else decode(line) for line in file), learner.profiles()


def clean_and_learn(
    pages: Iterable[Page | Rejected], settings: Settings, work: Work, profiles: Profiles
) -> Iterator[Outcome]:
    """Clean pages one by one, each by what the pages before it taught about its site.

    So the outcome depends on what came before: for a feed, and never unless asked for.
    """
    learner = Learner(settings.sites)
    for text in texts(pages, settings, work):
        if isinstance(text, Rejected):
            yield text
            continue
        site = site_of(text) or UNKNOWN
        known = merge([profiles, {site: learner.profile(site)}])
        yield to_clean(text, settings, known)
        learner.add(text)
