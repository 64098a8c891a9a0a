"""Which member of a group stands for it, and why: a total order that no order of input can change.

Best is: whole before truncated, paywalled or spun; complete (it covers most of its group); clean (nothing had to be
mended); from the original source; earliest; then, to decide at all, the id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id
from cleaner.settings.schema import CanonicalSettings

SPOILT = ("machine_spun", "not_article", "paywall_stub", "too_short", "truncated")
_REPAIRED, _SYNDICATED = 1 << len(SPOILT), 2 << len(SPOILT)
UNKNOWN = b"9999"
"""A date that is not known: it sorts behind every known one."""


def marks_of(article: Article) -> int:
    """Sum up in a byte what the choice looks at in an article's findings, because it is kept for every article."""
    flags = article.flags
    spoilt = sum(1 << bit for bit, flag in enumerate(SPOILT) if flag in flags) if flags else 0
    repaired = _REPAIRED if article.provenance.get("repaired") else 0
    return spoilt | repaired | (_SYNDICATED if "syndicated" in flags else 0)


def dates_of(published: Sequence[str | None]) -> NDArray[np.bytes_]:
    """Return dates in an array, `UNKNOWN` for None."""
    return np.array([date.encode() if date else UNKNOWN for date in published], np.bytes_)


def moments_of(dates: NDArray[np.bytes_]) -> NDArray[np.bytes_]:
    """Return dates as they are compared: where a time zone is known the moment in UTC, otherwise as they were written.

    So the order is that of instants as far as the dates tell it; a day without a time comes before its hours.

    >>> moments_of(dates_of(["2024-03-01T23:30:00-05:00", "2024-03-02T01:00:00Z", "2024-03-02", None])).tolist()
    [b'2024-03-02T04:30:00', b'2024-03-02T01:00:00', b'2024-03-02', b'9999']
    """
    if dates.dtype.itemsize <= len("2024-03-02T01:00"):
        return dates
    distinct, places = np.unique(dates, return_inverse=True)
    return np.array([_moment(date) for date in distinct.tolist()], np.bytes_)[places]


def _moment(date: bytes) -> bytes:
    if len(date) <= len("2024-03-02T01:00"):
        return date
    try:
        when = dt.datetime.fromisoformat(date.decode())
        return when.astimezone(dt.UTC).replace(tzinfo=None).isoformat().encode() if when.tzinfo else date
    except (ValueError, OverflowError):
        return date


class Choosable(NamedTuple):
    """What the choice looks at in one article."""

    id: Id
    site: str | None
    published: str | None
    words: int
    marks: int
    """As `marks_of` gives them."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Columns that describe every eligible member of the groups: columns of the same length."""

    groups: NDArray[np.int64]
    """The group of each, ascending, from 0."""
    ids: Sequence[Id]
    sites: Sequence[str | None]
    dates: NDArray[np.bytes_]
    """As `dates_of` gives them."""
    words: NDArray[np.int64]
    marks: NDArray[np.uint8]
    """As `marks_of` gives them."""

    @classmethod
    def of(cls, groups: Sequence[Sequence[Choosable]]) -> Candidates:
        """Return the columns of groups of articles."""
        members = [member for group in groups for member in group]
        return cls(
            np.repeat(np.arange(len(groups)), [len(group) for group in groups]),
            [member.id for member in members],
            [member.site for member in members],
            dates_of([member.published for member in members]),
            np.array([member.words for member in members], np.int64),
            np.array([member.marks for member in members], np.uint8),
        )


_Criterion = tuple[str, NDArray[Any], Callable[[int, int], str]]
"""Name, values to sort by (least is best), and what to say of the winner and the second."""


