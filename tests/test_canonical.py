from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.canonical import SPOILT, Candidates, Choice, Choosable, marks_of
from cleaner.settings.load import load_settings


@dataclass(frozen=True)
class Told:
    site: str | None = "example.org"
    published: str | None = "2021-05-04"
    words: int = 300
    flags: tuple[str, ...] = ()
    repaired: bool = False
    id: str | int = 0


BASE = Told()


def columns(*groups):
    """Return the columns of groups of articles."""

    def member(told):
        provenance = {"repaired": ["x"]} if told.repaired else {}
        marks = marks_of(Article(told.id, "", flags=told.flags, provenance=provenance))
        return Choosable(told.id, told.site, told.published, told.words, marks)

    return Candidates.of([[member(told) for told in group] for group in groups])


def settings_by(by, sources=()):
    return load_settings(("test", {"canonical": {"by": by, "sources": list(sources)}})).canonical


def best(*members, by="best", sources=(), full=None, centrality=None):
    named = [replace(member, id=f"{number}") for number, member in enumerate(members)]
    choice = Choice(
        columns(named),
        settings_by(by, sources),
        full=None if full is None else np.array([full]),
        centrality=None if centrality is None else np.array(centrality),
    )
    return choice.best.tolist()[0], choice.why(0)


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ({}, {"flags": ("truncated",)}, "whole: not truncated, as 0 is"),
        ({"words": 300}, {"words": 100, "published": "2020-01-01"}, "complete: 300 words, where 300 say all"),
        ({}, {"repaired": True}, "clean: nothing in its text had to be mended"),
        ({}, {"flags": ("syndicated",), "published": "2021-05-03"}, "original: not taken over from an agency"),
        ({"published": "2021-05-03"}, {}, "earliest: published 2021-05-03"),
        ({}, {"published": None}, "earliest: published 2021-05-04"),
    ],
)
def test_the_best_and_why(better, worse, why):
    assert best(replace(BASE, **worse), replace(BASE, **better), full=300) == (1, why)


@pytest.mark.parametrize(
    ("by", "options", "why"),
    [
        ("latest", {}, "latest: published 2021-05-04"),
        ("longest", {}, "longest: 300 words"),
        ("central", {"centrality": [0.2, 0.4]}, "central: most like the others"),
        ("source", {"sources": ["example.org"]}, "source: example.org comes first in canonical.sources"),
    ],
)
def test_another_order_can_be_asked_for(by, options, why):
    other = replace(BASE, published="2021-05-01", words=250, site="example.com")
    assert best(other, BASE, by=by, **options) == (1, why)
    assert best(other, BASE)[0] == 0


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("2024-03-02T01:00:00+00:00", "2024-03-01T23:30:00-05:00"),
        ("2024-03-02T09:00+09:00", "2024-03-02T00:30+00:00"),
        ("2024-03-31T23:45:00+00:00", "2024-04-01T05:20:00+05:30"),
        ("2024-03-02", "2024-03-02T00:30:00+00:00"),
        ("2024-03-02T08:00:00", "2024-03-02T09:00:00"),
    ],
)
def test_dates_are_compared_as_moments(first, then):
    members = Told(published=then), Told(published=first)
    assert best(*members, by="earliest")[0] == 1
    assert best(*members, by="latest")[0] == 0


def test_members_that_are_alike_are_ordered_by_id():
    assert best(BASE, BASE) == (0, "id: the first, all else being alike")


members = st.lists(
    st.builds(
        Told,
        id=st.integers(0, 10**6),
        site=st.sampled_from(["a.org", "b.org", None]),
        published=st.sampled_from(["2021-05-03", "2021-05-04T10:00", None]),
        words=st.integers(0, 500),
        flags=st.sampled_from([(), ("truncated",), ("too_short", "truncated"), ("syndicated",)]),
        repaired=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda member: member.id,
)


BY = st.sampled_from(["best", "earliest", "latest", "longest", "source"])


@given(members, BY, st.randoms())
def test_the_choice_does_not_depend_on_the_order(found, by, random):
    shuffled = random.sample(found, len(found))
    one, other = (Choice(columns(some), settings_by(by, ["b.org"])) for some in (found, shuffled))
    assert found[one.best[0]] == shuffled[other.best[0]]
    assert one.why(0) == other.why(0)


@given(st.lists(members, max_size=4), BY)
def test_each_group_has_the_choice_that_it_has_alone(groups, by):
    together = Choice(columns(*groups), settings_by(by))
    begin = 0
    for number, group in enumerate(groups):
        alone = Choice(columns(group), settings_by(by))
        assert together.best[number] == begin + alone.best[0]
        assert together.why(number) == alone.why(0)
        begin += len(group)


@given(members)
def test_the_best_is_the_least_by_all_criteria(found):
    middle = sorted(member.words for member in found)[(len(found) - 1) // 2]
    complete = settings_by("best").complete

    def value(member):
        return (
            sum(flag in SPOILT for flag in member.flags),
            member.words < complete * middle,
            member.repaired,
            "syndicated" in member.flags,
            member.published or "9999",
            str(member.id),
        )

    assert found[Choice(columns(found), settings_by("best")).best[0]] == min(found, key=value)
