"""The commands. Standard output carries data alone; people read standard error.

Each command is a few lines over a library function that it imports when it is called, so that `--help` is at once.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

import click

if TYPE_CHECKING:
    from cleaner.report import Report
    from cleaner.settings import Settings
    from cleaner.sites import Profile
    from cleaner.workers import Work

Command = Callable[..., None]
_INPUT = click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path(exists=True, allow_dash=True))


def _common(command: Command) -> Command:
    """Give a command the options that all have."""
    options = [
        click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Settings in TOML."),
        click.option("--strict", is_flag=True, help="Exit 3 if an input was rejected."),
        click.option("-v", "--verbose", is_flag=True, help="Name every rejected input."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    ]
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


_jobs = click.option("-j", "--jobs", type=click.IntRange(1), help="Processes to use; as many as there are cores.")
_only = click.option("--only", type=click.Choice(["near-duplicates", "stories"]), help="Leave the other out.")
_per = click.option(
    "--per",
    type=click.Choice(["story", "near-duplicates", "article"]),
    help="What gets one canonical article: a story (the default), a group of near-duplicates, or every article.",
)
_by = click.option(
    "--canonical-by",
    type=click.Choice(["best", "earliest", "latest", "longest", "central", "source"]),
    help="Which member of a group is canonical; the default is the best, and groups.jsonl says why.",
)
_sources = click.option(
    "--source", "sources", multiple=True, metavar="SITE", help="A preferred site; repeat, best first."
)

_rejected = click.option("--rejected", type=click.Path(dir_okay=False), help="Write rejected inputs to this file.")
_drop = click.option("--drop", multiple=True, metavar="FLAG", help="Reject articles that have this flag; repeat.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cleaner")
def cli() -> None:
    """Scraped news in, clean canonical articles out.

    \b
    cleaner run pages/ -o out                 a folder, the whole job
    cat pages.jsonl | cleaner clean | cleaner group | cleaner canonical | jq .title
    """


@cli.command(no_args_is_help=True)
@_INPUT
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@_only
@_per
@_by
@_sources
@_drop
@_jobs
@_common
def run(inputs: tuple[str, ...], output: Path, jobs: int | None, **options: Any) -> None:
    """Clean, group and choose: the whole job.

    INPUT is a file or a folder of text, Markdown, HTML or JSON lines, each also gzipped; none or - is standard input.
    Writes articles.jsonl (all), canonical.jsonl, groups.jsonl (why), rejected.jsonl (why not) and manifest.json.

    \b
    cleaner run seeds/ -o out
    cleaner run crawl/*.jsonl.gz -o out --per near-duplicates --jobs 8
    """
    from cleaner.job import run as run_job

    settings, report = _settings(options), _report(options)
    try:
        result = run_job(inputs, output, settings, _work(settings, jobs, chunk=64), report)
    except OSError as error:
        _fail(f"{error.filename or output}: {error.strerror}")
    except ValueError as error:
        _fail(str(error))
    _say(options, report, groups=(result.counts, result.canonical, result.groups), output=output)


@cli.command()
@_INPUT
@_drop
@click.option("--learn", is_flag=True, help="Learn the furniture of sites from the pages as they go by.")
@_jobs
@_rejected
@_common
def clean(inputs: tuple[str, ...], jobs: int | None, rejected: str | None, *, learn: bool, **options: Any) -> None:
    """Turn pages into clean articles, one by one.

    An article leaves as soon as it is done, in the order of the pages, as a line of JSON.

    \b
    cleaner clean page.html | jq -r .text
    tail -f feed.jsonl | cleaner clean > articles.jsonl
    """
    from cleaner.learn import clean_and_learn
    from cleaner.pipeline import clean_pages
    from cleaner.read import find, read
    from cleaner.write import line

    settings, report = _settings(options), _report(options)
    sources = find(inputs)
    piped = any(source.path is None for source in sources)
    pages = read(sources, _stdin(), max_bytes=settings.read.max_bytes)
    work = _work(settings, jobs, chunk=1 if piped else 64)
    outcomes = (clean_and_learn if learn else clean_pages)(pages, settings, work, _profiles(settings))
    _out(line(article) for article in report.count(outcomes))
    _say(options, report, rejected=rejected)


@cli.command()
@_INPUT
@_only
@_per
@_by
@_sources
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes for fingerprints.")
@_rejected
@_common
def group(inputs: tuple[str, ...], jobs: int, rejected: str | None, **options: Any) -> None:
    """Tell near-duplicates and stories among articles.

    The same articles come out, in their order, with near_duplicates, story (each the id of the group's canonical
    member) and canonical filled in.

    \b
    cleaner group articles.jsonl > grouped.jsonl
    cleaner clean pages.jsonl | cleaner group --only near-duplicates
    """
    from concurrent.futures import BrokenExecutor

    from cleaner.corpus import Corpus
    from cleaner.pipeline import as_articles
    from cleaner.read import find, read
    from cleaner.write import blocks

    settings, report = _settings(options), _report(options)
    gc.set_threshold(1 << 17)  # records are trees: there is nothing to collect, and looking takes time
    try:
        with Corpus(settings, jobs) as corpus:
            pages = read(find(inputs), _stdin(), max_bytes=settings.read.max_bytes)
            for article in report.count(as_articles(pages)):
                corpus.add(article)
            groups = corpus.groups()
            rows = range(len(corpus.spool))
            _out(blocks(corpus.spool.lines(rows, groups.fields(rows))))
    except BrokenExecutor:
        _fail("a worker process was killed, perhaps for want of memory; try --jobs 1")
    found = groups.counts, groups.canonical, list[Mapping[str, Any]]()
    _say(options, report, groups=found, rejected=rejected)


@cli.command(no_args_is_help=True)
@click.argument("source", metavar="INPUT", type=click.Path(exists=True, allow_dash=True))
@click.argument("ids", metavar="[ID [ID2]]", nargs=-1)
@_jobs
@_common
def explain(source: str, ids: tuple[str, ...], jobs: int | None, **options: Any) -> None:
    """Show what was removed by which rule; with two ids, why those articles are or are not together.

    \b
    cleaner explain page.txt
    cleaner explain pages.jsonl 4711
    cleaner explain seeds/ 002_5058415182dbe562 003_3aea010ba7df07aa
    """
    from cleaner.explain import explain_page, explain_pair
    from cleaner.pipeline import clean_pages
    from cleaner.read import find, read

    settings, report = _settings(options), _report(options)
    pages = read(find([source]), _stdin(), max_bytes=settings.read.max_bytes)
    profiles = _profiles(settings)
    if len(ids) <= 1:
        wanted = (page for page in pages if not ids or str(page.id) == ids[0])
        _out(f"{line}\n".encode() for page in wanted for line in explain_page(page, settings, profiles))
        return
    articles = report.count(clean_pages(pages, settings, _work(settings, jobs, chunk=64), profiles))
    try:
        _out(f"{line}\n".encode() for line in explain_pair(articles, ids[0], ids[1], settings))
    except KeyError as error:
        _fail(f"{source}: no article has the id {error}")


@cli.command()
@_INPUT
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles to add to.")
@_jobs
@_common
def learn(inputs: tuple[str, ...], output: Path | None, jobs: int | None, **options: Any) -> None:
    """Propose site profiles: the lines that stand on many pages of a site.

    They come out as TOML; with -o as a file for each site, where what people wrote before stays. Name the folder in
    the setting sites.folder, and run and clean apply the profiles.

    \b
    cleaner learn crawl/ | less
    cleaner learn crawl/ -o configs/sites
    """
    from cleaner.learn import learned, write_profiles
    from cleaner.read import find, read
    from cleaner.sites import to_toml

    settings, report = _settings(options), _report(options)
    pages = read(find(inputs), _stdin(), max_bytes=settings.read.max_bytes)
    profiles = learned(report, pages, settings, _work(settings, jobs, chunk=64))
    if output is None:
        _out(to_toml(profile).encode() for profile in profiles.values())
    else:
        write_profiles(output, profiles)
    _say(options, report)


@cli.command()
@_INPUT
@_per
@_by
@_sources
@_common
def canonical(inputs: tuple[str, ...], **options: Any) -> None:
    """Keep one article of each group.

    Reads grouped articles and passes on those marked canonical; with --per, --canonical-by or --source it chooses anew.

    \b
    cleaner group articles.jsonl | cleaner canonical > canonical.jsonl
    cleaner canonical grouped.jsonl --canonical-by longest
    """
    from cleaner.corpus import choose_again
    from cleaner.pipeline import as_articles
    from cleaner.read import find, read
    from cleaner.write import line

    anew = bool(options["per"] or options["canonical_by"] or options["sources"])
    settings, report = _settings(options), _report(options)
    articles = report.count(as_articles(read(find(inputs), _stdin(), max_bytes=settings.read.max_bytes)))
    if anew:
        _out(choose_again(articles, settings.canonical))
    else:
        _out(line(article) for article in articles if article.canonical is not False)
    _say(options, report)


_FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())


def _hook(command: Command) -> Command:
    """Give a hook on files its options."""
    options = [
        click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Settings in TOML."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    ]
    return functools.reduce(lambda made, option: option(made), reversed(options), _FILES(command))


@cli.command()
@_hook
def fix(files: tuple[str, ...], **options: Any) -> None:
    """Repair files and take boilerplate out of them, in place.

    FILE is text, Markdown or JSON lines; anything else is named and skipped. A clean file is not touched. Exits 1 if a
    file changed. Made for pre-commit; the trained model of run and clean is not asked.

    \b
    cleaner fix articles/*.txt
    git ls-files -z articles/ | xargs -0 cleaner fix
    """
    from cleaner.hooks import fix_files

    settings = _settings(options)
    raise SystemExit(fix_files(files, settings, _profiles(settings), quiet=options["quiet"]))


@cli.command()
@_hook
def check(files: tuple[str, ...], **options: Any) -> None:
    """Show what fix would change, as a patch on standard output.

    Exits 1 if a file would change.

    \b
    cleaner check articles/*.txt
    cleaner check articles/*.txt | git apply
    """
    from cleaner.hooks import check_files

    settings = _settings(options)
    raise SystemExit(check_files(files, settings, _profiles(settings), quiet=options["quiet"]))


def _settings(options: Mapping[str, Any]) -> Settings:
    """Merge defaults, the project's settings, --config and flags. Ends the program on a mistake."""
    from cleaner.settings import SettingsError, find_project, load_settings, read_tables

    flags = {
        "canonical": {"per": options.get("per"), "by": options.get("canonical_by"), "sources": options.get("sources")},
        "group": {"only": options.get("only")},
        "describe": {"drop": options.get("drop")},
    }
    given = {section: {k: v for k, v in values.items() if v} for section, values in flags.items()}
    try:
        files = [Path(options["config"])] if options["config"] else []
        if not files and (project := find_project(Path.cwd())):
            files = [project]
        return load_settings(*((str(path), read_tables(path)) for path in files), ("the command line", given))
    except SettingsError as error:
        _fail(str(error))


def _profiles(settings: Settings) -> Mapping[str, Profile]:
    from cleaner.sites import site_profiles

    try:
        return site_profiles(settings.sites)
    except ValueError as error:
        _fail(str(error))


def _work(settings: Settings, jobs: int | None, *, chunk: int) -> Work:
    from cleaner.workers import Work

    return Work(jobs or _cores(), settings.extract.timeout, chunk, settings.extract.pages_per_worker)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _report(options: Mapping[str, Any]) -> Report:
    from cleaner.report import Progress, Report

    return Report(progress=None if options["quiet"] else Progress("pages"))


def _stdin() -> IO[bytes]:
    return cast("IO[bytes]", sys.stdin.buffer)


def _out(lines: Iterable[bytes]) -> None:
    """Write lines to standard output, each as soon as it is there."""
    for data in lines:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _say(
    options: Mapping[str, Any],
    report: Report,
    *,
    groups: tuple[Mapping[str, int], int, Iterable[Mapping[str, Any]]] | None = None,
    output: Path | None = None,
    rejected: str | None = None,
) -> None:
    """Tell people what was done, and end with the exit code that says the same."""
    from cleaner.report import files_summary, groups_summary
    from cleaner.write import write_lines

    if rejected is not None:
        write_lines(Path(rejected), (r.record() for r in report.rejected))
    if not options["quiet"]:
        lines = report.summary(verbose=options["verbose"])
        lines += groups_summary(*groups) if groups else []
        lines += files_summary(output) if output else []
        for line in lines:
            click.echo(line, err=True)
    if code := report.exit_code(strict=options["strict"]):
        raise SystemExit(code)


def _fail(message: str) -> NoReturn:
    click.echo(f"cleaner: {message}", err=True)
    raise SystemExit(2)


def main() -> None:
    """Run the command line; a closed pipe ends it quietly."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter complains about it at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
