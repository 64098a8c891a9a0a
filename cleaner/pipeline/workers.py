"""Pages or articles through a function, in order, on any number of processes; what crashes or hangs costs one of them.

HTML always goes to a worker process with a hard timeout, because parsers can be crashed and hung by what they read.
So does long text, for work on any page must end. Short text, which is over in a moment whatever it holds, is worked on
in place, or a chunk at a time where there are workers to spare.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from cleaner.article import Article, Outcome, Page, Rejected
from cleaner.pool import WorkerDiedError, never_forked

_LONG = 50_000
"""Characters from which a text is long: 8,000 words, which few articles have. Below it work takes a second at most."""
_MEMORY = 3 << 30
"""Bytes of address space that a worker may have. Of pages that are read (a limit of `read.max_bytes`) the worst known,
4 MB of tags alone, takes 1.1 GB; one that needs more costs itself and not the machine."""
NO_MEMORY = "needs more memory than a page may have"

Input = Page | Article | Rejected
Taken = TypeVar("Taken", Page, Article)
_HTML_PAGES = 8
"""Pages of HTML that a task holds: as many as the judge of their blocks takes at once."""
Stage = Callable[[Sequence[Any]], list[Outcome]]
"""Makes an outcome of each page or article of a task. It never raises."""


@dataclass(frozen=True, slots=True)
class Work:
    """How work is spread: processes, seconds an input may take, inputs a task holds, tasks a process lives for.

    With `chunk` 1 every input is answered as soon as it is done, as a pipe needs it.
    """

    jobs: int
    timeout: float
    chunk: int = 1
    pages_per_worker: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    """Inputs that are under way (`future`), or still to be done here."""

    inputs: tuple[Input, ...]
    future: Future[list[Outcome]] | None = None


def in_order(
    stage: Callable[[Sequence[Taken]], list[Outcome]], inputs: Iterable[Taken | Rejected], work: Work
) -> Iterator[Outcome]:
    """Yield what `stage` makes of each page or article, in the order of the inputs; a `Rejected` passes through.

    Reading runs ahead of the results by a bounded number of tasks, in a thread of its own, so that a result leaves
    as soon as it is there even while the next input has not arrived. `stage` must be picklable.
    """
    with _Pool(stage, work) as pool:
        tasks: queue.Queue[_Task | BaseException | None] = queue.Queue(maxsize=work.jobs * 4)
        stop = threading.Event()
        reader = threading.Thread(target=_schedule, args=(inputs, pool, tasks, stop), daemon=True)
        reader.start()
        try:
            while (task := tasks.get()) is not None:
                if isinstance(task, BaseException):
                    raise task
                yield from _finish(task, pool)
        finally:
            stop.set()


class _Pool:
    """Worker processes, started at the first need: a handful of text pages needs none."""

    def __init__(self, stage: Stage, work: Work) -> None:
        self.stage = stage
        self.work = work
        self._pool: Any = None

    @property
    def started(self) -> bool:
        return self._pool is not None

    def submit(self, inputs: tuple[Input, ...]) -> Future[list[Outcome]]:
        if self._pool is None:
            from pebble import ProcessPool  # a handful of text pages does without

            # The stage goes to each process once and not with each task: it carries settings and site profiles.
            self._pool = ProcessPool(
                max_workers=self.work.jobs,
                max_tasks=-(-self.work.pages_per_worker // min(self.work.chunk, _HTML_PAGES)),
                context=never_forked(),
                initializer=_prepare,
                initargs=(self.stage,),
            )
        timeout = self.work.timeout * len(inputs)
        future: Future[list[Outcome]] = self._pool.schedule(_apply_prepared, args=(inputs,), timeout=timeout)
        return future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()


_prepared: Stage


def _prepare(stage: Stage) -> None:
    """Set a worker process up."""
    global _prepared  # noqa: PLW0603 - the one thing that a worker process knows
    _prepared = stage
    with contextlib.suppress(ImportError, OSError, ValueError):  # where there is no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _apply_prepared(inputs: tuple[Input, ...]) -> list[Outcome]:
    return _apply(_prepared, inputs)


def _apply(stage: Stage, inputs: tuple[Input, ...]) -> list[Outcome]:
    made = iter(stage([item for item in inputs if not isinstance(item, Rejected)]))
    return [item if isinstance(item, Rejected) else next(made) for item in inputs]


def _schedule(
    inputs: Iterable[Input],
    pool: _Pool,
    tasks: queue.Queue[_Task | BaseException | None],
    stop: threading.Event,
) -> None:
    """Read inputs and hand them out (in the reading thread)."""

    def put(task: _Task | BaseException | None) -> None:
        while not stop.is_set():
            with contextlib.suppress(queue.Full):
                tasks.put(task, timeout=0.2)
                return

    try:
        for group, alone in _groups(inputs, pool.work.chunk):
            if stop.is_set():
                return
            # Text is worth a trip to another process only by the chunk.
            away = alone or (pool.work.jobs > 1 and (len(group) == pool.work.chunk > 1 or pool.started))
            put(_Task(group, pool.submit(group) if away else None))
    except BaseException as error:  # noqa: BLE001 - raised again where the results are read
        put(error)
    put(None)


def _groups(inputs: Iterable[Input], chunk: int) -> Iterator[tuple[tuple[Input, ...], bool]]:
    """Yield inputs by the chunk: of HTML and long text, which need a process of their own (True), or of the rest."""
    group: list[Input] = []
    risky = False
    for item in inputs:
        if not isinstance(item, Rejected) and _is_risky(item) != risky:
            if group:
                yield tuple(group), risky
                group = []
            risky = not risky
        group.append(item)
        if len(group) == (min(chunk, _HTML_PAGES) if risky else chunk):
            yield tuple(group), risky
            group = []
    if group:
        yield tuple(group), risky


def _is_risky(item: Input) -> bool:
    """Tell whether an input is worked on under a timeout alone."""
    if isinstance(item, Page):
        return item.html or len(item.content) > _LONG
    return isinstance(item, Article) and len(item.text) > _LONG


def _finish(task: _Task, pool: _Pool) -> Iterator[Outcome]:
    if task.future is None:
        yield from _apply(pool.stage, task.inputs)
        return
    from concurrent.futures import BrokenExecutor

    from pebble import ProcessExpired

    try:
        results = task.future.result()
    except BrokenExecutor as error:
        raise WorkerDiedError(f"no worker process could be started: {error or 'too little memory or disk'}") from error
    except (FutureTimeoutError, ProcessExpired, MemoryError) as error:
        if len(task.inputs) > 1:  # one of them did it: find out which
            for item in task.inputs:
                yield from _finish(_Task((item,), pool.submit((item,))), pool)
            return
        results = [_lost(task.inputs[0], error, pool.work)]
    yield from results


def _lost(item: Input, error: Exception, work: Work) -> Rejected:
    if isinstance(item, Rejected):
        return item
    reason = "crashed its worker process"
    if isinstance(error, FutureTimeoutError):
        reason = f"took longer than {work.timeout:g} s (extract.timeout)"
    elif isinstance(error, MemoryError):
        reason = NO_MEMORY
    return Rejected.of(item, "extract" if isinstance(item, Page) else "strip", reason)
