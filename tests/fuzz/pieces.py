"""What texts are put together from to break things: pieces that some rule, parser or repair takes a look at."""

import json

from hypothesis import strategies as st

PARAGRAPH = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."
PIECES = [
    *(
        "",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        " ",
        "\u2028",
        "\x00",
        "\x1b]0;a\x07",
        "\x9b",
        "\u202e",
        "\ud800",
        "\ufeff",
        "\u200d",
    ),
    *(
        "Share",
        "Advertisement",
        "Read more: Rain",
        "World / Business",
        "By Ann Lee",
        "12:30",
        "1 January 2020",
        "Cookies",
    ),
    *("&amp;amp;", "Ã©", "â€™", "e\u0301\u0316", "…", "...", "“", '"', "<p>", "<!--", "</div>", "```", "---", "# Rain"),
    *("<<<<<<< HEAD", "=======", "》。", "می‌خواهم", "周一", '{"text": "a"}', "[[line]]", PARAGRAPH, PARAGRAPH[:50]),
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join) | st.lists(
    st.sampled_from(PIECES), max_size=12
).map("\n\n".join)
ids = st.integers(-3, 3) | st.text(max_size=3) | st.sampled_from(["\ud800", "a/b", "1"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [
    "title",
    "url",
    "site",
    "published",
    "authors",
    "flags",
    "removed",
    "provenance",
    "metadata",
    "canonical",
    "story",
]
fields = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=4), values, max_size=4)
records = st.builds(lambda id_, text, more: {**more, "id": id_, "text": text}, ids, texts, fields)


def line(record: dict[str, object]) -> bytes:
    """Return a record as a line of JSON in ASCII, half surrogate pairs and all."""
    return json.dumps(record).encode() + b"\n"
