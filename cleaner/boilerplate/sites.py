"""What stands on many pages of a site is the site's: learning such lines, reading them from files, applying them.

The cheapest and most general way to tell furniture from story, in any language. A profile is a TOML file that people
read and edit: `configs/sites/<host>.toml`. What they wrote there is never overwritten; learning only adds.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec

from cleaner.article import Article
from cleaner.settings.schema import SettingsError, SiteSettings
from cleaner.text.blocks import split
from cleaner.text.folding import fold_phrase
from cleaner.text.prose import ends_sentence, is_prose

UNKNOWN = "unknown"
"""The profile that pages of unknown sites share."""
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.ASCII | re.IGNORECASE)
_COMMON_PREFIX = re.compile(r"^(?:www\d?|m|mobile|amp|edition)\.")
_DOZEN = 12
_MOST = 2 / 3
"""Share of a site's pages on which a sentence must stand in one place of the body."""
_LINE_CHARS = 400  # a line of furniture is no longer; what is, is body, and a profile must not hold that


def site_of(article: Article) -> str | None:
    """Return the host that an article is from: by its url, its own key, or a folder that is named like a host.

    >>> site_of(Article("1", "", url="https://www.example.org/a"))
    'example.org'
    """
    try:
        host = urlsplit(article.url or "").hostname
    except ValueError:  # an address such as "http://[::1"
        host = None
    folders = PurePosixPath(str(article.provenance.get("source", ""))).parts[:-1]
    for name in (host, article.site, *reversed(folders)):
        if name and _HOST.fullmatch(name):
            return _COMMON_PREFIX.sub("", name.lower())
    return article.site


class Line(msgspec.Struct, frozen=True):
    """A line of furniture: an example of it, on how many pages it stood, where, and from when to when.

    `keep` is for people: such a line stays in the text, whatever is learned.
    """

    text: str
    pages: int = 0
    where: str = "anywhere"
    first: str | None = None
    last: str | None = None
    keep: bool = False


class Profile(msgspec.Struct, frozen=True):
    """The furniture of a site, by normalised line, and how many pages it was learned from."""

    site: str
    pages: int = 0
    lines: Mapping[str, Line] = {}

    def judge(self, blocks: Sequence[str]) -> dict[int, str]:
        """Return the numbers of the blocks that are the site's, each with the rule "site"."""
        keys = ((i, fold_phrase(text)) for i, text in enumerate(blocks) if len(text) <= _LINE_CHARS)
        return {i: "site" for i, key in keys if key in self.lines and not self.lines[key].keep}

    def merged(self, learned: Profile) -> Profile:
        """Return this profile with learned lines added; lines that it has already stay as they are."""
        return Profile(self.site, max(self.pages, learned.pages), {**learned.lines, **self.lines})


class _Seen(msgspec.Struct, frozen=True):
    """A line on one page: as it stood, above, below or inside the body, and the page's date.

    `place` and `back` count lines from the page's beginning and from its end.
    """

    text: str
    where: str
    date: str | None
    place: int
    back: int


