"""What git knows of a repository's files: what is staged, what that changes, and the contents.

The only module that runs git. The index is asked, never the folder: what a commit will hold is what is staged there,
whatever else lies about. Where the index and the repository are is git's to say too, so linked worktrees and the
variables that git sets for a hook (GIT_DIR, GIT_INDEX_FILE in `git commit -a` and `git commit FILE`) need no thought.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, Self

_FILES = frozenset({"100644", "100755"})
"""Modes of ordinary files. A link's content is a path, and a submodule (160000) has none here."""
# Mode, contents, 0 where there is no conflict, and path, from the beginning of a row.
_LISTED = re.compile(rf"(?<![^\0])(?:{'|'.join(sorted(_FILES))}) ([0-9a-f]+) 0\t([^\0]+)\0")
_RELATIVE = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
_STEP = 1 << 20  # bytes


class GitError(Exception):
    """Git cannot be asked, or will not answer; the text says why."""


class Staged(NamedTuple):
    """A file as it is staged: its path from the top of the repository, and the id of its contents."""

    path: str
    blob: str


def staged(listing: bytes) -> list[Staged]:
    """Return the files of a listing, sorted by path as git sorts; those in conflict are left out."""
    return [Staged(path, blob) for blob, path in _LISTED.findall(os.fsdecode(listing))]


class Change(NamedTuple):
    """A file that differs: what it held before and what it holds now; None where there was or is no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with files. Paths come and go as `str` (`os.fsdecode`), whatever bytes a name is made of."""

    top: Path
    environment: Mapping[str, str]

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return the repository that a folder is in. Raises GitError if it is in none, or in one without files."""
        # Git runs at the top from here on, and takes these paths as relative to where it runs.
        absolute = {name: os.fspath(folder / os.environ[name]) for name in _RELATIVE if os.environ.get(name)}
        inside = cls(folder, {**os.environ, **absolute})
        return cls(Path(inside._line("rev-parse", "--show-toplevel")), inside.environment)

    def folder(self, name: str) -> Path:
        """Return the path of a file or folder of that name in git's own folder, of this worktree if there are many."""
        return self.top / self._line("rev-parse", "--git-path", name)

    def listing(self, patterns: Sequence[str]) -> bytes:
        """Return what is staged in git's own words, which `staged` reads; where nothing changed they are the same."""
        return self._ask("ls-files", "-s", "-z", "--", *patterns)

    def tree(self, commit: str | None) -> str:
        """Return the id of what a commit holds. The HEAD of a repository without commits holds nothing, as does None.

        Raises GitError if there is no such commit.
        """
        try:
            if commit is not None:
                return self._line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")
        except GitError:
            if commit != "HEAD":
                raise GitError(f"there is no commit {commit!r} here; perhaps it has to be fetched first") from None
        return self._line("hash-object", "-t", "tree", "--stdin")

    def fork(self, commit: str) -> str:
        """Return the last commit that HEAD and another commit have in common, or the other one if there is none."""
        try:
            return self._line("merge-base", "--end-of-options", commit, "HEAD")
        except GitError:
            return commit

    def merging(self) -> list[str]:
        """Return the commits that the next commit will merge into HEAD, as a rule none."""
        try:
            return self.folder("MERGE_HEAD").read_text("ascii").split()
        except FileNotFoundError:
            return []

    def changes(self, tree: str, patterns: Sequence[str]) -> list[Change]:
        """Return the files that are staged otherwise than a tree has them, sorted as git sorts. Renames are two."""
        rows = self._ask("diff-index", "--cached", "--no-renames", "-z", tree, "--", *patterns).split(b"\0")[:-1]
        found = []
        for about, path in zip(rows[::2], rows[1::2], strict=True):
            old_mode, mode, old, blob, _ = about.decode().removeprefix(":").split(" ")
            before = old if old_mode in _FILES else None
            after = blob if mode in _FILES and blob.strip("0") else None  # nothing but 0: in conflict
            if before != after:
                found.append(Change(os.fsdecode(path), before, after))
        return found

    def contents(self, blobs: Iterable[str], max_bytes: int) -> Iterator[tuple[str, bytes | str]]:
        """Yield each blob's id with its bytes, or with the reason why they are not given. One process for all."""
        import tempfile

        with tempfile.TemporaryFile() as ids:  # a pipe could fill up while the answers are waiting in another
            ids.writelines(f"{blob}\n".encode() for blob in blobs)
            ids.seek(0)
            command = ["git", "cat-file", "--batch", "--buffer"]
            with subprocess.Popen(
                command, cwd=self.top, env=dict(self.environment), stdin=ids, stdout=subprocess.PIPE
            ) as git:
                assert git.stdout is not None
                yield from _answers(git.stdout, max_bytes)
        if git.returncode:
            raise GitError(f"git cat-file failed (exit code {git.returncode})")

    def _line(self, *command: str) -> str:
        return os.fsdecode(self._ask(*command).removesuffix(b"\n"))

    def _ask(self, *command: str) -> bytes:
        try:
            done = subprocess.run(
                ["git", *command],
                cwd=self.top,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise GitError(f"git cannot be run: {error.strerror}") from None
        if done.returncode:
            said = re.sub(r"^(?:fatal|error): ", "", done.stderr.decode("utf-8", "replace").strip())
            raise GitError(said or f"git {command[0]} failed (exit code {done.returncode})")
        return done.stdout


def _answers(stream: IO[bytes], max_bytes: int) -> Iterator[tuple[str, bytes | str]]:
    while header := stream.readline():
        blob, *rest = header.decode().split()
        if len(rest) < 2:
            yield blob, f"{' '.join(rest)} in this clone"
            continue
        size = int(rest[1])
        if size <= max_bytes:
            yield blob, stream.read(size)
        else:
            for start in range(0, size, _STEP):
                stream.read(min(_STEP, size - start))
            yield blob, f"larger than {max_bytes:,} bytes (git.max_bytes)"
        stream.read(1)  # the line break after it
