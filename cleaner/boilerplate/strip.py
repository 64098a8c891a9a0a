"""Which blocks are the site's and not the story's, with the rule that says so.

Three judges, each of which can take a block out: rules, what is known of the site (`sites`), and a trained model that
sees a block among its neighbours (`model`) and tells a full page, menus and all, from text that is nearly all body.
From such text only sure things go, because a reader forgives a leftover line but not a lost paragraph.

By rule a block goes if it is, as a whole, a phrase of furniture (`configs/boilerplate/`), repeats the title, or is a
date line above the body; a weaker hint counts only above or below the body, or beside a block that goes; and a page's
end is cut off whole where several sure signs stand in it and no paragraph does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from cleaner.article import Article, Removed
from cleaner.boilerplate.annotation import AnnotatedBlock, annotate, body_start
from cleaner.boilerplate.facts import ALONE, Facts, Title, read_facts
from cleaner.boilerplate.sites import Profile
from cleaner.settings.schema import StripSettings
from cleaner.text.blocks import join, split, without
from cleaner.text.prose import ends_sentence

_JUDGED = "regime"
"""Key of the provenance that says that the model has judged the text, and what it took it for ("page", "body").

Asked once only: on its own output the model would judge another page.
"""
MAX_LINES = 20_000
"""Lines of a text that is looked at: a page with menus and comments has hundreds, and each costs some microseconds."""
_FOOTER_SENTENCE = 20  # words: what a footer says of a podcast or newsletter is no longer
_STRONG = frozenset(
    {"advert", "app", "comments", "cookies", "copyright", "error", "follow", "legal", "model", "newsletter", "player",
     "podcast", "read_time", "share", "site", "subscription"}
)  # fmt: skip
"""Rules that hold alone. A lone link to another story, notice, date or repeated line may be the author's."""
_CONSENT = re.compile(
    r"\b(?:[Cc]ookies?|[Oo]pt[ -]?out|[Yy]our (?:browser|device|consent|personal (?:data|information))"
    r"|[Tt]hird part(?:y|ies)|[Pp]rivacy [Pp]olicy|[Uu]ser [Aa]greement|[Tt]erms of (?:[Uu]se|[Ss]ervice)"
    r"|(?:our|this) (?:web)?site|our partners)\b"
)
_SITE_SPEAKS = re.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Uu]s|I (?:accept|agree|consent)|[Yy]ou (?:accept|agree|can|consent|may)|[Cc]lick"
    r"|[Bb]y (?:accepting|clicking|closing|continuing|using))\b"
)
_COOKIES = ("ookie", "rivacy", "onsent")  # all that is looked for in an ordinary paragraph
_TELLING = frozenset({"title", "date"})  # rules of blocks that say something of the story: no furniture stands beside
_SHORT = 100  # words
_LABEL_WORDS = 3
_SIGNS, _OPENING = 3, 3
_FOOTER_START = frozenset({"share", "newsletter", "subscription", "app", "podcast", "follow", "related", "comments"})


class Inspection(msgspec.Struct, frozen=True):
    """An article before anything is removed: its blocks, what they tell, and what the trained model takes out."""

    article: Article
    blocks: Sequence[AnnotatedBlock]
    facts: Facts
    gone: Mapping[int, str]


def inspect_all(articles: Sequence[Article], settings: StripSettings) -> list[Inspection]:
    """Inspect articles before they are stripped: many in less time than one by one, with the same outcome."""
    inspections = [
        _inspected(article, () if _is_dump(article.text) else annotate(article.text, article.title))
        for article in articles
    ]
    new = [at for at, seen in enumerate(inspections) if settings.model and _JUDGED not in seen.article.provenance]
    if new:
        for at, (regime, gone) in zip(new, _model([inspections[at] for at in new]), strict=True):
            article = inspections[at].article
            article = replace(article, provenance={**article.provenance, _JUDGED: regime})
            believed = {i: rule for i, rule in gone.items() if i not in _guarded(inspections[at].blocks)}
            inspections[at] = msgspec.structs.replace(inspections[at], article=article, gone=believed)
    return inspections


