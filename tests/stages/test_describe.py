import pytest

from cleaner.article import Article, Removed
from cleaner.settings.load import load_settings
from cleaner.stages.describe import describe

LONG = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said. " * 12


def described(text=LONG, **fields):
    return describe(Article("1", text, **fields), load_settings().describe)


@pytest.mark.parametrize(
    ("fields", "published", "how"),
    [
        ({"published": "3 May 2021"}, "2021-05-03", None),
        ({"published": "2021-05-03T10:00:00Z"}, "2021-05-03T10:00:00+00:00", None),
        ({"url": "https://example.org/2021/05/03/rain"}, "2021-05-03", "the url"),
        ({"url": "https://example.org/2021/13/03/rain"}, None, None),
        ({"published": "a while ago"}, None, "not understood: a while ago"),
    ],
)
def test_publication_date(fields, published, how):
    article = described(**fields)
    assert article.published == published
    assert article.provenance.get("published") == how


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (LONG, "en"),
        ("Am Montag hat es im ganzen Land geregnet, und es ist noch nicht vorbei.", "de"),
        ("В понедельник по всей стране прошли сильные дожди.", "ru"),
        ("周一，全国普降大雨，气象部门表示未来几天仍将有降雨。", "zh"),
        ("Rain", None),
    ],
)
def test_language(text, language):
    assert described(text).language == language


@pytest.mark.parametrize(
    ("text", "fields", "flags"),
    [
        (LONG, {}, ()),
        ("Rain fell.", {}, ("too_short",)),
        (LONG + "\n\nMinisters are to meet on…", {}, ("truncated",)),
        (LONG + "\n\nMinisters are to meet on [...]", {}, ("truncated",)),
        (LONG[:300], {"removed": (Removed(3, "subscription", "Subscribe to read on"),)}, ("paywall_stub",)),
        (LONG, {"removed": (Removed(3, "subscription", "Subscribe to read on"),)}, ()),
        (LONG, {"agency": "AP"}, ("syndicated",)),
        ("\n\n".join(["World news", "Rain falls", "Rivers rise", "Villages flooded", "Help promised"] * 5), {},
         ("not_article",)),
        ("\n\n".join(f"1{n}:45 GMT\n\n{LONG[:98]}" for n in range(6)), {}, ("not_article",)),
    ],
)  # fmt: skip
def test_flags(text, fields, flags):
    assert described(text, **fields).flags == flags


def test_a_text_whose_words_a_program_replaced_says_so_and_why():
    spun = LONG + "Four suicide auto bombers attacked on Monday. A suicide auto bomb went off, police said again."
    article = described(spun)
    assert article.flags == ("machine_spun",)
    assert article.provenance["machine_spun"] == ["auto bomb* (car bomb) × 2"]
