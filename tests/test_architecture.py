"""The rules of the house that import-linter (`[tool.importlinter]` in pyproject.toml) has no words for."""

import subprocess
import sys

import grimp
import pytest

GRAPH = grimp.build_graph("cleaner", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None)
MODULES = sorted(module for module in GRAPH.modules if module.partition(".")[0] == "cleaner")

# Who alone may import a library, anywhere in a file: a room, or one module of it.
ROOMS = {
    "charset_normalizer": {"formats.charset"},
    "click": {"cli"},
    "datasketch": {"minhash.signatures"},
    "ftfy": {"stages.repair"},
    "numpy": {
        "arrays",
        "boilerplate.model",
        "canonical",
        "corpus",
        "extraction",
        "index",
        "judging",
        "minhash",
        "near_duplicates",
        "pool",  # preloads it for the processes that are forked later
        "stories",
        "words",
    },
    "pebble": {"pipeline.workers"},
    "py3langid": {"stages.describe"},
    "selectolax": {"extraction.parsing"},
    "sqlite3": {"index.database"},
    "subprocess": {"git.repository"},
    "tomlkit": {"boilerplate.profile_files"},
    "trafilatura": {"extraction.by_trafilatura"},
}
# git waits for these, and a command line for the first: what they import must be light.
DOORS = ("cli.start", "git.report", "hooks.fix")
HEAVY = {"click", "datasketch", "ftfy", "lxml", "numpy", "pebble", "py3langid", "scipy", "tomlkit", "trafilatura"}

SHOP_WINDOWS = {"cleaner", "cleaner.index", "cleaner.settings"}
PACKAGES = [module for module in MODULES if GRAPH.find_children(module) and module not in SHOP_WINDOWS]


@pytest.mark.parametrize("library", ROOMS)
def test_a_library_has_one_room(library):
    users = GRAPH.find_modules_that_directly_import(library)
    rooms = tuple(f"cleaner.{room}." for room in ROOMS[library])
    assert users
    assert [user for user in sorted(users) if not f"{user}.".startswith(rooms)] == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_opens_on_nothing_heavy(door):
    code = f"import sys, cleaner.{door}; print(sorted({HEAVY!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_none_of_its_modules(package):
    assert GRAPH.find_modules_directly_imported_by(package) <= {"__future__"}