class Learner:
    """Collects the lines of pages and says which are their site's.

    Of a site the `sample` pages with the least hash of their longest paragraph are kept, so the result does not depend
    on the order of pages and memory on their number; and reprints of one story, which share that paragraph, count once.
    """

    def __init__(self, settings: SiteSettings) -> None:
        self._settings = settings
        self._pages: dict[str, dict[bytes, dict[str, _Seen]]] = defaultdict(dict)
        self._known: dict[str, tuple[int, Profile]] = {}

    def add(self, article: Article) -> None:
        """Take a page, before anything is removed from it."""
        import hashlib

        blocks = [block.text.strip() for block in split(article.text)]
        if not blocks:
            return
        longest = max(blocks, key=lambda text: (len(text), text))
        context = hashlib.blake2b(fold_phrase(longest).encode("utf-8", "replace"), digest_size=8).digest()
        pages = self._pages[site_of(article) or UNKNOWN]
        lines = pages.setdefault(context, {})
        prose = [i for i, text in enumerate(blocks) if is_prose(text)]
        for i, text in enumerate(blocks):
            key = fold_phrase(text) if len(text) <= _LINE_CHARS and text != longest else ""
            if key:
                where = "head" if prose and i < prose[0] else "tail" if prose and i > prose[-1] else "body"
                date = (article.published or "")[:10] or None
                seen = _Seen(text, where, date, i, len(blocks) - i)
                # Of two copies of a line on one page the first in order of writing stands for both.
                lines[key] = min(seen, lines.get(key, seen), key=_order)
        if len(pages) > self._settings.sample:
            del pages[max(pages)]

    def profile(self, site: str) -> Profile:
        """Return what was learned of a site so far; after the first pages it is brought up to date by the dozen."""
        pages = self._pages.get(site, {})
        seen, profile = self._known.get(site, (0, Profile(site)))
        if len(pages) > seen + seen // _DOZEN:
            profile = self._profile(site, list(pages.values()))
            self._known[site] = len(pages), profile
        return profile

    def profiles(self) -> dict[str, Profile]:
        """Return what was learned, by site."""
        learned = {site: self._profile(site, list(pages.values())) for site, pages in sorted(self._pages.items())}
        return {site: profile for site, profile in learned.items() if profile.lines}

    def _profile(self, site: str, pages: Sequence[Mapping[str, _Seen]]) -> Profile:
        found: dict[str, list[_Seen]] = defaultdict(list)
        for lines in pages:
            for key, seen in lines.items():
                found[key].append(seen)
        return Profile(
            site,
            len(pages),
            {key: _line(seen) for key, seen in sorted(found.items()) if self._is_furniture(site, seen, len(pages))},
        )

    def _is_furniture(self, site: str, seen: Sequence[_Seen], pages: int) -> bool:
        """Tell whether a line stands on enough pages, and where a site's own lines stand.

        A sentence needs more pages than a label, for stories that follow each other repeat background, quotations and
        questions. Inside the body a sentence is the story's, unless it stands in one place on most pages of the site.
        """
        text = seen[0].text
        many = site == UNKNOWN or is_prose(text)
        least = self._settings.min_pages_sentence if many else self._settings.min_pages
        if len(seen) < max(least, self._settings.min_share * pages):
            return False
        inside = sum(line.where == "body" for line in seen)
        if not ends_sentence(text) or 2 * inside <= len(seen):
            return True
        places = max(_commonest(line.place for line in seen), _commonest(line.back for line in seen))
        return len(seen) >= self._settings.min_pages_sentence and places > _MOST * pages


def _order(seen: _Seen) -> tuple[str, str, str, int, int]:
    return seen.text, seen.where, seen.date or "", seen.place, seen.back


def _commonest(values: Iterable[int]) -> int:
    return max(Counter(values).values())


def _line(seen: Sequence[_Seen]) -> Line:
    places = {s.where for s in seen}
    dates = sorted(s.date for s in seen if s.date)
    return Line(
        text=min(s.text for s in seen),
        pages=len(seen),
        where=places.pop() if len(places) == 1 and "body" not in places else "anywhere",
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
    )


def site_profiles(settings: SiteSettings) -> dict[str, Profile]:
    """Return the profiles in the folder that the settings name, by site.

    Raises SettingsError if there is no such folder, and ValueError as `read_profiles` does.
    """
    if settings.folder and not Path(settings.folder).is_dir():
        raise SettingsError(f"sites.folder: there is no folder '{settings.folder}'; `cleaner learn -o` makes one")
    return read_profiles(Path(settings.folder)) if settings.folder else {}


def read_profiles(folder: Path) -> dict[str, Profile]:
    """Read the profiles in a folder, by site. Raises ValueError that names a file which is not one."""
    profiles = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            lines = [Line(**line) for line in table.get("line", [])]
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}: is no site profile: {error}") from None
        profiles[path.stem] = Profile(
            path.stem, table.get("pages", 0), {fold_phrase(line.text): line for line in lines}
        )
    return profiles


def merge(profiles: Iterable[Mapping[str, Profile]]) -> dict[str, Profile]:
    """Join several sets of profiles; of two for one site the lines of the earlier are kept as they are."""
    merged: dict[str, Profile] = {}
    for found in profiles:
        for site, profile in found.items():
            merged[site] = merged[site].merged(profile) if site in merged else profile
    return merged
