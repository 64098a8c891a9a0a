"""Where the program starts: the command line, and past it the two hooks that git waits for.

To understand a command line takes longer than to fix a file. So `cleaner fix FILE...` and `cleaner check FILE...`,
without options as pre-commit calls them, go straight to their work; the commands of the same name do the same work.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys


def main() -> None:
    """Run the program; a closed pipe ends it quietly."""
    gc.set_threshold(1 << 17)  # looking for cycles takes a tenth of a short command, and there are hardly any
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads that have nothing to do here
    try:
        name, *files = sys.argv[1:] or [""]
        if name in {"fix", "check"} and files and not any(file.startswith("-") for file in files):
            from cleaner.hooks import hook

            raise SystemExit(hook(files, change=name == "fix"))
        _command_line()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter complains about it at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _command_line() -> None:
    import click

    from cleaner.cli import cli

    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
