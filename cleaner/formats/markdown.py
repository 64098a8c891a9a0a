"""The front matter of Markdown: YAML or TOML between two lines of marks, at the very beginning."""

from __future__ import annotations

import re
from collections.abc import Sequence

_OPENING = re.compile(r"(---|\+\+\+)\s*$")


def front_matter(lines: Sequence[str]) -> int:
    """Return how many lines the front matter of a text takes, 0 if there is none.

    >>> front_matter(["---", "title: Rain", "---", "Rain fell."]), front_matter(["---", "Rain fell."])
    (3, 0)
    """
    opening = _OPENING.match(lines[0]) if lines else None
    if not opening:
        return 0
    closing = (number for number, line in enumerate(lines[1:], 1) if line.rstrip() in {opening[1], "..."})
    return next(closing, -1) + 1
