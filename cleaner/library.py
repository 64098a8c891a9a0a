"""What `import cleaner` offers besides the types: clean a page, group articles, ask why, run the whole job.

Each function takes records as dicts or our own types and gives the same kind back. Everything is kept in memory; for
more than some hundred thousand articles at once there are `run` and the command line.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from cleaner import job
from cleaner.article import Article, Id, Kind, Page, Rejected
from cleaner.corpus.corpus import Corpus
from cleaner.corpus.groups import Groups
from cleaner.explanation import explain_grouped
from cleaner.formats.json_values import parse
from cleaner.formats.pages import page_of
from cleaner.formats.records import as_articles, encode
from cleaner.minhash.exchange import Signatures
from cleaner.pipeline import stages as pipeline
from cleaner.pipeline.stages import Profiles, clean_page
from cleaner.pipeline.workers import Work
from cleaner.report import Report
from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings

Record = dict[str, Any]
_TOGETHER = 64  # pages that a task holds
Given = Page | str | bytes | Mapping[str, Any]
Item = TypeVar("Item", Article, Record)


@overload
def clean(
    page: Mapping[str, Any], settings: Settings | None = None, *, url: str | None = None
) -> Record | Rejected: ...


@overload
def clean(
    page: Page | str | bytes, settings: Settings | None = None, *, url: str | None = None
) -> Article | Rejected: ...


def clean(
    page: Page | str | bytes | Mapping[str, Any],
    settings: Settings | None = None,
    *,
    url: str | None = None,
    profiles: Profiles | None = None,
) -> Article | Record | Rejected:
    r"""Turn one page into a clean article.

    `page`: HTML or plain text, which is told by its beginning; or a record, for which a record comes back; or a `Page`.
    `url`: where it was found, which tells site and sometimes date. `profiles`: what is known of sites, by host. Never
    raises because of what a page holds: a page that gives no article comes back as a `Rejected` with stage and reason.

    >>> article = clean("Share\n\nRain fell on the whole of the country on Monday, and it is not over yet.")
    >>> article.text, article.removed[0].rule
    ('Rain fell on the whole of the country on Monday, and it is not over yet.', 'share')
    >>> clean({"id": 7, "content": "Rain fell all over the country.", "topic": "weather"})["topic"]
    'weather'
    """
    taken = page if isinstance(page, Page) else page_of(page)
    if url is not None and isinstance(taken, Page):
        taken = dataclasses.replace(taken, fields={"url": url, **taken.fields})
    if isinstance(taken, Rejected):
        return taken
    return _as_given(clean_page(taken, settings or load_settings(), profiles), record=isinstance(page, Mapping))


def clean_pages(
    pages: Iterable[Given], settings: Settings | None = None, *, jobs: int = 1, profiles: Profiles | None = None
) -> Iterator[Article | Record | Rejected]:
    """Clean pages one after the other, each as `clean` does, in their order, by so many processes.

    A page is read ahead while earlier ones are cleaned. HTML goes to processes of its own, so a script that calls this
    needs the usual `if __name__ == "__main__":`.
    """
    settings = settings or load_settings()
    records: deque[bool] = deque()

    def taken() -> Iterator[Page | Rejected]:
        for number, page in enumerate(pages, 1):
            records.append(isinstance(page, Mapping))
            yield page if isinstance(page, Page) else page_of(page, number)

    for outcome in pipeline.clean_pages(taken(), settings, _work(settings, jobs), profiles):
        yield _as_given(outcome, record=records.popleft())


def _as_given(outcome: Article | Rejected, *, record: bool) -> Article | Record | Rejected:
    """Return a cleaned record as plain dicts and lists, as JSON would have it."""
    return parse(encode(outcome)) if record and isinstance(outcome, Article) else outcome


def run(
    inputs: str | Path | Sequence[str | Path],
    output: str | Path,
    settings: Settings | None = None,
    *,
    jobs: int = 1,
    state: str | Path | None = None,
) -> job.Result:
    """Do the whole job of `cleaner run`: clean, group and write everything below `inputs` to the folder `output`.

    `jobs`: processes, which change nothing in the files. `state`: a folder that keeps finished work until all is done,
    so that the same call goes on after a crash. HTML goes to processes of its own, so a script that calls this needs
    the usual `if __name__ == "__main__":`. Raises FileNotFoundError if an input does not exist, OSError if a folder
    cannot be written, ValueError if a site profile cannot be read or other work was begun in `state`.
    """
    settings = settings or load_settings()
    paths = [inputs] if isinstance(inputs, str | Path) else inputs
    folders = job.Folders(Path(output), Path(state) if state is not None else None)
    return job.run([str(path) for path in paths], folders, settings, _work(settings, jobs), Report())


def _work(settings: Settings, jobs: int) -> Work:
    return Work(jobs, settings.extract.timeout, _TOGETHER, settings.extract.pages_per_worker)


@dataclass(frozen=True, slots=True)
class Member:
    """An article in a group."""

    id: Id
    score: float | None
    """Likeness to the canonical member, 0 to 1; None where the two are linked through others alone."""
    published: str | None
    words: int


@dataclass(frozen=True, slots=True, repr=False)
class Group:
    """Two or more articles that are one text ("near_duplicates") or tell of one event ("story")."""

    kind: Kind
    id: Id
    """That of the canonical member."""
    title: str | None
    """That of the canonical member."""
    why: str
    """Why this member is canonical."""
    members: tuple[Member, ...]
    """The canonical one first, then by id."""
    weakest_link: tuple[Id, Id, float]
    """The two members whose link is the weakest that holds the group together, and its score."""
    name: str | None = None
    """Of a story: its heaviest terms as the articles spell them."""
    terms: tuple[tuple[str, float], ...] = ()
    """Of a story: the terms that hold it together, each with its share, heaviest first."""
    cohesion: float | None = None
    """Of a story: mean score of all its pairs of different articles."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Group:
        """Return the group of a record of `groups.jsonl`."""
        weakest = record["weakest_link"]
        return cls(
            record["kind"],
            record["id"],
            record["title"],
            record["why"],
            tuple(Member(m["id"], m["score"], m["published"], m["words"]) for m in record["members"]),
            (*weakest["ids"], weakest["score"]),
            record.get("name"),
            tuple((term["term"], term["share"]) for term in record.get("terms", ())),
            record.get("cohesion"),
        )

    @property
    def ids(self) -> tuple[Id, ...]:
        """The ids of all members, the canonical one first."""
        return tuple(member.id for member in self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, id_: object) -> bool:
        return id_ in self.ids

    def __repr__(self) -> str:
        what = "story" if self.kind == "story" else "near-duplicates"
        return f"<{what} of {len(self)}: {self.title or self.name or self.id!r}>"


