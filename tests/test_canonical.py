from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.canonical import Member, choose
from cleaner.settings import load_settings

BASE = Member("m", "example.org", "2021-05-04", 300, (), repaired=False, syndicated=False)


def best(*members, by="best", sources=(), full=None, centrality=None):
    chosen = load_settings(("test", {"canonical": {"by": by, "sources": list(sources)}})).canonical
    named = [replace(member, id=f"{number}") for number, member in enumerate(members)]
    choice = choose(named, chosen, full=full, centrality=centrality)
    return choice.place, choice.why


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ({}, {"spoilt": ("truncated",)}, "whole: not truncated, as 0 is"),
        ({"words": 300}, {"words": 100, "published": "2020-01-01"}, "complete: 300 words, where 300 say all"),
        ({}, {"repaired": True}, "clean: nothing in its text had to be mended"),
        ({}, {"syndicated": True, "published": "2021-05-03"}, "original: not taken over from an agency"),
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
        ("central", {"centrality": {0: 0.2, 1: 0.4}}, "central: most like the others"),
        ("source", {"sources": ["example.org"]}, "source: example.org comes first in canonical.sources"),
    ],
)
def test_another_order_can_be_asked_for(by, options, why):
    other = replace(BASE, published="2021-05-01", words=250, site="example.com")
    assert best(other, BASE, by=by, **options) == (1, why)
    assert best(other, BASE)[0] == 0


def test_members_that_are_alike_are_ordered_by_id():
    assert best(BASE, BASE) == (0, "id: the first, all else being alike")


members = st.lists(
    st.builds(
        Member,
        id=st.integers(0, 10**6),
        site=st.sampled_from(["a.org", "b.org", None]),
        published=st.sampled_from(["2021-05-03", "2021-05-04T10:00", None]),
        words=st.integers(0, 500),
        spoilt=st.sampled_from([(), ("truncated",), ("truncated", "too_short")]),
        repaired=st.booleans(),
        syndicated=st.booleans(),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda member: member.id,
)


@given(members, st.sampled_from(["best", "earliest", "latest", "longest", "source"]), st.randoms())
def test_the_choice_does_not_depend_on_the_order(found, by, random):
    chosen = load_settings(("test", {"canonical": {"by": by, "sources": ["b.org"]}})).canonical
    shuffled = random.sample(found, len(found))
    one, other = choose(found, chosen), choose(shuffled, chosen)
    assert found[one.place] == shuffled[other.place]
    assert one.why == other.why
