"""What the commands of the index read and write: folders that are mirrored, pipes that are followed, answers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from cleaner.article import Article, Id, Kind, Rejected
from cleaner.formats.json_values import encode, parse
from cleaner.formats.pages import read
from cleaner.formats.records import as_articles
from cleaner.formats.sources import Source
from cleaner.index.answers import Answer
from cleaner.index.index import Index
from cleaner.report import Report

_AHEAD = 1000  # articles that are read before they are added
_END = object()
_PRINTED: Mapping[Kind, str] = {"near_duplicates": "near-duplicate", "story": "story"}


def add_below(
    index: Index, inputs: Sequence[str], sources: Sequence[Source], stdin: IO[bytes], report: Report
) -> Iterator[Answer]:
    """Add the articles of all sources; then remove those that came from a folder among the inputs and are gone from it.

    Nothing is removed below a folder in which something could not be read.
    """
    folders = sorted((path for path in map(Path, inputs) if path.is_dir()), key=lambda path: -len(path.parts))
    there: dict[Path, set[Id]] = {folder: set() for folder in folders}
    unread: set[Path] = set()

    def pages() -> Iterator[Article | Rejected]:
        for source in sources:
            folder = next((f for f in folders if source.path is not None and source.path.is_relative_to(f)), None)
            for page in as_articles(read([source], stdin, max_bytes=index.settings.read.max_bytes)):
                if folder is not None:
                    if isinstance(page, Rejected):
                        unread.add(folder)
                    else:
                        there[folder].add(page.id)
                yield page

    yield from index.add(report.count(pages()))
    for folder in folders:
        if folder not in unread:
            index.remove_missing(folder.resolve().as_posix(), there[folder])


def followed(index: Index, articles: Iterable[Article]) -> Iterator[Answer]:
    """Add articles as they come and yield each at once; commit as the settings say.

    Between commits the index is locked, never longer than that; while nothing comes it is free.
    """
    waiting: queue.Queue[object] = queue.Queue(_AHEAD)

    def listen() -> None:
        try:
            for article in articles:
                waiting.put(article)
            waiting.put(_END)
        except BaseException as error:  # noqa: BLE001 - raised again where it is read
            waiting.put(error)

    threading.Thread(target=listen, daemon=True).start()
    item = waiting.get()
    while isinstance(item, Article):
        with ExitStack() as stack:
            stack.enter_context(index.transaction())
            until = time.monotonic() + index.settings.index.follow_seconds
            count = 0
            while isinstance(item, Article):
                yield from index.add_in_transaction([item])
                count += 1
                left = until - time.monotonic()
                try:
                    item = (
                        waiting.get(timeout=max(left, 0)) if count < index.settings.index.batch and left > 0 else None
                    )
                except queue.Empty:
                    item = None
        item = waiting.get() if item is None else item
    if isinstance(item, BaseException):
        raise item


def named(index: Index, inputs: Sequence[str], stdin: IO[bytes]) -> Iterator[Id]:
    """Yield the stored ids among the inputs; "-" stands for lines with an id each: plain, as JSON, or in a record."""
    for given in inputs or ("-",):
        lines = stdin if given == "-" else [b""]
        for raw in lines:
            text = raw.strip()
            if given != "-" or not text:
                value: object = given
            else:
                try:
                    value = parse(text)
                except ValueError:
                    value = text.decode("utf-8", "replace")
            value = value.get("id") if isinstance(value, dict) else value
            yield from (id_ for id_ in _meant(value) if index.article(id_) is not None)


def _meant(value: object) -> list[Id]:
    """Return the ids that someone may mean: 4711 may be a number or a string of digits."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return []
    if isinstance(value, int):
        return [value, str(value)]
    return [value, int(value)] if value.isascii() and value.isdigit() and len(value) < 19 else [value]


def answer(found: Answer) -> bytes:
    """Return an article's record with its matches, as one line."""
    matches = [{"id": mate.id, "score": mate.score, "kind": _PRINTED[mate.kind]} for mate in found.matches]
    return encode({**found.article.record(), "matches": matches}) + b"\n"
