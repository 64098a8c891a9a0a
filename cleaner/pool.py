"""Work shared out among processes, its results in the order of the work."""

from __future__ import annotations

import gc
import itertools
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import BaseContext

Item = TypeVar("Item")
Made = TypeVar("Made")
_AHEAD = 2
"""Tasks under way for each process: their results must not pile up."""
_SOCKET_NAME = 103  # bytes of a socket's path: 107 on Linux, 103 on macOS


class OrderedMap(Protocol):
    """What `map` does, perhaps with other processes."""

    def __call__(self, function: Callable[[Item], Made], items: Iterable[Item], /) -> Iterable[Made]:
        """Return the results in the order of the items."""


def get_ready() -> BaseContext:
    """Have what every worker needs imported once, by another process, while this one goes on."""
    context = never_forked()
    if context.get_start_method() == "forkserver":
        from multiprocessing import forkserver

        context.set_forkserver_preload(
            ["cleaner.cli.app", "cleaner.corpus.collecting", "cleaner.near_duplicates.comparison"]
        )
        forkserver.ensure_running()
    return context


def never_forked() -> BaseContext:
    """Return how processes are started: this one may have threads. A fork server starts one in milliseconds.

    Its socket stands in the folder for temporary files; where the folder's name is long, each process starts anew.
    """
    import multiprocessing
    import tempfile

    served = "forkserver" in multiprocessing.get_all_start_methods()
    short = len(os.fsencode(tempfile.gettempdir())) <= _SOCKET_NAME - len("/pymp-xxxxxxxx/listener-xxxxxxxx")
    return multiprocessing.get_context("forkserver" if served and short else "spawn")


def keep_freed_memory() -> None:
    """Spare the system handing out and taking back the memory of every batch's arrays, a seventh of all time.

    The allocator of glibc returns freed blocks at once until it has seen one of their size freed ("dynamic mmap
    threshold" in mallopt(3)); a large block that is never written to shows it that, and costs nothing elsewhere.
    """
    import numpy as np

    np.empty(1 << 24, np.uint8)


def _prepare() -> None:
    """Make a worker fit for work on batches."""
    gc.set_threshold(1 << 17)  # records are trees: there is nothing to collect, and looking takes time
    keep_freed_memory()


class WorkerDiedError(RuntimeError):
    """A process was killed from outside, perhaps for want of memory."""


class Pool:
    """Processes that are started when there is more than one task, and ended by `close`."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[Item], Made], items: Iterable[Item], /) -> Iterator[Made]:
        """Yield the results in the order of the items. The function and all that it is given must be picklable.

        Raises `WorkerDiedError` if a process ends before its work.
        """
        items = iter(items)
        first = list(itertools.islice(items, 2))
        if len(first) < 2:
            yield from map(function, first)
            return
        from concurrent.futures import BrokenExecutor

        waiting: deque[Future[Made]] = deque()
        try:
            for item in itertools.chain(first, items):
                waiting.append(self._started().submit(function, item))
                if len(waiting) > _AHEAD * self._processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor as error:
            raise WorkerDiedError("a worker process was killed, perhaps for want of memory; try --jobs 1") from error

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            from concurrent.futures import ProcessPoolExecutor

            self._executor = ProcessPoolExecutor(self._processes, get_ready(), _prepare)
        return self._executor
