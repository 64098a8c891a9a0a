"""Pages that are cleaned together come out as each would alone."""

from pathlib import Path

import pytest

from cleaner.article import Article, Page, Rejected
from cleaner.pipeline import stages as pipeline
from cleaner.pipeline.learning import learning
from cleaner.pipeline.stages import clean_page, clean_pages, clean_texts, texts
from cleaner.pipeline.workers import Work
from cleaner.settings.load import load_settings

SEEDS = sorted((Path(__file__).parents[2] / "seeds").iterdir())
PAGES = [Page(path.stem, path.read_text(encoding="utf-8"), source=path.name) for path in SEEDS]
MORE = [
    *PAGES,
    Page("empty", ""),
    Page("lines", "Home\nNews\nSport\n" * 40),
    Page("dump", "word\n" * 30_000),
    Page("ja", "百年の孤独が出版された。\n" * 4),
]


def test_a_chunk_comes_out_as_its_pages_do_one_by_one() -> None:
    settings = load_settings()
    together = list(clean_pages(MORE, settings, Work(jobs=1, timeout=10, chunk=len(MORE))))
    assert together == [clean_page(page, settings) for page in MORE]
    assert sum(isinstance(outcome, Article) for outcome in together) >= len(PAGES)


def test_a_page_that_cannot_be_looked_at_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    expected = [clean_page(page, settings) for page in PAGES]
    inspect_all = pipeline.inspect_all

    def broken(articles: list[Article], how: object) -> object:
        if len(articles) > 1:
            raise ArithmeticError("one of them")
        return inspect_all(articles, how)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "inspect_all", broken)
    assert list(clean_pages(PAGES, settings, Work(jobs=1, timeout=10, chunk=64))) == expected


def test_both_halves_of_articles_that_waited_are_the_whole_in_its_order() -> None:
    settings, work = load_settings(), Work(jobs=1, timeout=10, chunk=4)
    nasty = Page("nasty", 'Rain\ud800 fell.\n\n"a\nb"', source="a.jsonl", line=2, fields={"rejected": {"id": 1}})
    pages = [PAGES[0], Rejected("one", "read", "empty"), Rejected("two", "read", "empty"), nasty, *MORE]
    with learning(pages, settings, work) as (waited, _):
        again = list(waited)
    assert again == list(texts(pages, settings, work))
    assert list(clean_texts(again, settings, work)) == list(clean_pages(pages, settings, work))


@pytest.mark.parametrize(
    "sentence",
    [
        "شهردار گفت که پل تازه پیش از پاییز باز نمی\u200cشود، زیرا کارخانه تیرها را دیر تحویل داده است.",
        "शहर के अधिकारी ने कहा कि श\u200dर्मा और क्\u200dष का पुल शरद ऋतु से पहले नहीं खुलेगा, और लोग नाराज़ हैं।",
        "They posted 👩\u200d🚒 and 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f on Friday.",
    ],
    ids=["Persian", "Hindi", "emoji"],
)
def test_a_page_keeps_the_joiners_that_words_are_spelt_with(sentence: str) -> None:
    spelt = sentence.replace("\u200c", "&zwnj;")
    paragraphs = "".join(f"<p>{number}. {spelt}</p>" for number in range(1, 5))
    html = f"<html><head><title>{spelt[:40]}</title></head><body><article>{paragraphs}</article></body></html>"
    article = clean_page(Page("a", html, html=True), load_settings())
    assert isinstance(article, Article)
    assert article.text.count(sentence) == 4