class Choice:
    """The choice in every group.

    >>> from cleaner.settings import load_settings
    >>> truncated = 1 << SPOILT.index("truncated")
    >>> one = [Choosable("a", None, "2021-05-04", 300, 0), Choosable("b", None, "2021-05-03", 310, truncated)]
    >>> choice = Choice(Candidates.of([one, [Choosable("c", None, None, 80, 0)]]), load_settings().canonical)
    >>> choice.best.tolist(), choice.why(0)
    ([0, 2], 'whole: not truncated, as b is')
    """

    def __init__(
        self,
        candidates: Candidates,
        settings: CanonicalSettings,
        *,
        full: NDArray[np.int64] | None = None,
        centrality: NDArray[np.float64] | None = None,
    ) -> None:
        """Choose among the candidates of every group.

        `full`: (groups,) words of a text that says all; by default the median of the candidates, for a story's longest
        report is often a live blog or a round-up. `centrality`: (candidates,) mean similarity to the others.
        """
        groups = candidates.groups
        begins = np.flatnonzero(np.diff(groups, prepend=-1))
        self._sizes = np.diff(begins, append=groups.size)
        if full is None:
            by_words = np.lexsort((candidates.words, groups))
            full = candidates.words[by_words[begins + (self._sizes - 1) // 2]]
        if centrality is None:
            centrality = np.zeros(groups.size)
        self._criteria = _criteria(candidates, settings, full, centrality)
        self.order: NDArray[np.int64] = np.lexsort((*(values for _, values, _ in reversed(self._criteria)), groups))
        """(candidates,) group after group, the best first."""
        self.best: NDArray[np.int64] = self.order[begins]
        """(groups,) the candidate that was chosen."""
        self._second = self.order[begins + np.minimum(1, self._sizes - 1)]

    def why(self, group: int) -> str:
        """Return the reason in words."""
        if self._sizes[group] == 1:
            return "the only member"
        best, second = int(self.best[group]), int(self._second[group])
        for name, values, say in self._criteria:
            if values[best] != values[second]:
                return f"{name}: {say(best, second)}"
        return "the members are alike"


def _criteria(
    found: Candidates, settings: CanonicalSettings, full: NDArray[np.int64], centrality: NDArray[np.float64]
) -> list[_Criterion]:
    """Return the criteria, the first to decide first."""
    preferred = {site: number for number, site in enumerate(settings.sources)}
    places = np.array([preferred.get(site or "", len(preferred)) for site in found.sites], np.int64)
    full = full[found.groups]
    _, age = np.unique(moments_of(found.dates), return_inverse=True)
    known = found.dates != UNKNOWN

    def other(second: int) -> str:
        flags = [flag for bit, flag in enumerate(SPOILT) if found.marks[second] >> bit & 1]
        return f"not {' or '.join(flags).replace('_', ' ')}, as {found.ids[second]} is"

    def published(best: int, _: int) -> str:
        return f"published {found.dates[best].decode() if known[best] else None}"

    spoilt = np.array([marks.bit_count() for marks in range(_REPAIRED)])[found.marks % _REPAIRED]
    whole: _Criterion = ("whole", spoilt, lambda _, second: other(second))
    complete: _Criterion = (
        "complete",
        found.words < settings.complete * full,
        lambda best, _: f"{found.words[best]} words, where {full[best]} say all",
    )
    clean: _Criterion = ("clean", found.marks & _REPAIRED, lambda *_: "nothing in its text had to be mended")
    source: _Criterion = (
        "source",
        places,
        lambda best, _: f"{found.sites[best]} comes first in canonical.sources",
    )
    original: _Criterion = ("original", found.marks & _SYNDICATED, lambda *_: "not taken over from an agency")
    earliest: _Criterion = ("earliest", age, published)
    latest: _Criterion = ("latest", np.where(known, -age, 1), published)
    longest: _Criterion = ("longest", -found.words, lambda best, _: f"{found.words[best]} words")
    central: _Criterion = ("central", -centrality.round(6), lambda *_: "most like the others")
    name: _Criterion = ("id", _by_name(found.ids), lambda *_: "the first, all else being alike")
    first = {"earliest": earliest, "latest": latest, "longest": longest, "central": central, "source": source}
    best = [whole, complete, clean, source, original, earliest, name]
    return best if settings.by == "best" else [first[settings.by], *best]


def _by_name(ids: Sequence[Id]) -> NDArray[np.int64]:
    """Return the place of each id in the order of ids; equal ones have the same."""
    keys = [(str(id_), isinstance(id_, int)) for id_ in ids]
    place = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.array([place[key] for key in keys], np.int64)
