"""Which blocks are the site's and not the story's, with the rule that says so.

Only sure things go from text that is nearly all body, because a reader forgives a leftover line but not a lost
paragraph. A block goes if it is, as a whole, a phrase of furniture (`configs/boilerplate/`), repeats the title, or is
a date line above the body; a weaker hint counts only above or below the body, or beside a block that goes; and a page's
end is cut off whole where several sure signs stand in it and no paragraph does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cleaner.article import Article, Removed
from cleaner.blocks import join, split
from cleaner.facts import Facts, Title, body_start, is_prose, read_facts, words
from cleaner.phrases import Match, load
from cleaner.settings import StripSettings
from cleaner.sites import Profile

_SPEECH = re.compile(r"[.!?…][\"”»」]\s*$")
_FOOTER_SENTENCE = 20  # words: what a footer says of a podcast or newsletter is no longer
_FOOTER_START = frozenset({"share", "newsletter", "subscription", "app", "podcast", "follow", "related", "comments"})


def strip(article: Article, settings: StripSettings, profile: Profile | None = None) -> Article:
    r"""Remove boilerplate from an article's text, after reading title, dates, byline and agency from it.

    What goes is added to `removed`, with the number of the block in the text as it came. Values that the article had
    already are kept. `profile`: what is known of the article's site. A second pass changes nothing.

    >>> from cleaner.settings import load_settings
    >>> body = "Rain fell on the whole of the country on Monday, and it is not over yet."
    >>> text = f"Rain falls on whole country\n\nShare\n\n{body}"
    >>> stripped = strip(Article("1", text), load_settings().strip)
    >>> stripped.title, [r.rule for r in stripped.removed]
    ('Rain falls on whole country', ['title', 'share'])
    """
    blocks = split(article.text)
    article = replace(article, text=join(blocks))
    numbers, matches = list(range(len(blocks))), [_match(block.text) for block in blocks]
    removed: list[Removed] = []
    while True:
        texts = [block.text for block in blocks]
        title = Title(article.title, str(article.provenance.get("title"))) if article.title else None
        facts = read_facts(texts, matches, title=title, url=article.url)
        article = _told(article, facts)
        gone = judge(texts, matches, facts, settings) | (profile.judge(texts) if profile else {})
        if not gone:
            return replace(article, removed=(*article.removed, *sorted(removed, key=lambda r: r.block)))
        removed += [Removed(numbers[i], rule, texts[i]) for i, rule in gone.items()]
        article = replace(article, text=join(blocks, gone))
        blocks = split(article.text)
        # What went can bring others together, so those that stay are judged once more.
        stay = [i for i in range(len(texts)) if i not in gone]
        numbers, matches = [numbers[i] for i in stay], [matches[i] for i in stay]


def _match(block: str) -> Match | None:
    """Return the phrase that a block is; what somebody says is the story's, whatever the words."""
    return None if _SPEECH.search(block) else load().match(block)


def _told(article: Article, facts: Facts) -> Article:
    """Fill in what the blocks tell and the article does not know yet."""
    where = {name: how for name, how in facts.where.items() if getattr(article, name, None) is None}
    return replace(
        article,
        title=article.title or facts.title,
        published=article.published or facts.published,
        modified=article.modified or facts.modified,
        authors=article.authors or ((facts.byline,) if facts.byline else None),
        agency=article.agency or facts.agency,
        provenance={**article.provenance, **where},
    )


def judge(
    blocks: Sequence[str], matches: Sequence[Match | None], facts: Facts, settings: StripSettings
) -> dict[int, str]:
    """Return the numbers of the blocks to remove, each with its rule."""
    gone = {i: match.rule for i, match in enumerate(matches) if match is not None and match.sure}
    gone |= facts.blocks
    gone |= _footer(blocks, matches, gone, settings)
    body = body_start(blocks, matches)
    last = len(blocks) - 1 - body_start(blocks[::-1], matches[::-1])
    if body == len(blocks):  # no paragraph at all: nothing to stand above or below of
        return gone
    hints = [i for i, match in enumerate(matches) if match is not None and i not in gone]
    changed = True
    while changed:
        changed = False
        for i in hints:
            beside = any(gone.get(j, "title") not in {"title", "date"} for j in (i - 1, i + 1))
            if i not in gone and (i < body or i > last or beside):
                gone[i] = matches[i].rule  # type: ignore[union-attr]
                changed = True
    return gone


def _footer(
    blocks: Sequence[str], matches: Sequence[Match | None], gone: Mapping[int, str], settings: StripSettings
) -> dict[int, str]:
    """Cut the end of a page off from its first sure marker, if no paragraph of the story stands behind that.

    A short sentence between markers ("Your daily wrap of finance news with our editor.") does not make a paragraph,
    as long as the markers are three times as many.
    """
    sizes = [words(text) for text in blocks]
    markers, sentences, behind, start = 0, 0, 0, None
    for i in range(len(blocks) - 1, -1, -1):
        behind += sizes[i]
        match = matches[i]
        if match is not None and match.sure:
            markers += 1
            near_the_end = behind <= settings.footer_share * sum(sizes)
            if match.rule in _FOOTER_START and near_the_end and markers >= 3 * sentences:
                start = i
        elif i not in gone and is_prose(blocks[i]):
            sentences += 1
            if markers == 0 or sizes[i] > _FOOTER_SENTENCE:
                break
    if start is None or markers < settings.footer_markers:
        return {}
    return {i: "footer" for i in range(start, len(blocks)) if i not in gone}
