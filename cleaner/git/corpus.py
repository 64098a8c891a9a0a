"""The corpus that lives in git, as articles.

An article is known by what it says, not by where it stands: its key is a hash of its file, or of its line of JSON. So a
file that was renamed, a line that moved and a commit that was given up need no care, and an index of keys is right for
every branch. What was found out about a file is noted by the id of its contents and never found out twice; the
cleaning is that of `cleaner fix`, by rules alone.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from cleaner import __version__
from cleaner.article import Article, Page, Rejected
from cleaner.formats.json_lines import is_whole
from cleaner.formats.json_values import encode
from cleaner.formats.markdown import front_matter
from cleaner.formats.pages import read
from cleaner.formats.sources import GZIP, JSON, LFS_POINTER, MARKDOWN, Source, kind_of
from cleaner.git.notes import FileContents
from cleaner.git.repository import Repository, Staged
from cleaner.settings.schema import Settings

if TYPE_CHECKING:
    from cleaner.boilerplate.sites import Profile

_FORMAT = 1
_KEPT_PAGES = 1000
"""New pages kept between learning their keys and adding them to the index: a commit has fewer, and a first run, which
has more, reads them twice rather than holding them all."""


class Place(NamedTuple):
    """Where an article stands: the whole of a file, or (`line` > 0) a line or record of it."""

    path: str
    line: int = 0


class GitCorpus:
    """The articles of files in git. `scan` them first; everything else is asked of scanned files."""

    def __init__(self, repository: Repository, settings: Settings, profiles: Mapping[str, Profile]) -> None:
        self._repository = repository
        self._settings = used = _by_rules(settings)
        self._profiles = profiles
        self._known: dict[str, FileContents] = {}
        self._contents: dict[Staged, FileContents] = {}
        self.used: dict[str, FileContents] = {}
        """The contents of all files that were scanned, for the next run."""
        self._pages: dict[tuple[str, int], Page] = {}
        matters = [_FORMAT, __version__, used.read, used.strip, used.describe, used.git.max_bytes, profiles]
        self.salt = hashlib.sha256(encode(matters)).digest()
        """Hash of all that decides what a file's contents are made into: part of every key."""

    def learn(self, known: Mapping[str, FileContents]) -> None:
        """Take what an earlier run with the same salt knew."""
        self._known.update(known)

    def digest(self, listing: bytes) -> str:
        """Return a hash of a listing of git's and of all that decides what is made of its files."""
        settings = encode([self._settings.near_duplicates, self._settings.stories])
        return hashlib.blake2b(settings + listing, key=self.salt).hexdigest()

    def note(self, file: Staged) -> str:
        """Return what a file's contents are noted by: what they are also depends on the file's name."""
        note = file.blob + _suffix(file.path)
        return "/".join([note, *self._folders(file.path)]) if self._profiles else note

    def scan(self, files: Iterable[Staged]) -> None:
        """Find out what the files hold, as far as that is not known yet."""
        unknown: dict[str, list[Staged]] = {}
        for file in files:
            note = self.note(file)
            if known := self._known.get(note):
                self._contents[file] = self.used[note] = known
            else:
                unknown.setdefault(note, []).append(file)
        seen = {key for contents in self._known.values() for _, key in contents.articles} if unknown else set()
        for file, data in self._read({note: same[0] for note, same in unknown.items()}):
            note, articles, left = self.note(file), [], []
            for line, key, page in self._pages_of(file, data, lambda _, key: key not in seen):
                if isinstance(page, Rejected):
                    left.append((line, page.reason))
                    continue
                articles.append((line, key))
                if page and key not in seen and len(self._pages) < _KEPT_PAGES:
                    self._pages[note, line] = page
            contents = self._known[note] = self.used[note] = FileContents(tuple(articles), tuple(left))
            self._contents |= dict.fromkeys(unknown[note], contents)

    def contents(self, file: Staged) -> FileContents:
        """Return what a scanned file holds."""
        return self._contents[file]

    def pages(self, files: Mapping[str, Staged], places: Iterable[Place]) -> Iterator[tuple[Place, Page]]:
        """Yield the pages at these places, in any order. `files`: the scanned ones, by path."""
        unread: dict[str, set[int]] = {}
        for place in places:
            if kept := self._pages.get((self.note(files[place.path]), place.line)):
                yield place, kept
            else:
                unread.setdefault(place.path, set()).add(place.line)
        for file, data in self._read({path: files[path] for path in unread}):
            lines = unread[file.path]
            for line, _, page in self._pages_of(file, data, _line_in(lines)):
                if isinstance(page, Page) and line in lines:
                    yield Place(file.path, line), page

    def clean(self, key: str, page: Page) -> Article:
        """Return a page as it is compared: cleaned, under its key; as it stands if cleaning leaves nothing of it."""
        from cleaner.pipeline.stages import to_clean, to_text

        raw = to_text(page, self._settings)
        if isinstance(raw, Rejected):
            return Article.from_fields(key, page.content, page.fields)
        done = to_clean(raw, self._settings, self._profiles)
        return replace(raw if isinstance(done, Rejected) else done, id=key)

    def _read(self, files: Mapping[str, Staged]) -> Iterator[tuple[Staged, bytes | str]]:
        contents = self._repository.contents((file.blob for file in files.values()), self._settings.git.max_bytes)
        for file, (_, data) in zip(files.values(), contents, strict=True):
            yield file, data

    def _pages_of(
        self, file: Staged, data: bytes | str, wanted: Callable[[int, str], bool]
    ) -> Iterator[tuple[int, str, Page | Rejected | None]]:
        """Yield what stands in a file, by line and key; of JSON lines those that are not wanted as None, unparsed.

        A record that is no line of its own (of a JSON array, or packed) is known by its values and not by its bytes.
        """
        if reason := data if isinstance(data, str) else _unfit(file.path, data):
            yield 0, "", Rejected(file.path, "read", reason)
            return
        assert isinstance(data, bytes)
        start = hashlib.blake2b(encode([_suffix(file.path), self._folders(file.path)]), key=self.salt, digest_size=16)
        for number, piece in _pieces(file.path, data):
            key = _hexdigest(start, piece)
            if number and not wanted(number, key):
                yield number, key, None
                continue
            for page in self._pages_in(file.path, piece):
                if number or page.line is None or isinstance(page, Rejected):
                    yield number or page.line or 0, key, page
                else:
                    yield page.line, _hexdigest(start, encode([page.content, page.fields])), page

    def _pages_in(self, path: str, piece: bytes) -> Iterator[Page | Rejected]:
        source = Source(None, path, path)
        for page in read([source], io.BufferedReader(io.BytesIO(piece)), max_bytes=self._settings.read.max_bytes):
            if isinstance(page, Page) and page.html:
                yield Rejected(path, "read", "HTML, a page and no article: run `cleaner clean` on it", page.line)
            elif isinstance(page, Page) and _suffix(path) in MARKDOWN:
                lines = page.content.replace("\r\n", "\n").split("\n")
                yield replace(page, content="\n".join(lines[front_matter(lines) :]))
            else:
                yield page

    def _folders(self, path: str) -> list[str]:
        """Return the folders that a file is in if they matter: one may be named like the site."""
        return path.split("/")[:-1] if self._profiles else []


