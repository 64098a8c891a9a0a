"""What happened to pages and groups, counted, and said to people; `cli` says it and ends with the exit code."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from cleaner.article import INVARIANT, Article, Id, Rejected

_SHOWN = 5  # rejected inputs named without -v, and stories
_STEERING = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Characters that steer a terminal or turn the order of others: C0, C1, separators, bidirectional marks, surrogates."""
_NOT_SHOWN = re.compile(rf"[\t\n{_STEERING}]")
_NOT_PRINTED = re.compile(f"[{_STEERING}]")


@dataclass(slots=True)
class Report:
    """Counts of one run. `rejected` keeps every rejected input: they are few, and nothing may be lost silently."""

    articles: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    repaired: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    renamed: list[Id] = field(default_factory=list)
    """Ids that articles were given because another one has theirs."""
    progress: Progress | None = None

    def count(self, outcomes: Iterable[Article | Rejected]) -> Iterator[Article]:
        """Count what comes by, and pass the articles on."""
        for outcome in outcomes:
            if self.progress:
                self.progress.show(self.pages)
            if isinstance(outcome, Rejected):
                self.rejected.append(outcome)
                continue
            self.articles += 1
            if outcome.removed:
                self.removed.update(removed.rule for removed in outcome.removed)
            if outcome.provenance:
                self.repaired.update(outcome.provenance.get("repaired", ()))
            if outcome.flags:
                self.flags.update(outcome.flags)
            yield outcome
        if self.progress:
            self.progress.done()

    @property
    def pages(self) -> int:
        """Inputs: each is an article or rejected."""
        return self.articles + len(self.rejected)

    def exit_code(self, *, strict: bool) -> int:
        """Return 70 if something was lost, 3 if no input gave an article or if rejected inputs are to count, else 0."""
        if any(rejected.stage == INVARIANT for rejected in self.rejected):
            return 70
        return 3 if self.rejected and (strict or not self.articles) else 0

    def summary(self, *, verbose: bool = False) -> list[str]:
        """Return what a person wants to know, a line each."""
        lines = [f"{_some(self.pages, 'page')}: {_some(self.articles, 'article')}, {len(self.rejected):,} rejected"]
        lines += changes(self.removed, self.repaired)
        if self.flags:
            lines.append(f"flagged: {_listed(self.flags)}")
        if self.renamed:
            first = self.renamed if verbose else self.renamed[:_SHOWN]
            more = f" and {len(self.renamed) - len(first):,} more" if len(first) < len(self.renamed) else ""
            lines.append(f"ids given to articles that shared one: {', '.join(shown(str(id_)) for id_ in first)}{more}")
        shown_rejected = self.rejected if verbose else self.rejected[:_SHOWN]
        lines += [f"rejected: {rejected}" for rejected in shown_rejected]
        if len(shown_rejected) < len(self.rejected):
            lines.append(f"rejected: … and {len(self.rejected) - len(shown_rejected):,} more (-v names them all)")
        return lines


def changes(removed: Counter[str], repaired: Counter[str]) -> list[str]:
    """Return a line on what was taken out, by rule, and one on what was repaired, by repair; none on nothing.

    >>> changes(Counter({"share": 2, "advert": 1}), Counter())
    ['3 blocks removed: 2 share, 1 advert']
    """
    lines = [f"{_some(removed.total(), 'block')} removed: {_listed(removed)}"] if removed else []
    return lines + ([f"repaired: {_listed(repaired)}"] if repaired else [])


def groups_summary(counts: Mapping[str, int], canonical: int, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a line on the groups of two or more and what stands for them, and a line for each of the largest."""
    one = {"near_duplicates": "group of near-duplicates", "stories": "story"}
    many = {"near_duplicates": "groups of near-duplicates", "stories": "stories"}
    found = [f"{n:,} {one[kind] if n == 1 else many[kind]}" for kind, n in counts.items()]
    lines = [f"{' and '.join(found)} of two articles or more; {_some(canonical, 'canonical article')}"]
    for record in [record for record in records if record["kind"] == "story"][:_SHOWN]:
        title = record["title"] or record["name"] or record["id"]
        lines.append(f"  story of {len(record['members'])}: {title}")
    return lines


def files_summary(output: Path, names: Iterable[str]) -> list[str]:
    """Return a line that says where the results are."""
    return [f"written to {output}: {' '.join(names)}"]


def shown(text: str) -> str:
    r"""Return a text that stays on one line and steers no terminal, whatever it holds. A second time changes nothing.

    >>> print(shown("Rain\x1b]0;fell\x07\nrejected: \u202eall"))
    Rain\x1b]0;fell\x07\x0arejected: \u202eall
    """
    return _NOT_SHOWN.sub(_escaped, text)


def tell(*lines: str, file: TextIO | None = None) -> None:
    """Print lines for people, on standard error by default, whatever page or file they quote."""
    for line in lines:
        print(shown(line), file=file or sys.stderr, flush=True)


def write(data: bytes) -> None:
    """Write data to standard output at once. A terminal gets what would steer it escaped, as JSON and TOML write it.

    Raises OSError that names the stream.
    """
    try:
        if sys.stdout.isatty():
            data = _NOT_PRINTED.sub(_escaped, data.decode("utf-8", "surrogateescape")).encode()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        error.filename = "standard output"
        raise


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x7F else f"\\u{code:04x}"


def _some(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _listed(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{n:,} {name}" for name, n in ordered)


class Progress:
    """A line that counts on a terminal, once something takes longer than a second; nothing anywhere else."""

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._on = self._stream.isatty()
        self._what = what
        self._start = self._shown = time.monotonic()

    def show(self, count: int) -> None:
        """Say how far things are, ten times a second at most."""
        if not self._on:
            return
        now = time.monotonic()
        if now - self._start > 1 and now - self._shown > 0.1:
            self._shown = now
            self._stream.write(f"\r{count:,} {self._what}, {count / (now - self._start):,.0f} a second\x1b[K")
            self._stream.flush()

    def done(self) -> None:
        """Take the line away."""
        if self._on and self._shown > self._start:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