class GroupedArticles(Generic[Item]):
    """Articles with their groups. `articles` are in the order given, with their group fields filled in."""

    articles: list[Item]
    near_duplicates: list[Group]
    """Groups of two or more, largest first."""
    stories: list[Group]
    """Groups of two or more, largest first."""

    def __init__(self, given: Sequence[Item], articles: Sequence[Article], corpus: Corpus) -> None:
        for article in articles:
            corpus.add(article)
        self._settings = corpus.settings
        self._groups: Groups = corpus.groups()
        self._texts = [(article.title or "", article.text) for article in articles]
        self._rows: dict[Id, int] = {}
        for row, article in enumerate(articles):
            self._rows.setdefault(article.id, row)
        fields = list(self._groups.fields(range(len(articles))))
        self.articles = [_filled(one, *filled_in) for one, filled_in in zip(given, fields, strict=True)]
        self._canonical = [mark for _, _, mark in fields]
        found = [Group.of(record) for record in self._groups.records() if record["kind"] != "same_template"]
        found.sort(key=lambda group: (-len(group), str(group.id)))
        self.near_duplicates = [group for group in found if group.kind == "near_duplicates"]
        self.stories = [group for group in found if group.kind == "story"]

    @property
    def canonical(self) -> list[Item]:
        """The articles that stand for their group, in the order given; one that is alone stands for itself."""
        return list(itertools.compress(self.articles, self._canonical))

    def group_of(self, id_: Id, kind: Kind = "story") -> Group | None:
        """Return the group in which an article is with others, None if it is alone."""
        groups = self.stories if kind == "story" else self.near_duplicates
        return next((group for group in groups if id_ in group), None)

    def score(self, one: Id, other: Id, kind: Kind = "story") -> float | None:
        """Return the score of two articles of one group, 0 to 1; None if they have no link of their own.

        Raises KeyError with an id that is not there.
        """
        return self._groups.score(kind, self._rows[one], self._rows[other])

    def why(self, one: Id, other: Id) -> str:
        """Say why two articles are or are not together, in a few lines.

        Raises KeyError with an id that is not there.
        """
        rows = self._rows[one], self._rows[other]
        texts = self._texts[rows[0]], self._texts[rows[1]]
        return "\n".join(explain_grouped(self._groups, rows, texts, self._settings))

    def __len__(self) -> int:
        return len(self.articles)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.articles)

    def __repr__(self) -> str:
        counts = f"near-duplicate groups {len(self.near_duplicates)}, stories {len(self.stories)}"
        return f"<{len(self)} articles: {counts}, canonical {len(self.canonical)}>"


