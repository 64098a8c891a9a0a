"""Whatever is fed in whatever order: each input is an article or rejected, and every step keeps its promise."""

import io
import json
import tempfile
from pathlib import Path

import pytest
from fuzz.pieces import line, records, texts
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cleaner.article import Article
from cleaner.formats.pages import read
from cleaner.formats.records import encode
from cleaner.formats.sources import find
from cleaner.hooks.fix_file import fix_bytes
from cleaner.hooks.fix_text import fix_text
from cleaner.index import Index
from cleaner.pipeline.stages import clean_pages
from cleaner.pipeline.workers import Work
from cleaner.report import Report
from cleaner.settings import load_settings

SETTINGS = load_settings()


def cleaned(data: bytes, report: Report) -> list[Article]:
    pages = read(find(["-"]), io.BufferedReader(io.BytesIO(data)), max_bytes=1 << 20)
    return list(report.count(clean_pages(pages, SETTINGS, Work(1, 20.0, 8))))


class Machine(RuleBasedStateMachine):
    """A corpus that grows by whatever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.index = Index.open(Path(self.folder.name, "a.db"), SETTINGS)
        self.held: dict[object, Article] = {}

    @rule(record=records)
    def feed(self, record: dict[str, object]) -> None:
        report = Report()
        articles = cleaned(line(record), report)
        assert report.pages == 1
        for article in articles:
            again = cleaned(encode(article), Report())
            assert [encode(a) for a in again] == [encode(article)]
            [answer] = self.index.add([article])
            assert answer.article.id == article.id
            self.held[article.id] = article

    @rule(text=texts)
    def fix(self, text: str) -> None:
        for markdown in (False, True):
            once = fix_text(text, SETTINGS, markdown=markdown).text
            assert fix_text(once, SETTINGS, markdown=markdown).text == once

    @rule(record=records)
    def fix_record(self, record: dict[str, object]) -> None:
        once = fix_bytes(line(record), "json", SETTINGS.strip)
        assert json.loads(once.data).keys() == record.keys()
        assert fix_bytes(once.data, "json", SETTINGS.strip).data == once.data

    @precondition(lambda self: self.held)
    @rule()
    def remove(self) -> None:
        id_, _ = self.held.popitem()
        assert self.index.remove([id_]) == 1

    @precondition(lambda self: self.held)
    @rule()
    def rebuild(self) -> None:
        self.index.rebuild()

    @invariant()
    def all_is_held(self) -> None:
        assert set(self.index.ids()) == self.held.keys()
        for id_, article in self.held.items():
            stored = self.index.article(id_)
            assert stored is not None
            assert stored.text == article.text

    def teardown(self) -> None:
        self.index.close()
        self.folder.cleanup()


TestMachine = pytest.mark.filterwarnings("error")(Machine.TestCase)
TestMachine.settings = settings(
    max_examples=25, stateful_step_count=12, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True
)
