"""The main job: a folder of scraped pages becomes files of clean, grouped, canonical articles.

Nothing in the files changes from run to run, or with the order of inputs and the number of workers.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from cleaner import __version__
from cleaner.article import Rejected
from cleaner.boilerplate.sites import merge, site_profiles
from cleaner.corpus.corpus import Corpus
from cleaner.corpus.groups import Groups
from cleaner.formats.files import replacing, write_json, write_lines
from cleaner.formats.pages import read
from cleaner.formats.sources import Source, find
from cleaner.pipeline.learning import learning
from cleaner.pipeline.stages import clean_pages
from cleaner.pipeline.workers import Work
from cleaner.report import Report
from cleaner.settings.schema import Settings

FORMAT = 1
"""Version of the files' layout; a reader that finds another one should refuse."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found and wrote. `groups` are the records of its groups, those of a kind together, largest first."""

    counts: dict[str, int]
    canonical: int
    groups: list[dict[str, Any]]


def run(inputs: Sequence[str], output: Path, settings: Settings, work: Work, report: Report) -> Result:
    """Clean, group and write everything below `inputs` to the folder `output`.

    What is known of sites comes from the profiles that the settings name and, if they say so, from the corpus itself.
    Raises FileNotFoundError if an input does not exist, OSError if the folder cannot be written, ValueError if a site
    profile cannot be read.
    """
    profiles = site_profiles(settings.sites)
    sources = find(inputs, leave_out=output)
    with ExitStack() as stack:
        stdin = stack.enter_context(_kept(sources))
        digests = [_digest(source, stdin) for source in sources]
        corpus = stack.enter_context(Corpus(settings))
        pages = read(sources, stdin, max_bytes=settings.read.max_bytes)
        if settings.sites.learn:
            pages, learned = stack.enter_context(learning(pages, settings, work))
            profiles = merge([profiles, learned])
        for article in report.count(clean_pages(pages, settings, work, profiles)):
            corpus.add(article)
        groups = corpus.groups()
        canonical = _write_articles(output, corpus, groups)
        records = sorted(groups.records(), key=_group_order)
    write_lines(output / "groups.jsonl", records)
    write_lines(output / "rejected.jsonl", [r.record() for r in sorted(report.rejected, key=_rejected_order)])
    write_json(output / "manifest.json", _manifest(settings, digests, report, groups.counts | {"canonical": canonical}))
    return Result(groups.counts, canonical, records)


@contextmanager
def _kept(sources: Sequence[Source]) -> Iterator[IO[bytes]]:
    """Give standard input as a file that can be read twice."""
    if all(source.path is not None for source in sources):
        yield cast("IO[bytes]", sys.stdin.buffer)
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield cast("IO[bytes]", copy)


def _digest(source: Source, stdin: IO[bytes]) -> dict[str, Any]:
    try:
        with ExitStack() as stack:
            file: Any = stdin if source.path is None else stack.enter_context(source.path.open("rb"))
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            file.seek(0)
    except OSError:  # reading it gives a `Rejected` that says why
        return {"name": source.name, "bytes": None, "sha256": None}
    return {"name": source.name, "bytes": size, "sha256": digest}


def _write_articles(output: Path, corpus: Corpus, groups: Groups) -> int:
    """Write all articles, and once more the canonical ones; return how many those are."""
    rows = corpus.order
    fields = list(groups.fields(rows))
    with replacing(output / "articles.jsonl") as everything, replacing(output / "canonical.jsonl") as chosen:
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