def group(articles: Iterable[Item], settings: Settings | None = None, *, jobs: int = 1) -> GroupedArticles[Item]:
    """Group articles: near-duplicates, stories, and the canonical one of each.

    `articles`: `Article`s or records with at least a text; the same kind comes back, with `near_duplicates`, `story`
    and `canonical` filled in. The order does not matter to the groups. Raises ValueError with the place and the reason
    if a record is no article: nothing is left out silently.

    >>> rain = "Rain fell on the whole of the country on Monday, and the rivers Elbe and Saale are rising fast. "
    >>> found = group([{"id": "a", "text": rain * 3}, {"id": "b", "text": rain * 3 + "More follows."}])
    >>> found.near_duplicates
    [<near-duplicates of 2: 'a'>]
    """
    given = list(articles)
    with Corpus(settings or load_settings(), jobs) as corpus:
        return GroupedArticles(given, list(_taken(given)), corpus)


def signatures(articles: Iterable[Article | Mapping[str, Any]], settings: Settings | None = None) -> Signatures:
    """Return datasketch's MinHash signatures of articles, for `MinHashLSH`, `MinHashLSHForest` and the rest of it.

    They are of the word shingles that near-duplicates are found by, whose size the settings say. Raises ValueError with
    the place and the reason if a record is no article.

    >>> from datasketch import MinHashLSH
    >>> rain = "Rain fell on the whole of the country on Monday, and the rivers Elbe and Saale are rising fast."
    >>> signed = signatures([{"id": "a", "text": rain}, {"id": "b", "text": "Snow is expected in the mountains."}])
    >>> index = MinHashLSH(threshold=0.7, num_perm=128)
    >>> for at, id in enumerate(signed.ids):
    ...     index.insert(id, signed.minhash(at))
    >>> [str(id) for id in index.query(signatures([{"id": "c", "text": rain}]).minhash(0))]
    ['a']
    """
    how = (settings or load_settings()).near_duplicates
    texts = ((article.id, article.text) for article in _taken(articles))
    return Signatures.of(texts, how.shingle_words, how.shingle_characters)


def _taken(given: Iterable[Article | Mapping[str, Any]]) -> Iterator[Article]:
    """Yield the articles of records. Raises ValueError where there is none."""
    for number, one in enumerate(given, 1):
        found = one if isinstance(one, Article) else next(as_articles([page_of(one, number)]))
        if isinstance(found, Rejected):
            raise ValueError(f"article {number}: {found.reason}")  # noqa: TRY004 - of the right type, and no article
        yield found


def _filled(given: Item, near_duplicates: Id | None, story: Id | None, canonical: bool | None) -> Item:
    if isinstance(given, Article):
        return dataclasses.replace(given, near_duplicates=near_duplicates, story=story, canonical=canonical)
    return {**given, "near_duplicates": near_duplicates, "story": story, "canonical": canonical}