def strip(
    article: Article, settings: StripSettings, profile: Profile | None = None, first: Inspection | None = None
) -> Article:
    r"""Remove boilerplate from an article's text, after reading title, dates, byline and agency from it.

    What goes is added to `removed`, with the number of the block in the text as it came. Values that the article had
    already are kept. `profile`: what is known of the article's site; `first`: its inspection, if it was made before.
    A text of more than `MAX_LINES` lines is a dump and stays as it is. A second pass changes nothing.

    >>> from cleaner.settings import load_settings
    >>> body = "Rain fell on the whole of the country on Monday, and it is not over yet."
    >>> text = f"Rain falls on whole country\n\nShare\n\n{body}"
    >>> stripped = strip(Article("1", text), load_settings().strip)
    >>> stripped.title, [r.rule for r in stripped.removed]
    ('Rain falls on whole country', ['title', 'share'])
    """
    if _is_dump(article.text):
        return article
    seen = first or inspect_all([article], settings)[0]
    removed: list[Removed] = []
    while True:
        article, blocks = seen.article, seen.blocks
        gone = dict(seen.gone)
        gone |= profile.judge([block.text for block in blocks]) if profile else {}
        gone |= judge(blocks, seen.facts, settings)
        gone = {i: rule for i, rule in gone.items() if not blocks[i].entry}
        if len(gone) == 1 and not _STRONG.issuperset(gone.values()):
            gone = {}  # one line like that makes no furniture of it: nothing else of a site is there
        if not gone:
            removed.sort(key=lambda r: r.block)
            text = join(blocks)
            if removed and "\n\n" not in text:  # a second pass would find single line breaks alone
                text = join(split(text))
            return replace(article, text=text, removed=(*article.removed, *removed))
        removed += [Removed(blocks[i].number, rule, blocks[i].text) for i, rule in gone.items()]
        # What went can bring others together, so those that stay are judged once more.
        seen = _inspected(article, without(blocks, gone))


def _guarded(blocks: Sequence[AnnotatedBlock]) -> Collection[int]:
    """Return the blocks of a short text that stay whatever the model thinks, which has seen few texts so short.

    Where no phrase tells of a site all of them do: a vote, a line-up, a correction. Else all do from the first sentence
    to the last that no phrase covers.
    """
    if sum(block.size for block in blocks) >= _SHORT:
        return ()
    if not any(block.match is not None and block.match.sure for block in blocks):
        return range(len(blocks))
    told = [i for i, block in enumerate(blocks) if _is_told(block)]
    return range(told[0], told[-1] + 1) if told else ()


def _is_dump(text: str) -> bool:
    return text.count("\n") > MAX_LINES


def _inspected(article: Article, blocks: Sequence[AnnotatedBlock]) -> Inspection:
    """Read what the blocks of an article tell, without asking the model."""
    title = Title(article.title, str(article.provenance.get("title"))) if article.title else None
    facts = read_facts(blocks, title=title, url=article.url)
    return Inspection(_filled_in(article, facts), blocks, facts, {})


def _filled_in(article: Article, facts: Facts) -> Article:
    """Fill in what the blocks tell and the article does not know yet."""
    found: dict[str, Any] = {
        "title": facts.title,
        "published": facts.published,
        "modified": facts.modified,
        "authors": facts.authors,
        "agency": facts.agency,
    }
    new = {name: value for name, value in found.items() if value and not getattr(article, name)}
    if not new:
        return article
    where = {name: how for name, how in facts.where.items() if getattr(article, name, None) is None}
    return replace(article, **new, provenance={**article.provenance, **where})