def _suffix(path: str) -> str:
    stem, _, suffix = path.rpartition(".")
    return "" if not stem or stem.endswith("/") or "/" in suffix else f".{suffix.lower()}"


def _unfit(path: str, data: bytes) -> str:
    """Return why a file is not read, "" if it is."""
    known = kind_of(Source(Path(path), path, ""), data[:1024]) is not None
    return "" if known else f"not a kind of file that is read ({_suffix(path)})"


def _pieces(path: str, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of JSON lines that are not blank, each with its number; anything else whole, as number 0."""
    first = data[: data.find(b"\n") + 1 or None].removeprefix(codecs.BOM_UTF8).strip()
    whole = not first or is_whole(first) or first.startswith((GZIP, LFS_POINTER))
    if whole or _suffix(path) not in JSON:
        yield 0, data
        return
    yield from ((n, line) for n, line in enumerate(data.split(b"\n"), 1) if line.strip())


def _line_in(lines: Container[int]) -> Callable[[int, str], bool]:
    return lambda line, _: line in lines


def _hexdigest(start: hashlib.blake2b, data: bytes) -> str:
    made = start.copy()
    made.update(data)
    return made.hexdigest()


def _by_rules(settings: Settings) -> Settings:
    """Return settings by which cleaning takes a moment and loses no article: no model, no language, no filters."""
    replace = msgspec.structs.replace
    return replace(
        settings,
        strip=replace(settings.strip, model=False),
        describe=replace(settings.describe, language_chars=0, drop=()),
        quality=replace(settings.quality, filters=()),
    )
