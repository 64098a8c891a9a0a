"""How many articles of an index have a story at all, as `cleaner.stories.base_rate` learns it from a whole corpus.

An index is told its articles one by one, so it looks back: whenever words are counted anew, one in `ONE_IN` of the
articles before the last ones is compared with all that is there by then, what came after it too. What the shift is for
an article depends on those before it alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.index.database import Database
from cleaner.stories.base_rate import VOICE, BaseRate, shift

ONE_IN = 4
"""Articles for one that is looked at again."""
_LATEST = 4096  # articles that were looked at, whose best matches are kept
_KEY = "story_matches"


class StoryRate:
    """The best matches of a sample of the articles, and what follows for the odds of all pairs."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._best = np.zeros(0, np.float32)
        self.rate = BaseRate(0.0)

    def load(self) -> None:
        """Read what was learned, when the file was opened and after another process has written."""
        self._best = np.frombuffer(self._db.get(_KEY) or b"", np.float32)
        self.rate = BaseRate(shift(self._best, VOICE / ONE_IN))

    def clear(self) -> None:
        """Forget what was learned."""
        self._db.put(_KEY, None)
        self.load()

    def learn(self, best: NDArray[np.float32]) -> None:
        """Add the logarithms of the odds of the best matches of articles, minus infinity where there is none."""
        self._db.put(_KEY, np.concatenate([self._best, best])[-_LATEST:].tobytes())
        self.load()
