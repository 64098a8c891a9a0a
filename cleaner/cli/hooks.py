"""The commands that pre-commit calls: `fix`, `check` and `duplicates`."""

from __future__ import annotations

import functools
from typing import Any

import click

from cleaner.cli import direct, options

_FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())


def _hook(command: options.Command) -> options.Command:
    """Give a hook its options."""
    options = [
        click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Settings in TOML."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    ]
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


@click.command()
@_FILES
@_hook
def fix(files: tuple[str, ...], **options: Any) -> None:
    """Repair files and take boilerplate out of them, in place.

    FILE is text, Markdown or JSON lines; anything else is named and skipped. A clean file is not touched. Exits 1 if a
    file changed. Made for pre-commit; the trained model of run and clean is not asked.

    \b
    cleaner fix articles/*.txt
    git ls-files -z articles/ | xargs -0 cleaner fix
    """
    raise SystemExit(direct.fix(files, change=True, **options))


@click.command()
@_FILES
@_hook
def check(files: tuple[str, ...], **options: Any) -> None:
    """Show what fix would change, as a patch on standard output.

    Exits 1 if a file would change.

    \b
    cleaner check articles/*.txt
    cleaner check articles/*.txt | git apply
    """
    raise SystemExit(direct.fix(files, change=False, **options))


@click.command()
@click.option(
    "--since",
    metavar="COMMIT",
    envvar="PRE_COMMIT_FROM_REF",
    help="What is new since this commit; the default is HEAD.",
)
@click.option("--all", "everything", is_flag=True, help="Near-duplicates in the whole corpus, old and new.")
@_hook
def duplicates(since: str | None, *, everything: bool, **options: Any) -> None:
    """Tell which articles of a commit are in the corpus already.

    The corpus is what git would commit of the files that the setting git.corpus names. A near-duplicate is told with
    what it repeats, the score and the passage that shows it; exits 1 if it is new and not in the list git.allow.
    Articles of one story are told for information. What was read is kept in an index below git's own folder.

    \b
    cleaner duplicates
    cleaner duplicates --since origin/main
    """
    raise SystemExit(direct.duplicates(None if everything else since or "HEAD", **options))
