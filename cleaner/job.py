"""The main job: a folder of scraped pages becomes files of clean, grouped, canonical articles.

`run` is `group` with cleaning before it. Nothing that they write changes from run to run, or with the order of inputs
and the number of processes.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.article import INVARIANT, Outcome, Page, Rejected
from cleaner.boilerplate.sites import merge, site_profiles
from cleaner.corpus.collecting import BYTES_PER_CHUNK, Block, blocks_of
from cleaner.corpus.corpus import Corpus, Done, grouped
from cleaner.corpus.groups import Groups
from cleaner.corpus.journal import Begun, journaled
from cleaner.formats.files import write_lines
from cleaner.formats.hashing import Digests
from cleaner.formats.output_set import ARTICLES, CANONICAL, GROUPS, REJECTED, OutputSet
from cleaner.formats.pages import read, read_blocks
from cleaner.formats.sources import Source, find
from cleaner.pipeline.learning import learning
from cleaner.pipeline.stages import clean_pages, clean_texts
from cleaner.pipeline.workers import Work
from cleaner.pool import get_ready
from cleaner.report import Report
from cleaner.settings.schema import Settings

FORMAT = 1
"""Version of the files' layout; a reader that finds another one should refuse."""


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """What a run found and wrote. `groups` are the records of its groups, those of a kind together, largest first."""

    counts: dict[str, int]
    """Groups of two or more by kind: "near_duplicates", "stories"."""
    canonical: int
    """Canonical articles."""
    groups: list[dict[str, Any]]
    report: Report
    """Counts of what went by, and what was rejected."""

    def __repr__(self) -> str:
        found = self.report
        return f"<{found.articles:,} articles, {len(found.rejected):,} rejected, {self.canonical:,} canonical>"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a run writes."""

    output: Path
    state: Path | None = None
    """Keeps finished work until all is done, so that the same run goes on after a crash."""
    force: bool = False
    """Whether results of other inputs are replaced."""


def run(inputs: Sequence[str], folders: Folders, settings: Settings, work: Work, report: Report) -> Result:
    """Clean, group and write everything below `inputs` to a folder.

    What is known of sites comes from the profiles that the settings name and, if they say so, from the corpus itself.
    Raises FileNotFoundError if an input does not exist, OSError if a folder cannot be written, ValueError if a site
    profile cannot be read, if the folder holds what other inputs gave or if other work was begun in the folder of the
    state, `WorkerDiedError` if a process is killed, `InvariantError` if an input is unaccounted for.
    """
    profiles = site_profiles(settings.sites)
    with ExitStack() as stack:
        sources = find(inputs, leave_out=[folder for folder in (folders.output, folders.state) if folder])
        names = {source.name for source in sources}
        outputs = stack.enter_context(OutputSet(folders.output, names, force=folders.force))
        stack.enter_context(journaled(folders.state, Begun("run", sources, settings, profiles)))
        digests, count = Digests(), _Count()
        pages = count.of(read(sources, sys.stdin.buffer, max_bytes=settings.read.max_bytes, digests=digests))
        texts: Iterator[Outcome] | None = None
        if settings.sites.learn:
            texts, learned = stack.enter_context(learning(pages, settings, work))
            profiles = merge([profiles, learned])

        def cleaned(done: Done) -> Iterator[Block]:
            if texts is None:
                outcomes = clean_pages(islice(pages, done.inputs, None), settings, work, profiles)
            else:
                outcomes = clean_texts(islice(texts, done.inputs, None), settings, work, profiles)
            return blocks_of(_shown(outcomes, report, done.inputs))

        corpus, groups = stack.enter_context(grouped(cleaned, settings, work.jobs, report, folders.state))
        canonical = _write_articles(outputs, corpus, groups)
        records = sorted(groups.records(), key=_group_order)
        with outputs.open(GROUPS) as file:
            write_lines(file, records)
        with outputs.open(REJECTED) as file:
            write_lines(file, (rejected.record() for rejected in sorted(report.rejected, key=_rejected_order)))
        _check(count.inputs, report)
        outputs.publish(
            _manifest(settings, list(map(digests.of, sources)), report, groups.counts | {"canonical": canonical})
        )
    return Result(groups.counts, canonical, records, report)


class InvariantError(RuntimeError):
    """Something was lost on the way, which must never be; the text says what. Nothing was put in place."""


class _Count:
    """Counts the pages and rejected inputs that reading gives."""

    def __init__(self) -> None:
        self.inputs = 0

    def of(self, pages: Iterable[Page | Rejected]) -> Iterator[Page | Rejected]:
        for page in pages:
            self.inputs += 1
            yield page


def _check(inputs: int, report: Report) -> None:
    """Raise `InvariantError` unless each input is an article or rejected, and each block is accounted for."""
    if inputs != report.articles + len(report.rejected):
        found = f"{report.articles:,} articles and {len(report.rejected):,} rejected"
        raise InvariantError(f"{inputs:,} inputs gave {found}: nothing was written; please report this")
    if lost := [rejected for rejected in report.rejected if rejected.stage == INVARIANT]:
        named = ", ".join(str(rejected.id) for rejected in lost[:10])
        raise InvariantError(f"blocks of {len(lost):,} articles are unaccounted for ({named}): nothing was written")


@contextmanager
def group(
    inputs: Sequence[str], settings: Settings, jobs: int, report: Report, state: Path | None = None
) -> Iterator[tuple[Corpus, Groups]]:
    """Group the articles of files and give them with their groups; they go away when the context ends.

    `state`: as in `Folders`. Raises what `run` does.
    """
    sources = find(inputs)
    if jobs > 1 and _size(sources) > BYTES_PER_CHUNK:  # one chunk needs no other process
        get_ready()
    stdin = sys.stdin.buffer
    max_bytes = settings.read.max_bytes

    def blocks(done: Done) -> Iterator[Block]:
        every = read_blocks(sources, stdin, max_bytes=max_bytes, size=BYTES_PER_CHUNK)
        return islice(every, done.chunks, None)

    with journaled(state, Begun("group", sources, settings)), grouped(blocks, settings, jobs, report, state) as found:
        yield found


def _size(sources: Sequence[Source]) -> float:
    """Return the bytes of the files, infinity for standard input, and 0 for a file that reading will reject."""
    if any(source.path is None for source in sources):
        return math.inf
    return sum(source.path.stat().st_size for source in sources if source.path is not None and source.path.exists())


def _shown(outcomes: Iterable[Outcome], report: Report, done: int) -> Iterator[Outcome]:
    """Show progress page by page; `report` counts by the chunk."""
    for number, outcome in enumerate(outcomes, done + 1):
        if report.progress:
            report.progress.show(number)
        yield outcome


def _write_articles(outputs: OutputSet, corpus: Corpus, groups: Groups) -> int:
    """Write all articles, and once more the canonical ones; return how many those are."""
    rows = corpus.order
    fields = list(groups.fields(rows))
    with outputs.open(ARTICLES) as everything, outputs.open(CANONICAL) as chosen:
        for line, (_, _, canonical) in zip(corpus.spool.lines(rows, fields), fields, strict=True):
            everything.write(line)
            if canonical:
                chosen.write(line)
    return sum(canonical is True for _, _, canonical in fields)


def _group_order(record: dict[str, Any]) -> tuple[str, int, str]:
    return record["kind"], -len(record["members"]), str(record["id"])


def _rejected_order(rejected: Rejected) -> tuple[str, int, str]:
    return rejected.source, rejected.line or 0, str(rejected.id)


def _manifest(
    settings: Settings, inputs: Sequence[dict[str, Any]], report: Report, groups: dict[str, int]
) -> dict[str, Any]:
    return {
        "cleaner": __version__,
        "format": FORMAT,
        "settings_sha256": settings.digest(),
        "counts": {
            "inputs": report.pages,
            "articles": report.articles,
            "rejected": len(report.rejected),
            "rejected_by_stage": dict(sorted(Counter(r.stage for r in report.rejected).items())),
            "removed_by_rule": dict(sorted(report.removed.items())),
            "repaired": dict(sorted(report.repaired.items())),
            "flags": dict(sorted(report.flags.items())),
            "groups": groups,
        },
        "inputs": list(inputs),
        "settings": settings,
    }
