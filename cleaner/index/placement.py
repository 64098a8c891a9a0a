"""Where the articles of a batch belong: one after the other each is put into its groups, or taken out of them.

Only this depends on the groups of the articles before; the expensive comparisons were done for the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence

from cleaner.index.answers import Answer, Answers, Change
from cleaner.index.articles import Store
from cleaner.index.comparison import Comparison
from cleaner.index.intake import Intake
from cleaner.index.keys import ArticleRow
from cleaner.index.near_duplicates import LEADS, RowLinks
from cleaner.index.regrouping import begin_alone, regroup
from cleaner.index.story_joining import StoryMerge, join_story, merge_stories
from cleaner.settings.schema import Settings


class Placement:
    """Puts articles into groups and takes them out."""

    def __init__(self, store: Store, intake: Intake, answers: Answers, settings: Settings) -> None:
        self._store, self._intake, self._answers = store, intake, answers
        self._most = settings.index.linked_texts

    def place(self, comparison: Comparison, at: int, change: Change) -> Answer:
        """Put one stored article of a batch into its groups, after those before it in the batch; return the answer."""
        article, row = comparison.prepared.articles[at], comparison.rows[at]
        links = self._join_near_duplicates(row, comparison.links[at])
        merge = self._join_story(comparison, at)
        alone = not links and not merge.mates and not self._store.names.used
        grouped = self._answers.alone(article) if alone else self._answers.with_groups(article, row.row)
        alike = {**comparison.alike[at], **merge.scores}
        return Answer(grouped, self._answers.matches(links, alike), change)

    def ask(self, comparison: Comparison, at: int) -> Answer:
        """Return the answer for one of a batch that is not stored. An article of the same id does not count."""
        article = comparison.prepared.articles[at]
        itself = self._store.row(article.id) or 0
        links = {row: link for row, link in comparison.links[at].items() if row != itself}
        alike = {row: score for row, score in comparison.alike[at].items() if row != itself}
        near_duplicates = story = None
        if able := [(-score, row) for row, (score, flag) in links.items() if flag & LEADS]:
            first = self._store.rows([min(able)[1]])[min(able)[1]]
            near_duplicates, story = first.near_duplicates, first.story
        elif alike:
            merge = merge_stories(self._intake.stories, comparison, at, alike, itself)
            alike, story = {**alike, **merge.scores}, merge.story()
        grouped = self._answers.with_numbers(article, near_duplicates, story, canonical=None)
        return Answer(grouped, self._answers.matches(links, alike), "")

    def remove(self, rows: Sequence[int]) -> None:
        """Remove articles and group what they were linked to anew."""
        for row in rows:
            stored = self._store.rows([row])[row]
            self._store.names.keep_name(stored)
            if stored.node != row:
                self._store.delete(row)
                continue
            links = self._store.links(row)
            self._store.unlink(row)
            heirs = sorted(copy.row for copy in self._store.copies([row]))
            if heirs:
                self._intake.inherit(row, heirs, links)
                self._store.delete(row)
                regroup(self._store, heirs[:1], self._most)
            else:
                self._store.delete(row)
                if others := sorted(other for other, _, verdict in links if verdict & LEADS):
                    regroup(self._store, others, self._most)

    def _join_near_duplicates(self, row: ArticleRow, links: RowLinks) -> RowLinks:
        """Give an article its group of near-duplicates; return its links."""
        if row.node != row.row:
            first = self._store.rows([row.node])[row.node]
            self._store.move("near_duplicates", [row.row], first.near_duplicates)
            self._store.move("story", [row.row], first.story)
            return self._answers.links(row)
        self._intake.store_links(row.row, links)
        if any(flag & LEADS for _, flag in links.values()):
            regroup(self._store, [row.row], self._most, row.row)
        elif self._store.names.used:
            begin_alone(self._store, row.row)
        return links

    def _join_story(self, comparison: Comparison, at: int) -> StoryMerge:
        """Put an article that is no near-duplicate into its story; return the stories it touches, linked anew."""
        row, alike = comparison.rows[at], comparison.alike[at]
        if comparison.links[at] or self._store.names.used:
            row = self._store.rows([row.row])[row.row]
        if not alike or row.near_duplicates != row.row:
            return StoryMerge()
        merge = merge_stories(self._intake.stories, comparison, at, alike, row.row)
        join_story(self._store, merge, row)
        return merge
