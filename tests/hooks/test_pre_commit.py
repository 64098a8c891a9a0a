"""The hooks as a team meets them: installed by the real pre-commit from this checkout, and run by git.

Installing takes a quarter of a minute, and is done once for all of these tests and once for `try-repo`.
"""

import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from repositories import Repository, git_environment

ROOT = Path(__file__).parents[2]
PRE_COMMIT = (sys.executable, "-m", "pre_commit")
ONE = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."
TWO = "Rivers rose by a metre in the night and people in two villages had to leave their houses at once."
THREE = "Trains to the coast stood still until noon because water had washed away the bed of the track."
FOUR = "Farmers in the valley fear for the harvest, which was to have begun in the coming week."
DIRTY = f"Share\n\n{ONE}\n\nAdvertisement\n\n{TWO}\n\n{THREE}\n"
CLEAN = f"{ONE}\n\n{TWO}\n\n{THREE}\n"
OTHER = "Parliament voted for the budget.\n\nThe opposition had asked for a delay until after the summer.\n"


@pytest.fixture(scope="module")
def hooks(tmp_path_factory):
    """A repository that holds what this checkout ships, as its makers would tag it."""
    if importlib.util.find_spec("pre_commit") is None:
        pytest.skip("pre-commit is not installed: pip install -e '.[dev]'")
    folder = tmp_path_factory.mktemp("pre-commit")
    made = Repository.init(folder / "hooks", git_environment(folder))
    for name in ("cleaner", "configs"):
        shutil.copytree(ROOT / name, made.path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, made.path / name)
    made.git("add", "-A")
    made.commit()
    return made


@pytest.fixture(scope="module")
def corpus(hooks):
    """A repository whose hooks are those, installed by pre-commit as a team would."""
    made = Repository.init(hooks.path.parent / "corpus", hooks.environment)
    ids = ["cleaner-fix", "cleaner-check", "cleaner-duplicates"]
    revision = hooks.git("rev-parse", "HEAD").strip()
    config = {"repos": [{"repo": str(hooks.path), "rev": revision, "hooks": [{"id": id_} for id_ in ids]}]}
    made.write(".pre-commit-config.yaml", json.dumps(config))  # JSON is YAML
    made.run(*PRE_COMMIT, "install", "--install-hooks")
    made.commit()
    return made


@pytest.fixture(autouse=True)
def _as_committed(request):
    """Leave nothing staged or lying about to the next test."""
    yield
    if "corpus" in request.fixturenames:
        repository = request.getfixturevalue("corpus")
        repository.git("reset", "-q", "--hard")
        repository.git("clean", "-q", "-f", "-d")


def test_a_dirty_file_is_fixed_and_passes_the_second_time(corpus):
    name = "Überschwemmung, two words.txt"
    corpus.write(name, DIRTY)
    corpus.write("clean.jsonl", json.dumps({"id": 1, "text": OTHER}) + "\n")
    stopped = corpus.commit(code=1)
    assert "2 blocks removed: 1 advert, 1 share" in stopped.stderr
    assert (corpus.path / name).read_text() == CLEAN
    corpus.git("add", "-A")
    passed = corpus.commit()
    assert passed.stderr.count("Passed") == 3
    assert corpus.git("show", f"HEAD:{name}") == CLEAN

    corpus.git("mv", name, "renamed.txt")
    corpus.git("rm", "-q", "clean.jsonl")
    corpus.commit()


def test_what_is_staged_is_fixed_and_what_is_not_is_kept(corpus):
    path = corpus.write("partial.txt", DIRTY.replace("Rain", "Snow").replace("Trains", "Buses"))
    clean = CLEAN.replace("Rain", "Snow").replace("Trains", "Buses")
    corpus.run(*PRE_COMMIT, "run", "cleaner-fix", code=1)
    corpus.git("add", "partial.txt")
    path.write_text(f"Share\n\n{clean}\nNot staged yet, but written.\n")
    corpus.run(*PRE_COMMIT, "run", "cleaner-fix")
    assert "Not staged yet, but written." in path.read_text()
    corpus.git("add", "partial.txt")
    corpus.run(*PRE_COMMIT, "run", "cleaner-fix", code=1)
    assert path.read_text() == f"{clean}\nNot staged yet, but written.\n"


def test_a_diff_is_shown_and_nothing_changed(corpus):
    path = corpus.write("checked.txt", DIRTY)
    shown = corpus.run(*PRE_COMMIT, "run", "cleaner-check", code=1).stdout
    assert "--- a/checked.txt\n+++ b/checked.txt\n" in shown
    assert "-Advertisement\n" in shown
    assert path.read_text() == DIRTY


def test_a_near_duplicate_is_stopped_until_it_is_changed_or_allowed(corpus):
    text = f"{FOUR}\n\n{OTHER}\n{TWO}\n"
    corpus.write("first.txt", text)
    corpus.commit()
    corpus.write("again.txt", text + "\nThis was added.\n")
    stopped = corpus.commit(code=1).stderr
    assert re.search(r"^again\.txt: repeats first\.txt, score 0\.\d\d$", stopped, re.MULTILINE)
    assert "words in a row in both: “Farmers in the valley" in stopped

    corpus.git("mv", "first.txt", "renamed first.txt")  # the same, wherever it stands
    assert "again.txt: repeats renamed first.txt" in corpus.commit(code=1).stderr
    corpus.git("rm", "-q", "-f", "renamed first.txt")  # gone: what was new is all there is
    corpus.commit()

    corpus.write("back.txt", text)
    settings = '[[tool.cleaner.git.allow]]\nfiles = ["back.txt", "again.txt"]\nreason = "two editions"\n'
    corpus.write("pyproject.toml", settings)
    corpus.commit()


def test_a_partial_stage_is_judged_by_what_is_staged(corpus):
    text = f"{OTHER}\n{THREE}\n\n{FOUR}\n"
    corpus.write("one.txt", text)
    corpus.commit()
    path = corpus.write("two.txt", "Snow fell.\n")
    path.write_text(text)
    corpus.commit()
    assert path.read_text() == text
    corpus.git("add", "two.txt")
    path.write_text("Snow fell.\n")
    assert "two.txt: repeats one.txt" in corpus.commit(code=1).stderr
    assert path.read_text() == "Snow fell.\n"


def test_all_hooks_can_be_tried_without_being_installed(hooks):
    tried = Repository.init(hooks.path.parent / "tried", hooks.environment)
    tried.write("a.txt", CLEAN)
    tried.write("b.txt", f"{CLEAN}\nShare\n")
    said = tried.run(*PRE_COMMIT, "try-repo", str(hooks.path), "--verbose", code=1).stdout
    assert "b.txt: repeats a.txt, score 1.00" in said
    assert "-Share\n" in said or "b.txt: 1 block removed: 1 share" in said
    ids = re.findall(r"^- hook id: (\S+)", said, re.MULTILINE)
    assert sorted(ids) == ["cleaner-check", "cleaner-duplicates", "cleaner-fix"]
