"""Site profiles into files that people edit: what they wrote stays as it stands, with comments, order and own keys.

Profiles are read elsewhere (`sites`), because the hooks do that and git waits for them: tomlkit keeps all that stands
in a file, and takes its time. It writes all values; nothing that comes from a page is written as it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.boilerplate.sites import Line, Profile, read_profiles
from cleaner.formats.files import replacing

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_UNNAMEABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # neither in a comment of TOML nor in the name of a file
_NAME_BYTES = 255  # of all file systems in use; a host's name has 253 at most
_HEADER = """\
# Lines that stand on many pages of {site}: its furniture, removed as a whole block wherever it stands.
# Edit freely: `keep = true` keeps a line in the text; lines that you add or change are never overwritten.
pages = {pages}
"""


def to_toml(profile: Profile) -> str:
    """Return a profile as TOML, most frequent lines first."""
    import tomlkit

    document = tomlkit.parse(_HEADER.format(site=_UNNAMEABLE.sub("_", profile.site), pages=profile.pages))
    _append(document, profile.lines.values())
    return tomlkit.dumps(document)


def write_profiles(folder: Path, profiles: Mapping[str, Profile]) -> None:
    """Write a file for each site; to one that is there already, add what is new, behind the lines it has.

    A site whose name is longer than a file's may be gets none: it is no host.
    Raises ValueError if a file in the folder is no profile.
    """
    known = read_profiles(folder) if folder.is_dir() else {}
    for site, profile in profiles.items():
        path = folder / f"{_UNNAMEABLE.sub('_', site).replace('/', '_')}.toml"
        if len(os.fsencode(path.name)) > _NAME_BYTES:
            continue
        written = _extended(path, known[path.stem], profile) if path.stem in known else to_toml(profile)
        if written:
            with replacing(path) as file:
                file.write(written.encode())


def _extended(path: Path, known: Profile, learned: Profile) -> str:
    """Return a file with what is new in a profile, "" if nothing is. `pages` is kept up to date if it is there."""
    import tomlkit

    new = [line for key, line in learned.lines.items() if key not in known.lines]
    data = path.read_bytes()
    document = tomlkit.parse(data if data.endswith(b"\n") else data + b"\n")
    more = learned.pages > document.get("pages", learned.pages)
    if more:
        document["pages"] = learned.pages
    _append(document, new)
    return tomlkit.dumps(document) if new or more else ""


def _append(document: TOMLDocument, lines: Collection[Line]) -> None:
    """Add lines behind those that are there, most frequent first."""
    import tomlkit

    if lines and "line" not in document:
        document["line"] = tomlkit.aot()
    there: Any = document.get("line")
    inline = not isinstance(there, tomlkit.items.AoT)  # `line = [{text = "…"}]`
    for line in sorted(lines, key=lambda line: (-line.pages, line.text)):
        table = tomlkit.inline_table() if inline else tomlkit.table()
        table.update(_said(line))
        if not inline:
            table.trivia.indent = "\n"  # a blank line above it
        there.append(table)


def _said(line: Line) -> dict[str, str | int | None]:
    """Return the keys of a line that say something."""
    dates = {name: date for name, date in (("first", line.first), ("last", line.last)) if date}
    return {
        "text": line.text,
        "pages": line.pages,
        "where": line.where,
        **dates,
        **({"keep": True} if line.keep else {}),
    }