def _model(inspections: Sequence[Inspection]) -> Iterator[tuple[str, dict[int, str]]]:
    """Yield what kind of text the trained model takes each for, and the blocks that it takes for furniture."""
    from cleaner.boilerplate.model.features import PageBlocks
    from cleaner.boilerplate.model.model import load

    pages = [
        PageBlocks(
            [block.text for block in seen.blocks],
            seen.article.url,
            None if seen.article.provenance.get("title") == ALONE else seen.article.title,
            [block.match for block in seen.blocks],
            extracted="extractor" in seen.article.provenance,
        )
        for seen in inspections
    ]
    for judgement in load().judge_all(pages):
        yield judgement.regime, {i: "model" for i, kept in enumerate(judgement.keep.tolist()) if not kept}


def judge(blocks: Sequence[AnnotatedBlock], facts: Facts, settings: StripSettings) -> dict[int, str]:
    """Return which of the blocks are to be removed, each with its rule."""
    gone = {i: block.match.rule for i, block in enumerate(blocks) if block.match is not None and block.match.sure}
    gone |= facts.blocks
    gone |= _consent(blocks)
    gone |= _footer(blocks, gone, settings)
    body, last = body_start(blocks), len(blocks) - 1 - body_start(blocks[::-1])
    if body == len(blocks):  # no paragraph at all: nothing to stand above or below of
        return gone
    hints = {i: block.match.rule for i, block in enumerate(blocks) if block.match is not None and i not in gone}
    waiting = [
        i for i in hints if i < body or i > last or any(gone.get(j, "title") not in _TELLING for j in (i - 1, i + 1))
    ]
    while waiting:
        i = waiting.pop()
        if i not in gone:
            gone[i] = hints[i]
            waiting += [j for j in (i - 1, i + 1) if j in hints and hints[i] not in _TELLING]
    return gone


def _consent(blocks: Sequence[AnnotatedBlock]) -> dict[int, str]:
    """Return paragraphs in which the site asks for consent: about cookies, browsers, policies and opting out.

    No phrase covers such a text. Three different signs of it tell one, on a page whose first paragraphs have none; an
    article on the subject has them from the start. Between paragraphs of a story the site must speak itself, for there
    it may be the story that speaks of sites.
    """
    consent = {
        i
        for i, block in enumerate(blocks)
        if block.prose
        and any(word in block.text for word in _COOKIES)
        and len(set(_CONSENT.findall(block.text))) >= _SIGNS
    }
    story = [i for i, block in enumerate(blocks) if _is_told(block) and i not in consent]
    consent = {i for i in consent if not story or not story[0] < i < story[-1] or _SITE_SPEAKS.search(blocks[i].text)}
    if not consent:
        return {}
    opening = [block.text for block in blocks if block.prose][:_OPENING]
    return {} if any(map(_CONSENT.search, opening)) else dict.fromkeys(sorted(consent), "cookies")


def _is_told(block: AnnotatedBlock) -> bool:
    """Tell a sentence, also a short one, that no phrase covers."""
    return block.match is None and block.size > _LABEL_WORDS and ends_sentence(block.text)


def _footer(blocks: Sequence[AnnotatedBlock], gone: Mapping[int, str], settings: StripSettings) -> dict[int, str]:
    """Cut the end of a page off from its first sure marker, if no paragraph of the story stands behind that.

    A short sentence between markers ("Your daily wrap of finance news with our editor.") does not make a paragraph,
    as long as the markers are three times as many.
    """
    total = sum(block.size for block in blocks)
    markers, sentences, behind, start = 0, 0, 0, None
    for i in range(len(blocks) - 1, -1, -1):
        block = blocks[i]
        behind += block.size
        if block.match is not None and block.match.sure:
            markers += 1
            near_the_end = behind <= settings.footer_share * total
            if block.match.rule in _FOOTER_START and near_the_end and markers >= 3 * sentences:
                start = i
        elif i not in gone and block.prose:
            sentences += 1
            if markers == 0 or block.size > _FOOTER_SENTENCE:
                break
    if start is None or markers < settings.footer_markers:
        return {}
    return {i: "footer" for i in range(start, len(blocks)) if i not in gone}
