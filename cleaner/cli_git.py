"""The commands that pre-commit calls: `fix` and `check`."""

from __future__ import annotations

import functools
from typing import Any

import click

from cleaner import console

_FILES = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())


def _hook(command: console.Command) -> console.Command:
    """Give a hook on files its options."""
    options = [
        click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Settings in TOML."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    ]
    return functools.reduce(lambda made, option: option(made), reversed(options), _FILES(command))


@click.command()
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

    settings = console.settings_of(options)
    raise SystemExit(fix_files(files, settings, console.profiles_of(settings), quiet=options["quiet"]))


@click.command()
@_hook
def check(files: tuple[str, ...], **options: Any) -> None:
    """Show what fix would change, as a patch on standard output.

    Exits 1 if a file would change.

    \b
    cleaner check articles/*.txt
    cleaner check articles/*.txt | git apply
    """
    from cleaner.hooks import check_files

    settings = console.settings_of(options)
    raise SystemExit(check_files(files, settings, console.profiles_of(settings), quiet=options["quiet"]))
