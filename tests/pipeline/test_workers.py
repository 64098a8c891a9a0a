import os
import threading
import time

import pytest

from cleaner.article import Article, Page, Rejected
from cleaner.pipeline.workers import Work, in_order


def stage(some):
    contents = {item.content if isinstance(item, Page) else item.text for item in some}
    if "hang" in contents:
        time.sleep(60)
    if "crash" in contents:
        os._exit(3)
    return [item if isinstance(item, Article) else Article(id=item.id, text=item.content) for item in some]


def pages(*contents, html=True):
    return [Page(id=i, content=c, html=html, source="crawl.jsonl", line=i + 1) for i, c in enumerate(contents)]


def shown(outcomes):
    return [o.text if isinstance(o, Article) else o.reason for o in outcomes]


def test_a_page_that_crashes_or_hangs_its_worker_costs_that_page_alone():
    work = Work(jobs=2, timeout=1.0)
    outcomes = list(in_order(stage, pages("one", "crash", "two", "hang", "three"), work))
    assert shown(outcomes) == [
        "one",
        "crashed its worker process",
        "two",
        "took longer than 1 s (extract.timeout)",
        "three",
    ]
    lost = [o for o in outcomes if isinstance(o, Rejected)]
    assert [(r.source, r.line, r.stage, r.id) for r in lost] == [
        ("crawl.jsonl", 2, "extract", 1),
        ("crawl.jsonl", 4, "extract", 3),
    ]


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("chunk", [1, 4])
def test_the_order_is_that_of_the_pages(jobs, chunk):
    rejected = Rejected("x", "read", "empty")
    mixed = [*pages(*"abcdefghij", html=False), rejected, *pages("k", "l"), *pages(*"mn", html=False)]
    assert shown(in_order(stage, mixed, Work(jobs=jobs, timeout=10, chunk=chunk))) == [*"abcdefghij", "empty", *"klmn"]


def test_a_chunk_with_a_page_that_crashes_loses_no_other():
    contents = ["a", "b", "crash", "d", "e", "f", "g", "h"]
    outcomes = list(in_order(stage, pages(*contents, html=False), Work(jobs=2, timeout=10, chunk=4)))
    assert shown(outcomes) == ["a", "b", "crashed its worker process", "d", "e", "f", "g", "h"]


def test_an_article_that_crashes_is_rejected_by_where_it_comes_from():
    articles = [
        Article(n, text, provenance={"source": "a.jsonl", "line": n}) for n, text in enumerate(("one", "crash"))
    ]
    one, lost = in_order(stage, articles, Work(jobs=2, timeout=10, chunk=2))
    assert one == articles[0]
    assert lost == Rejected("a.jsonl", "strip", "crashed its worker process", 1, 1)


def test_a_result_leaves_before_the_next_page_has_arrived():
    arrived = threading.Event()

    def slow():
        yield pages("one", html=False)[0]
        assert arrived.wait(30)
        yield pages("two", html=False)[0]

    results = in_order(stage, slow(), Work(jobs=1, timeout=10))
    assert next(results).text == "one"
    arrived.set()
    assert next(results).text == "two"


def test_an_error_in_reading_is_raised_where_the_results_are_read():
    def broken():
        yield pages("one", html=False)[0]
        raise OSError("disk on fire")

    results = in_order(stage, broken(), Work(jobs=1, timeout=10))
    assert next(results).text == "one"
    with pytest.raises(OSError, match="disk on fire"):
        next(results)
