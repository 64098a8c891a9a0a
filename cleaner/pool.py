"""Work shared out among processes, its results in the order of the work."""

from __future__ import annotations

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Made = TypeVar("Made")

_AHEAD = 2  # tasks under way for each process: what they hand over must not pile up


class Pool:
    """Processes that are started when there is more than one task, and ended by `close`."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None

    def map(self, function: Callable[[Task], Made], tasks: Iterable[Task], /) -> Iterator[Made]:
        """Yield the results in the order of the tasks. The function and all that it is given must be picklable."""
        tasks = iter(tasks)
        few = list(itertools.islice(tasks, 2))
        if len(few) < 2:
            yield from map(function, few)
            return
        waiting: deque[Future[Made]] = deque()
        for task in itertools.chain(few, tasks):
            waiting.append(self._started().submit(function, task))
            if len(waiting) > _AHEAD * self._processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            # Never fork: this process may have threads.
            methods = multiprocessing.get_all_start_methods()
            context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
            self._executor = ProcessPoolExecutor(self._processes, context)
        return self._executor
