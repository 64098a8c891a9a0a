"""Which member of a group stands for it, and why: a total order that no order of input can change.

Best is: whole before truncated, paywalled or spun; complete (it covers most of its group); clean (nothing had to be
mended); from the original source; earliest; then, to decide at all, the id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cleaner.article import Article, Id
from cleaner.settings import CanonicalSettings

SPOILT = ("machine_spun", "not_article", "paywall_stub", "too_short", "truncated")
_REPAIRED, _SYNDICATED = 1 << len(SPOILT), 2 << len(SPOILT)
_LAST = "9999"  # an unknown date sorts behind every known one


@dataclass(frozen=True, slots=True)
class Member:
    """What the choice needs to know of an article."""

    id: Id
    site: str | None
    published: str | None
    words: int
    spoilt: tuple[str, ...]
    repaired: bool
    syndicated: bool

    @classmethod
    def marked(cls, id_: Id, site: str | None, published: str | None, words: int, marks: int) -> Member:
        """Make a member of what is known of an article; `marks` are its `marks_of`."""
        spoilt = tuple(flag for bit, flag in enumerate(SPOILT) if marks >> bit & 1) if marks else ()
        return cls(id_, site, published, words, spoilt, bool(marks & _REPAIRED), bool(marks & _SYNDICATED))


def marks_of(article: Article) -> int:
    """Sum up in a byte what the choice looks at in an article's findings: kept for every article, read for few."""
    flags = article.flags
    spoilt = sum(1 << bit for bit, flag in enumerate(SPOILT) if flag in flags) if flags else 0
    repaired = _REPAIRED if article.provenance.get("repaired") else 0
    return spoilt | repaired | (_SYNDICATED if "syndicated" in flags else 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The member that was chosen, by its place in the group, and the reason in words."""

    place: int
    why: str


Criterion = tuple[str, Callable[[Member], object], Callable[[Member], str]]
"""Name, value to sort by (least is best), and what to say of the winner."""


def choose(
    members: Sequence[Member],
    settings: CanonicalSettings,
    *,
    full: int | None = None,
    centrality: Mapping[int, float] | None = None,
) -> Choice:
    """Return which of the members is canonical.

    `full`: words of a text that says all; by default the median of the members, for a story's longest report is often
    a live blog or a round-up. `centrality`: mean similarity to the others, by place.

    >>> from cleaner.settings import load_settings
    >>> a = Member("a", None, "2021-05-04", 300, (), False, False)
    >>> b = Member("b", None, "2021-05-03", 310, ("truncated",), False, False)
    >>> choose([a, b], load_settings().canonical)
    Choice(place=0, why='whole: not truncated, as b is')
    """
    if len(members) == 1:
        return Choice(0, "the only member")
    central = centrality or {}
    places = {id(member): place for place, member in enumerate(members)}
    full = full or sorted(member.words for member in members)[(len(members) - 1) // 2]
    criteria = _criteria(full, settings, lambda m: -round(central.get(places[id(m)], 0.0), 6))
    ranked = sorted(members, key=lambda m: tuple(value(m) for _, value, _ in criteria))
    best, second = ranked[0], ranked[1]
    for name, value, say in criteria:
        if value(best) != value(second):
            return Choice(places[id(best)], f"{name}: {say(second if name == 'whole' else best)}")
    return Choice(places[id(best)], "the members are alike")


def _criteria(full: int, settings: CanonicalSettings, central: Callable[[Member], object]) -> list[Criterion]:
    order = {site: number for number, site in enumerate(settings.sources)}

    def source(member: Member) -> int:
        return order.get(member.site or "", len(order))

    whole: Criterion = (
        "whole",
        lambda m: len(m.spoilt),
        lambda other: f"not {' or '.join(other.spoilt).replace('_', ' ')}, as {other.id} is",
    )
    complete: Criterion = (
        "complete",
        lambda m: m.words < settings.complete * full,
        lambda m: f"{m.words} words, where {full} say all",
    )
    clean: Criterion = ("clean", lambda m: m.repaired, lambda _: "nothing in its text had to be mended")
    preferred: Criterion = ("source", source, lambda m: f"{m.site} comes first in canonical.sources")
    original: Criterion = ("original", lambda m: m.syndicated, lambda _: "not taken over from an agency")
    earliest: Criterion = ("earliest", lambda m: m.published or _LAST, lambda m: f"published {m.published}")
    latest: Criterion = (
        "latest",
        lambda m: [-ord(c) for c in m.published or "0"] + [1],
        lambda m: f"published {m.published}",
    )
    length: Criterion = ("longest", lambda m: -m.words, lambda m: f"{m.words} words")
    centre: Criterion = ("central", central, lambda _: "most like the others")
    name: Criterion = ("id", lambda m: (str(m.id), isinstance(m.id, int)), lambda _: "the first, all else being alike")
    first = {"earliest": earliest, "latest": latest, "longest": length, "central": centre, "source": preferred}
    best = [whole, complete, clean, preferred, original, earliest, name]
    return best if settings.by == "best" else [first[settings.by], *best]
