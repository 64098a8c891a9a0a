"""The commands of a corpus that grows: `cleaner index add`, `query`, `stats`, `rebuild` and `canonical`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli import console, options
from cleaner.cli.direct import fail
from cleaner.report import tell

if TYPE_CHECKING:
    from cleaner.article import Article
    from cleaner.index.index import Index
    from cleaner.report import Report
    from cleaner.settings.schema import Settings

_DB = click.argument("db", metavar="DB", type=click.Path(dir_okay=False, path_type=Path))
_KNOWN = click.argument("db", metavar="DB", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def index() -> None:
    """Group each new article of a corpus that grows at once.

    \b
    cleaner index add corpus.db articles.jsonl > grouped.jsonl
    tail -f feed.jsonl | cleaner clean | cleaner index add corpus.db --follow
    """


@index.command()
@_DB
@click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "--remove", is_flag=True, help="Remove articles: INPUT are ids; none or - reads ids or records, a line each."
)
@click.option("--follow", is_flag=True, help="Answer each line of standard input at once; commit every half second.")
@options.only
@options.rejected
@options.common
def add(db: Path, inputs: tuple[str, ...], rejected: str | None, *, remove: bool, follow: bool, **options: Any) -> None:
    """Add articles to the index DB, which is made if there is none.

    The same articles come out with near_duplicates, story and canonical as they are now. An article that is known with
    the same text changes nothing, so the same input can be fed again; another text under a known id replaces the old
    one. Of a folder that is added again, articles that are no longer in it are removed.

    \b
    cleaner index add corpus.db articles.jsonl
    cleaner index add corpus.db articles/
    cleaner index add corpus.db --remove 4711 4712
    """
    from cleaner.formats.pages import read
    from cleaner.formats.records import as_articles, encode
    from cleaner.formats.sources import find
    from cleaner.index.feed import add_below, followed, named

    settings, report = console.settings_of(options), console.report_of(options)
    with _opened(db, settings) as opened:
        if remove:
            count = opened.remove(named(opened, inputs, console.stdin()))
            _tell(options, f"{count:,} removed")
            return
        try:
            sources = find(inputs)
        except FileNotFoundError as error:
            fail(f"{error}: no such file or folder")
        if follow:
            pages = read(sources, console.stdin(), max_bytes=settings.read.max_bytes)
            console.out(encode(found.article) for found in followed(opened, report.count(as_articles(pages))))
        else:
            gone = add_below(opened, inputs, sources, console.stdin(), report)
            console.out(encode(found.article) for found in gone)
    console.say(options, report, rejected=rejected)


@index.command()
@_KNOWN
@options.INPUT
@options.only
@options.rejected
@options.common
def query(db: Path, inputs: tuple[str, ...], rejected: str | None, **options: Any) -> None:
    """Find what articles match in the index DB, and store nothing.

    The same articles come out with the groups they would join and with matches: id, score and kind of each.

    \b
    cleaner index query corpus.db new.jsonl | jq '.matches[0]'
    """
    from cleaner.index.feed import answer

    settings, report = console.settings_of(options), console.report_of(options)
    with _opened(db, settings) as opened:
        console.out(answer(found) for found in opened.query(_articles(inputs, settings, report)))
    console.say(options, report, rejected=rejected)


@index.command()
@_KNOWN
@options.only
@options.common
def stats(db: Path, **options: Any) -> None:
    """Print the numbers of articles, groups, stories, merged groups and bytes as JSON."""
    from cleaner.formats.json_values import encode

    with _opened(db, console.settings_of(options), any_settings=True) as opened:
        console.out([encode(opened.stats()) + b"\n"])


@index.command()
@_KNOWN
@options.only
@options.common
def rebuild(db: Path, **options: Any) -> None:
    """Group all that is in the index DB anew, as `cleaner group` would, with the settings as they are now."""
    with _opened(db, console.settings_of(options), any_settings=True) as opened:
        opened.rebuild()
        _tell(options, f"{opened.stats()['articles']:,} articles grouped anew")


@index.command()
@_KNOWN
@options.only
@options.per
@options.by
@options.sources
@options.common
def canonical(db: Path, **options: Any) -> None:
    """Print the articles that stand for their groups as those are now.

    \b
    cleaner index canonical corpus.db > canonical.jsonl
    """
    from cleaner.formats.records import encode

    with _opened(db, console.settings_of(options)) as opened:
        console.out(encode(article) for article in opened.canonicals())


@index.command()
@_KNOWN
@click.argument("file", metavar="FILE.npz", type=click.Path(dir_okay=False, path_type=Path))
@options.only
@options.common
def signatures(db: Path, file: Path, **options: Any) -> None:
    """Write datasketch's MinHash signatures of the articles to FILE.npz, for `numpy.load`.

    \b
    cleaner index signatures corpus.db signatures.npz
    """
    with _opened(db, console.settings_of(options), any_settings=True) as opened:
        opened.write_signatures(file)


def _articles(inputs: tuple[str, ...], settings: Settings, report: Report) -> Iterator[Article]:
    from cleaner.formats.pages import read
    from cleaner.formats.records import as_articles
    from cleaner.formats.sources import find

    return report.count(as_articles(read(find(inputs), console.stdin(), max_bytes=settings.read.max_bytes)))


@contextlib.contextmanager
def _opened(db: Path, settings: Settings, *, any_settings: bool = False) -> Iterator[Index]:
    """Open an index; what is wrong with it is said in a line."""
    from cleaner.index.database import IndexUnusableError
    from cleaner.index.index import Index

    try:
        with Index.open(db, settings, any_settings=any_settings) as opened:
            yield opened
    except IndexUnusableError as error:
        fail(str(error))


def _tell(options: dict[str, Any], message: str) -> None:
    if not options["quiet"]:
        tell(message)
