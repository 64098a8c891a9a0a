"""What `groups.jsonl` says about stories, collected while the groups are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaner.formats.records import text_of
from cleaner.stories.evidence import StorySummary, cohesions, summarise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaner.arrays.pairs import Grouping
    from cleaner.corpus.spool import Spool
    from cleaner.settings.schema import StorySettings

READ = 32
"""Different articles of a story that are read for its summary: more take time and do not change its name."""


class StorySummaries:
    """Says what holds each story of a grouped corpus together, from its articles where they wait on disk."""

    def __init__(self, grouping: Grouping, copies: NDArray[np.int64] | None, spool: Spool, how: StorySettings) -> None:
        self.grouping = grouping
        self.copies: NDArray[np.int64] = np.arange(grouping.labels.size) if copies is None else copies
        """(rows,) near-duplicate labels; each article its own where they are not known."""
        self._cohesions = cohesions(grouping, copies)
        self._spool = spool
        self._how = how

    def of(self, rows: Sequence[int], published: Sequence[str | None]) -> StorySummary:
        """Return the summary of the story with these members; one of each set of copies is read."""
        different = list({int(self.copies[row]): row for row in reversed(rows)}.values())[::-1]
        read = different[:READ] if len(different) > 1 else list(rows[:2])
        lines = self._spool.lines(read, [(None, None, None)] * len(read))
        documents = [text_of(line) for line in lines]
        return summarise(documents, published, float(self._cohesions[rows[0]]), self._how)
