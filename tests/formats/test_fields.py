"""What the keys of a record mean, and that nothing that stands under them is lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article, Removed
from cleaner.formats import json_values
from cleaner.formats.pages import page_of
from cleaner.formats.records import as_articles, decode, decode_plain, encode

TEXT = "Rain fell on the whole of the country on Monday, and it is not over yet."


def article(**fields: object) -> Article:
    [found] = as_articles([page_of({"text": TEXT, **fields})])
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"published": 1709285400}, "published", "2024-03-01T09:30:00+00:00"),
        ({"created": 1709285400000}, "published", "2024-03-01T09:30:00+00:00"),
        ({"published": 1709285400.5}, "published", "2024-03-01T09:30:00+00:00"),
        ({"published": 0}, "published", None),
        ({"published": True}, "published", None),
        ({"authors": [{"name": "Ines Aldo"}, {"name": "Bo Marsh"}]}, "authors", ("Ines Aldo", "Bo Marsh")),
        ({"author": {"@type": "Person", "name": " Ines Aldo "}}, "authors", ("Ines Aldo",)),
        ({"title": {"rendered": "Okafor wins"}}, "title", "Okafor wins"),
        ({"title": 5}, "title", "5"),
        ({"language": 5}, "language", None),
        ({"url": {"loc": "https://post.example/okafor"}}, "url", "https://post.example/okafor"),
        ({"agency": ["AP", "dpa"]}, "agency", "AP"),
        ({"site": {"name": "Halden Post"}}, "site", "Halden Post"),
        ({"flags": {"sport": True}}, "flags", ()),
        ({"flags": ["too_short"]}, "flags", ("too_short",)),
        ({"removed": [{"block": 1, "rule": "share", "text": "Share"}]}, "removed", (Removed(1, "share", "Share"),)),
        ({"removed": [{"block": None, "rule": None, "text": None}]}, "removed", ()),
        ({"removed": [{"block": 1, "rule": ["a"], "text": "y"}]}, "removed", ()),
        ({"removed": "by the editor"}, "removed", ()),
        ({"canonical": "https://post.example/a"}, "canonical", None),
        ({"canonical": False}, "canonical", False),
        ({"story": 1.5}, "story", None),
        ({"id": {"$oid": "65e1b7c2"}}, "id", "article#1"),
        ({"id": True}, "id", "article#1"),
        ({"id": 0}, "id", 0),
    ],
)
def test_values_of_other_forms_are_understood_or_kept(fields: dict[str, object], name: str, value: object) -> None:
    found = article(**fields)
    assert getattr(found, name) == value
    [(key, original)] = fields.items()
    said = original in (value, [value]) or found.record().get(key) == original or (name == "published" and value)
    rows = [{"block": one.block, "rule": one.rule, "text": one.text} for one in found.removed]
    said = said or (list(found.flags) or rows) == original
    assert said or original == 0 or found.provenance["given"] == {key: original}


@pytest.mark.parametrize("odd", ["crawl-7", {"repaired": 5}, {"repaired": [5]}, {"source": 5}, [1], {"line": "a"}])
def test_a_provenance_of_another_tool_is_kept_apart(odd: object) -> None:
    assert article(provenance=odd).provenance == {"given": {"provenance": odd}}


def test_numbers_that_json_cannot_say_are_kept_as_words() -> None:
    fields = json_values.parse(b'{"n": 1e400, "m": NaN, "o": [-Infinity], "p": 1.5}')
    assert fields == {"n": "1e400", "m": "NaN", "o": ["-Infinity"], "p": 1.5}


NUMBERS = st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False)
INSIDE = st.sampled_from(["name", "a", "block", "rule", "text"])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(INSIDE, inner, max_size=3),
    max_leaves=6,
)
KEYS = ["id", "title", "url", "site", "published", "date", "authors", "author", "language", "agency", "flags"]
KEYS += ["removed", "near_duplicates", "story", "canonical", "provenance", "other", "content"]


def leaves(value: object) -> set[str]:
    if isinstance(value, dict):
        return {leaf for one in value.values() for leaf in leaves(one)}
    if isinstance(value, list):
        return {leaf for one in value for leaf in leaves(one)}
    return {value.strip()} if isinstance(value, str) and value.strip() else set()


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_no_word_of_a_record_is_lost(fields: dict[str, object]) -> None:
    found = article(**fields)
    kept = "\n".join(leaves(json_values.parse(encode(found))))
    for key, value in fields.items():
        missing = {leaf for leaf in leaves(value) if leaf not in kept}
        assert not missing or key in {"published", "date"}, missing


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_a_second_reading_changes_nothing(fields: dict[str, object]) -> None:
    once = article(**fields)
    [again] = as_articles([page_of(json_values.parse(encode(once)))])
    assert encode(again) == encode(once)
    assert decode(encode(once)) == once


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5))
def test_the_short_way_gives_the_same_bytes(fields: dict[str, object]) -> None:
    record = json.loads(json.dumps({"text": TEXT, **fields}))
    plain = decode_plain(record, "article#1")
    if plain is not None:
        assert plain.before + b"," + plain.after == encode(article(**fields)).strip().replace(
            b'"near_duplicates":null,"story":null,"canonical":null,', b""
        )
