"""Where the program starts: the command line, and past it the hooks, which git waits for.

To understand a command line takes longer than to fix a file. So `cleaner fix FILE...`, `cleaner check FILE...` and
`cleaner duplicates`, called without options as pre-commit does, go straight to their work, that of the commands.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import io
import os
import signal
import sys
from typing import NoReturn, TextIO

from cleaner.cli import direct
from cleaner.pool import WorkerDiedError


def main() -> None:
    """Run the program; a closed pipe ends it quietly, and what the system refuses with a line that says what.

    Exit codes: 2 for a mistake or what the system refuses, 130 for an interrupt; the commands have others.
    """
    _open_closed_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # it may be of a character set that has few
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
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        _drop(sys.stdout, sys.stderr)
        raise SystemExit(0) from None
    except (OSError, MemoryError, WorkerDiedError) as error:
        _drop(sys.stdout)
        with contextlib.suppress(OSError):  # nobody reads what is wrong
            direct.fail(_wrong(error))
        raise SystemExit(2) from None


def _wrong(error: OSError | MemoryError | WorkerDiedError) -> str:
    """Say in a line what is wrong, where, and what to do."""
    if isinstance(error, MemoryError):
        return "not enough memory: try a smaller --memory, fewer --jobs or smaller inputs"
    if not isinstance(error, OSError):
        return str(error)
    where = error.filename or error.filename2
    if isinstance(where, bytes):
        where = os.fsdecode(where)
    what = error.strerror or str(error) or type(error).__name__
    if where:
        return f"{where}: {what}"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        import tempfile

        return f"{what} for work under way; make room in {tempfile.gettempdir()}, or name another folder in TMPDIR"
    return what


def _open_closed_streams() -> None:
    """Give streams that are closed something to be, or the next file opened would get their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Nothing can be read, what is written to the output fails, and nobody reads what is said.
            os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            setattr(sys, name, open(number, "r" if name == "stdin" else "w"))  # noqa: SIM115, PTH123 - until the end


def _drop(*streams: TextIO) -> None:
    """Leave what is still buffered unwritten: it has nowhere to go, and the interpreter would complain at exit."""
    for stream in streams:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


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
        # `cli.main` would end with 1 where a pipe is closed.
        with cli.make_context("cleaner", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as error:
        sys.stdout.flush()
        raise SystemExit(error.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
