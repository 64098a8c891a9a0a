"""The commands. Standard output carries data alone; people read standard error.

Each command is a few lines over a library function that it imports when it is called, so that `--help` is at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cleaner.cli import console, hooks, index, options
from cleaner.cli.direct import fail


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cleaner-news")
def cli() -> None:
    """Scraped news in, clean canonical articles out.

    \b
    cleaner run pages/ -o out                 a folder, the whole job
    cat pages.jsonl | cleaner clean | cleaner group | cleaner canonical | jq .title
    """


@cli.command(no_args_is_help=True)
@options.INPUT
@click.option(
    "-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@options.drop
@options.extractor
@options.grouping
@click.option("--force", is_flag=True, help="Replace what other inputs gave, if the folder holds that.")
@options.common
def run(inputs: tuple[str, ...], output: Path, jobs: int, state: Path | None, *, force: bool, **options: Any) -> None:
    """Clean, group and choose: the whole job.

    INPUT is a file or a folder of text, Markdown, HTML or JSON lines, each also gzipped; none or - is standard input.
    Writes articles.jsonl (all), canonical.jsonl, groups.jsonl (why), rejected.jsonl (why not) and manifest.json. With
    --state, finished work is kept in a folder until all is done: started again with the same inputs and settings, it
    goes on from there.

    \b
    cleaner run seeds/ -o out
    cleaner run crawl/*.jsonl.gz -o out --per near-duplicates --jobs 8
    """
    from cleaner import job
    from cleaner.formats.output_set import FILES, MANIFEST

    settings, report = console.settings_of(options), console.report_of(options)
    work = console.work_of(settings, jobs, chunk=64)
    try:
        result = job.run(inputs, job.Folders(output, state, force), settings, work, report)
    except job.InvariantError as error:
        fail(str(error), code=70)
    except ValueError as error:
        fail(str(error))
    console.say(
        options, report, groups=(result.counts, result.canonical, result.groups), written=(output, (*FILES, MANIFEST))
    )


@cli.command()
@options.INPUT
@options.drop
@options.extractor
@click.option("--learn", is_flag=True, help="Learn the furniture of sites from the pages as they go by.")
@options.jobs
@options.rejected
@options.common
def clean(inputs: tuple[str, ...], jobs: int, rejected: str | None, *, learn: bool, **options: Any) -> None:
    """Turn pages into clean articles, one by one.

    An article leaves as soon as it is done, in the order of the pages, as a line of JSON.

    \b
    cleaner clean page.html | jq -r .text
    tail -f feed.jsonl | cleaner clean > articles.jsonl
    """
    from cleaner.formats.pages import read
    from cleaner.formats.records import encode
    from cleaner.formats.sources import find
    from cleaner.pipeline.learning import clean_and_learn
    from cleaner.pipeline.stages import clean_pages

    settings, report = console.settings_of(options), console.report_of(options)
    sources = find(inputs)
    piped = any(source.path is None for source in sources)
    pages = read(sources, console.stdin(), max_bytes=settings.read.max_bytes)
    work = console.work_of(settings, jobs, chunk=1 if piped else 64)
    outcomes = (clean_and_learn if learn else clean_pages)(pages, settings, work, console.profiles_of(settings))
    console.out(encode(article) for article in report.count(outcomes))
    console.say(options, report, rejected=rejected)


@cli.command()
@options.INPUT
@options.grouping
@click.option(
    "--signatures",
    metavar="FILE.npz",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write datasketch's MinHash signatures of the articles.",
)
@options.rejected
@options.common
def group(
    inputs: tuple[str, ...],
    jobs: int,
    state: Path | None,
    signatures: Path | None,
    rejected: str | None,
    **options: Any,
) -> None:
    """Find near-duplicates and stories among articles.

    The same articles come out, in their order, with near_duplicates, story (each the id of the group's canonical
    member) and canonical filled in. With --state, finished work is kept in a folder until all is done: started again
    with the same inputs and settings, it goes on from there.

    \b
    cleaner group articles.jsonl > grouped.jsonl
    cleaner clean pages.jsonl | cleaner group --only near-duplicates
    cleaner group crawl/*.jsonl --jobs 8 --memory 4GiB --state work > grouped.jsonl
    """
    from cleaner import job
    from cleaner.corpus.journal import StateError

    settings, report = console.settings_of(options), console.report_of(options)
    try:
        with job.group(inputs, settings, jobs, report, state) as (corpus, groups):
            console.out(corpus.lines(groups))
            if signatures is not None:
                corpus.write_signatures(signatures)
    except StateError as error:
        fail(str(error))
    found = groups.counts, groups.canonical, list[Mapping[str, Any]]()
    console.say(options, report, groups=found, rejected=rejected)


@cli.command(no_args_is_help=True)
@click.argument("source", metavar="INPUT", type=click.Path(exists=True, allow_dash=True))
@click.argument("ids", metavar="[ID [ID2]]", nargs=-1)
@options.jobs
@options.common
def explain(source: str, ids: tuple[str, ...], jobs: int, **options: Any) -> None:
    """Show what was removed by which rule; with two ids, why those articles are or are not together.

    \b
    cleaner explain page.txt
    cleaner explain pages.jsonl 4711
    cleaner explain seeds/ 002_5058415182dbe562 003_3aea010ba7df07aa
    """
    from cleaner.explanation import explain_page, explain_pair
    from cleaner.formats.pages import read
    from cleaner.formats.sources import find
    from cleaner.pipeline.stages import clean_pages

    settings, report = console.settings_of(options), console.report_of(options)
    pages = read(find([source]), console.stdin(), max_bytes=settings.read.max_bytes)
    profiles = console.profiles_of(settings)
    if len(ids) <= 1:
        wanted = (page for page in pages if not ids or str(page.id) == ids[0])
        console.out(f"{line}\n".encode() for page in wanted for line in explain_page(page, settings, profiles))
        return
    articles = report.count(clean_pages(pages, settings, console.work_of(settings, jobs, chunk=64), profiles))
    try:
        console.out(f"{line}\n".encode() for line in explain_pair(articles, ids[0], ids[1], settings))
    except KeyError as error:
        fail(f"{source}: no article has the id {error}")


@cli.command()
@options.INPUT
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder of profiles to add to.")
@options.jobs
@options.common
def learn(inputs: tuple[str, ...], output: Path | None, jobs: int, **options: Any) -> None:
    """Propose site profiles: the lines that stand on many pages of a site.

    They come out as TOML; with -o as a file for each site, where what people wrote before stays. Name the folder in
    the setting sites.folder, and run and clean apply the profiles.

    \b
    cleaner learn crawl/ | less
    cleaner learn crawl/ -o configs/sites
    """
    from cleaner.boilerplate.profile_files import to_toml, write_profiles
    from cleaner.formats.pages import read
    from cleaner.formats.sources import find
    from cleaner.pipeline.learning import learned

    settings, report = console.settings_of(options), console.report_of(options)
    pages = read(find(inputs), console.stdin(), max_bytes=settings.read.max_bytes)
    profiles = learned(report, pages, settings, console.work_of(settings, jobs, chunk=64))
    if output is None:
        console.out(to_toml(profile).encode() for profile in profiles.values())
    else:
        try:
            write_profiles(output, profiles)
        except ValueError as error:
            fail(str(error))
    console.say(options, report)


@cli.command()
@options.INPUT
@options.per
@options.by
@options.sources
@options.common
def canonical(inputs: tuple[str, ...], **options: Any) -> None:
    """Keep one article of each group.

    Reads grouped articles and passes on those marked canonical; with --per, --canonical-by or --source it chooses anew.

    \b
    cleaner group articles.jsonl | cleaner canonical > canonical.jsonl
    cleaner canonical grouped.jsonl --canonical-by longest
    """
    from cleaner.corpus.canonical_groups import choose_again
    from cleaner.formats.files import blocks
    from cleaner.formats.pages import read
    from cleaner.formats.records import as_articles, encode
    from cleaner.formats.sources import find

    anew = bool(options["per"] or options["canonical_by"] or options["sources"])
    settings, report = console.settings_of(options), console.report_of(options)
    articles = report.count(as_articles(read(find(inputs), console.stdin(), max_bytes=settings.read.max_bytes)))
    if anew:
        console.out(blocks(choose_again(articles, settings.canonical)))
    else:
        console.out(encode(article) for article in articles if article.canonical is not False)
    console.say(options, report)


for command in (hooks.fix, hooks.check, hooks.duplicates, index.index):
    cli.add_command(command)
