"""The hook on the whole corpus: `cleaner duplicates` tells which articles of a commit are in the corpus already.

What is staged is brought to an index below git's folder: what is missing there is added, what is gone is taken out. A
near-duplicate is reported if the commit brings it about: a pair that a parent of the commit holds already is old, so
neither a renamed file nor the other side of a merge is held against anyone. When nothing changed since the last run and
nothing is staged, a few questions to git are all it costs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.article import KINDS, Article, Kind, Page
from cleaner.git.corpus import GitCorpus, Place
from cleaner.git.notes import last_digest, notes
from cleaner.git.repository import Change, Repository, Staged, staged
from cleaner.report import Progress
from cleaner.settings.schema import Settings

if TYPE_CHECKING:
    from cleaner.index.index import Index

_INDEX, _NOTES = "cleaner/index.db", "cleaner/notes.db"
_Matches = dict[tuple[str, Kind], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A new article, one that it repeats or shares a story with, and how alike they are, 0 to 1."""

    place: Place
    other: Place
    kind: Kind
    score: float


@dataclass(slots=True)
class Outcome:
    """What a run found. `pages` has the articles of all pairs, as they stand in the files."""

    articles: int = 0
    new: int = 0
    pairs: list[Pair] = field(default_factory=list)
    pages: dict[Place, Page] = field(default_factory=dict)
    left: list[tuple[Place, str]] = field(default_factory=list)
    """What stands in changed files and is no article, with the reason."""


def find_duplicates(
    repository: Repository, corpus: GitCorpus, settings: Settings, since: str | None = "HEAD"
) -> Outcome:
    """Bring the index to what is staged, and return what is new since a commit (None: since ever) and its pairs.

    Raises GitError if git cannot be asked, or knows no such commit.
    """
    patterns = settings.git.corpus
    listing = repository.listing(patterns)
    base = since if since in {"HEAD", None} else repository.fork(since)
    changes = repository.changes(repository.tree(base), patterns)
    digest = corpus.digest(listing)
    if last_digest(repository.folder(_NOTES)) == digest and not any(change.after for change in changes):
        return Outcome()
    files = {file.path: file for file in staged(listing)}
    merged = repository.merging() if since == "HEAD" else []
    parents = [changes, *(repository.changes(repository.tree(commit), patterns) for commit in merged)]
    with notes(repository.folder(_NOTES)) as noted:
        corpus.learn(noted.known(corpus.salt))
        corpus.scan([*files.values(), *(Staged(c.path, c.before) for parent in parents for c in parent if c.before)])
        outcome = _Commit(corpus, files, parents).outcome(repository.folder(_INDEX), settings)
        noted.write(digest, corpus.used, corpus.salt)
    return outcome


class _Commit:
    """What a commit would hold, by key, and what each of its parents holds."""

    def __init__(self, corpus: GitCorpus, files: Mapping[str, Staged], parents: Sequence[Sequence[Change]]) -> None:
        self._corpus = corpus
        self._files = files
        self._places: dict[str, list[Place]] = {}
        for file in files.values():
            for line, key in corpus.contents(file).articles:
                self._places.setdefault(key, []).append(Place(file.path, line))
        self._changes = [change for change in parents[0] if change.after]
        self._differences = [self._difference(parent) for parent in parents]
        self._new = self._brought()

    def outcome(self, index: Path, settings: Settings) -> Outcome:
        """Bring the index to this commit and return what it finds."""
        matches = self._matched(index, settings)
        pairs = sorted(self._pairs(matches), key=lambda p: (p.place, p.kind, -p.score, p.other))
        places = {place for pair in pairs for place in (pair.place, pair.other)}
        return Outcome(
            articles=sum(map(len, self._places.values())),
            new=sum(map(len, self._new.values())),
            pairs=pairs,
            pages=dict(self._corpus.pages(self._files, sorted(places))),
            left=[
                (Place(change.path, line), reason)
                for change in self._changes
                for line, reason in self._corpus.contents(Staged(change.path, change.after or "")).left
            ],
        )

    def _difference(self, changes: Iterable[Change]) -> Counter[str]:
        """Return how many more articles of each key (fewer: below 0) a parent holds."""
        more: Counter[str] = Counter()
        for change in changes:
            more.update(self._keys(change.path, change.before))
            more.subtract(self._keys(change.path, change.after))
        return more

    def _keys(self, path: str, blob: str | None) -> list[str]:
        return [key for _, key in self._corpus.contents(Staged(path, blob)).articles] if blob else []

    def _brought(self) -> dict[str, list[Place]]:
        """Return the articles that are in a file newly and that the first parent has fewer of."""
        new: dict[str, list[Place]] = {}
        for change in self._changes:
            had = Counter(self._keys(change.path, change.before))
            for line, key in self._corpus.contents(Staged(change.path, change.after or "")).articles:
                had[key] -= 1
                if had[key] < 0 and self._differences[0][key] < 0:
                    new.setdefault(key, []).append(Place(change.path, line))
        return new

    def _old(self, key: str, other: str) -> bool:
        """Tell whether a parent holds this pair already."""
        return any(
            more[key] >= 0 if key == other else all(len(self._places[k]) + more[k] > 0 for k in (key, other))
            for more in self._differences
        )

    def _matched(self, path: Path, settings: Settings) -> _Matches:
        """Return what `_matches` does. An index made otherwise, or broken, is made anew: git has all that was in it."""
        from cleaner.index.database import IndexDamagedError, IndexMismatchError
        from cleaner.index.index import Index

        with suppress(IndexMismatchError, IndexDamagedError), Index.open(path, settings) as index:
            return self._matches(index)
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        with Index.open(path, settings) as index:
            return self._matches(index)

    def _matches(self, index: Index) -> _Matches:
        """Bring the index to what is staged; return the scores of what the new articles match, by kind."""
        stored = set(map(str, index.ids()))
        index.remove(sorted(stored - self._places.keys()))
        missing = [key for key in self._places if key not in stored]
        index.insert_ungrouped(self._articles(key for key in missing if key not in self._new))
        added = [key for key in missing if key in self._new]
        known = [key for key in self._new if key in stored]  # by a run whose commit was given up
        found: _Matches = defaultdict(dict)
        for results in (index.add(self._articles(added)), index.query(self._articles(known))):
            for result in results:
                for match in result.matches:
                    one, two = str(result.article.id), str(match.id)
                    for key, other in ((one, two), (two, one)):
                        if key in self._new and other in self._places and key != other:
                            found[key, match.kind][other] = match.score
        return found

    def _articles(self, keys: Iterable[str]) -> Iterator[Article]:
        at = {self._places[key][0]: key for key in keys}
        progress = Progress("articles")
        for count, (place, page) in enumerate(self._corpus.pages(self._files, at)):
            progress.show(count)
            yield self._corpus.clean(at[place], page)
        progress.done()

    def _pairs(self, matches: _Matches) -> Iterator[Pair]:
        """Yield the pairs of new articles; of two new ones the later repeats the earlier."""
        new = {place for places in self._new.values() for place in places}
        for key, places in self._new.items():
            others: list[tuple[Kind, str, float]] = [("near_duplicates", key, 1.0)]
            others += [(kind, other, score) for kind in KINDS for other, score in matches.get((key, kind), {}).items()]
            for kind, other, score in others:
                if not self._old(key, other):
                    rows = ((p, o) for p in places for o in self._places[other] if o not in new or o < p)
                    yield from (Pair(place, mate, kind, score) for place, mate in rows)
