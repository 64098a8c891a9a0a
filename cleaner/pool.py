"""Fingerprints by other processes, in the order of the articles, while this one reads and writes."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor

from cleaner.article import Article
from cleaner.duplicates import Fingerprints, fingerprints
from cleaner.fingerprint import text_hashes
from cleaner.settings import NearDuplicateSettings
from cleaner.words import words

Made = tuple[list[int], Fingerprints]
Done = tuple[Sequence[Article], list[int], Fingerprints]
"""Articles, the number of words of each, and their fingerprints."""

_FEW = 16  # batches that are not worth starting a process for
_AHEAD = 8  # batches under way for each process


class Pool:
    """Processes that make fingerprints, started once there is enough for them to do."""

    def __init__(self, settings: NearDuplicateSettings, processes: int) -> None:
        self._settings = settings
        self._processes = processes
        self._executor: ProcessPoolExecutor | None = None
        self._waiting: deque[tuple[Sequence[Article], Future[Made] | Made]] = deque()
        self._submitted = 0

    def submit(self, articles: Sequence[Article]) -> Iterator[Done]:
        """Hand out a batch, and yield the oldest ones that are done or that must be waited for."""
        texts = [article.text for article in articles]
        self._submitted += 1
        if self._submitted <= _FEW:
            self._waiting.append((articles, _make(texts, self._settings)))
        else:
            if self._executor is None:
                # Never fork: this process may have threads.
                methods = multiprocessing.get_all_start_methods()
                context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
                self._executor = ProcessPoolExecutor(self._processes, context)
            self._waiting.append((articles, self._executor.submit(_make, texts, self._settings)))
        while self._waiting and (len(self._waiting) > _AHEAD * self._processes or _is_done(self._waiting[0][1])):
            yield self._next()

    def finish(self) -> Iterator[Done]:
        """Yield what is still under way."""
        while self._waiting:
            yield self._next()

    def close(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def _next(self) -> Done:
        articles, made = self._waiting.popleft()
        sizes, prints = made.result() if isinstance(made, Future) else made
        return articles, sizes, prints


def _is_done(made: Future[Made] | Made) -> bool:
    return made.done() if isinstance(made, Future) else True


def _make(texts: Sequence[str], settings: NearDuplicateSettings) -> Made:
    batch = words(texts)
    return batch.sizes().tolist(), fingerprints(batch, text_hashes(batch), settings)
