"""What `cleaner duplicates` says: near-duplicates on standard output, and to people what else they should know."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import groupby
from pathlib import Path

from cleaner.boilerplate.sites import Profile
from cleaner.git.corpus import GitCorpus, Place
from cleaner.git.duplicates import Outcome, Pair, find_duplicates
from cleaner.git.repository import GitError, Repository
from cleaner.index.database import IndexUnusableError
from cleaner.report import tell
from cleaner.settings.schema import Allowed, Settings

_PASSAGE = 160  # characters
_MATES = 3  # articles named of the story that a new one belongs to
_STORIES = 10  # new articles that are said to belong to one
_LEFT = 10  # lines and files named that are no articles


@dataclass(frozen=True, slots=True)
class Finding:
    """A new article, the one it repeats most, how many others it repeats, and why it may stay ("" if it may not)."""

    pair: Pair
    others: int
    reason: str


def report_duplicates(
    settings: Settings, profiles: Mapping[str, Profile], *, since: str | None = "HEAD", quiet: bool = False
) -> int:
    """Say which near-duplicates a commit would bring; return 1 if one may not stay and that is to fail it, else 0.

    Raises GitError outside of a repository, if there is no such commit, or if what is kept below git's folder cannot be
    used.
    """
    repository = Repository.at(Path.cwd())
    corpus = GitCorpus(repository, settings, profiles)
    try:
        outcome = find_duplicates(repository, corpus, settings, since)
    except IndexUnusableError as error:
        raise GitError(str(error)) from None
    findings = [*_findings(outcome, settings.git.allow)]
    refused = [finding for finding in findings if not finding.reason]
    for finding in refused:
        tell(*_repeats(finding, outcome, corpus), file=sys.stdout)
    if not quiet:
        allowed = (f"{_finding_line(f, outcome)}; allowed: {f.reason}" for f in findings if f.reason)
        tell(*allowed, *_stories(outcome), *_left(outcome), *_summary(outcome, refused))
    return int(bool(refused) and settings.git.duplicates == "fail")


def _findings(outcome: Outcome, allow: Sequence[Allowed]) -> Iterator[Finding]:
    """Yield what each new article repeats, leaving out what is allowed if there is anything that is not."""
    near = (pair for pair in outcome.pairs if pair.kind == "near_duplicates")
    for _, group in groupby(near, lambda pair: pair.place):
        pairs = [(pair, _allowed(pair, outcome, allow)) for pair in group]
        repeated = [pair for pair, reason in pairs if not reason] or [pairs[0][0]]
        yield Finding(repeated[0], len(repeated) - 1, "" if repeated[0] is not pairs[0][0] else pairs[0][1])


def _allowed(pair: Pair, outcome: Outcome, allow: Sequence[Allowed]) -> str:
    """Return the reason why a pair may stay, "" if there is none."""
    if not allow:
        return ""
    one, other = (_names(place, outcome) for place in (pair.place, pair.other))
    for entry in allow:
        hits = [any(fnmatchcase(n, name) for n in names for name in entry.files) for names in (one, other)]
        if all(hits) if len(entry.files) > 1 else any(hits):
            return entry.reason
    return ""


def _names(place: Place, outcome: Outcome) -> list[str]:
    """Return what the settings may call an article: its file, and for a record its own id or both."""
    id_ = _own_id(place, outcome)
    return [place.path] if id_ is None else [place.path, id_, f"{place.path}:{id_}"]


def _own_id(place: Place, outcome: Outcome) -> str | None:
    page = outcome.pages[place]
    return str(page.id) if place.line and page.id != f"{place.path}#{page.line}" else None  # one that was made up


def _named(place: Place, outcome: Outcome) -> str:
    id_ = _own_id(place, outcome)
    return _where(place) + (f" ({id_})" if id_ is not None else "")


def _where(place: Place) -> str:
    return f"{place.path}:{place.line}" if place.line else place.path


def _finding_line(finding: Finding, outcome: Outcome) -> str:
    pair = finding.pair
    more = f", and {finding.others:,} more" if finding.others else ""
    return f"{_named(pair.place, outcome)}: repeats {_named(pair.other, outcome)}, score {pair.score:.2f}{more}"


def _repeats(finding: Finding, outcome: Outcome, corpus: GitCorpus) -> Iterator[str]:
    """Yield the lines on a near-duplicate, with the passage that shows it."""
    from cleaner.git.passage import longest_passage, shortened

    yield _finding_line(finding, outcome)
    texts = (corpus.clean("", outcome.pages[place]).text for place in (finding.pair.place, finding.pair.other))
    passage, words = longest_passage(*texts)
    if words:
        yield f"    {words:,} words in a row in both: “{shortened(passage, _PASSAGE)}”"


def _stories(outcome: Outcome) -> Iterator[str]:
    """Yield what new articles report the same event as others; articles that repeat another are left out."""
    repeating = {pair.place for pair in outcome.pairs if pair.kind == "near_duplicates"}
    mates = (pair for pair in outcome.pairs if pair.kind == "story" and pair.place not in repeating)
    new = [(place, list(pairs)) for place, pairs in groupby(mates, lambda pair: pair.place)]
    for place, pairs in new[:_STORIES]:
        named = [f"{_named(pair.other, outcome)} ({pair.score:.2f})" for pair in pairs[:_MATES]]
        named += [f"{len(pairs) - _MATES:,} more"] * (len(pairs) > _MATES)
        yield f"{_named(place, outcome)}: for information, the same story as {', '.join(named)}"
    yield from _rest(new, _STORIES, "new articles that share a story with others")


def _left(outcome: Outcome) -> Iterator[str]:
    for place, reason in outcome.left[:_LEFT]:
        yield f"{_where(place)}: duplicates: {reason}; skipped"
    yield from _rest(outcome.left, _LEFT, "files and lines skipped")


def _rest(all_of_them: Sequence[object], said: int, what: str) -> Iterable[str]:
    return [f"… and {len(all_of_them) - said:,} more {what}"] if len(all_of_them) > said else []


def _summary(outcome: Outcome, refused: Sequence[Finding]) -> Iterator[str]:
    """Yield how many articles were compared, and what to do about near-duplicates."""
    if not outcome.new:
        return
    import json

    found = (
        "no near-duplicate"
        if not refused
        else "1 near-duplicate"
        if len(refused) == 1
        else f"{len(refused):,} near-duplicates"
    )
    yield f"{found} in {outcome.new:,} new article{'' if outcome.new == 1 else 's'} of {outcome.articles:,}"
    if refused:
        pair = refused[0].pair
        files = [_names(place, outcome)[-1] for place in (pair.other, pair.place)]
        yield "Take it out of the commit, or say in pyproject.toml why it may stay:"
        yield "[[tool.cleaner.git.allow]]"
        yield f"files = {json.dumps(files, ensure_ascii=False)}"
        yield 'reason = "…"'
