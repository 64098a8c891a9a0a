"""Where the program starts: the command line, and past it the hooks, which git waits for.

To understand a command line takes longer than to fix a file. So `cleaner fix FILE...`, `cleaner check FILE...` and
`cleaner duplicates`, called without options as pre-commit does, go straight to their work, that of the commands.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from typing import NoReturn

from cleaner.cli import direct


def main() -> None:
    """Run the program; a closed pipe ends it quietly."""
    gc.set_threshold(1 << 17)  # looking for cycles takes a tenth of a short command, and there are hardly any
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, _terminated)  # so that what is under way is put away
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads that have nothing to do here
    try:
        match sys.argv[1:]:
            case ["fix" | "check" as name, *files] if files and not any(file.startswith("-") for file in files):
                _end(direct.fix(files, change=name == "fix"))
            case ["duplicates"]:
                _end(direct.duplicates(os.environ.get("PRE_COMMIT_FROM_REF") or "HEAD"))
            case _:
                _command_line()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        # What is still buffered has nowhere to go; without this the interpreter complains about it at exit.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def _terminated(*_: object) -> NoReturn:
    raise SystemExit(143)


def _end(code: int) -> NoReturn:
    """End the program at once: the system takes memory back in a tenth of the time in which Python gives it back."""
    with contextlib.suppress(OSError):  # the hooks have written what they say; of what failed they have told
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _command_line() -> None:
    import click

    from cleaner.cli.app import cli

    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
