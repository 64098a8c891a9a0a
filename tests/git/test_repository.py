import os
import subprocess
import sys

import pytest
from repositories import Repository

from cleaner.git.repository import Change, GitError, staged
from cleaner.git.repository import Repository as Asked

posix = pytest.mark.skipif(os.name != "posix", reason="links and names as on POSIX")


def asked(repository, folder=""):
    return Asked.at(repository.path / folder)


def paths(repository, *patterns):
    return [file.path for file in staged(asked(repository).listing(patterns))]


@posix
@pytest.mark.parametrize(
    "name", ["two words.txt", "new\nline.txt", "tab\t.txt", 'quo"te\\.txt', "Überschwemmung 洪水.txt", "b\udcff.txt"]
)
def test_any_name_is_taken_as_it_is(repository, name):
    repository.write("a/" + name, "Rain")
    git = asked(repository)
    [file] = staged(git.listing(()))
    assert file.path == "a/" + name
    assert git.changes(git.tree("HEAD"), ()) == [Change(file.path, None, file.blob)]
    assert list(git.contents([file.blob], 9)) == [(file.blob, b"Rain")]


@posix
def test_only_files_are_listed(repository):
    sub = Repository.init(repository.path / "sub", repository.environment)
    sub.stage(x_txt="Rain")
    sub.commit()
    (repository.path / "link.txt").symlink_to("/etc/hosts")
    repository.write("script.txt", "Rain").chmod(0o755)
    repository.write("not staged.txt", "Rain", stage=False)
    repository.git("-c", "advice.addEmbeddedRepo=false", "add", "sub", "link.txt", "script.txt")
    assert sorted(repository.git("ls-files").split()) == ["link.txt", "script.txt", "sub"]
    assert paths(repository) == ["script.txt"]
    assert [change.path for change in asked(repository).changes(asked(repository).tree(None), ())] == ["script.txt"]


def test_a_file_that_becomes_a_link_is_gone(repository):
    repository.stage(a_txt="Rain")
    repository.commit()
    blob = repository.git("rev-parse", "HEAD:a.txt").strip()
    repository.git("update-index", "--cacheinfo", f"120000,{blob},a.txt")
    git = asked(repository)
    assert git.changes(git.tree("HEAD"), ()) == [Change("a.txt", blob, None)]


def test_patterns_are_those_of_git_from_the_top(repository):
    for name in ("a.txt", "b.md", "in/c.txt", "in/draft/d.txt"):
        repository.write(name, "Rain")
    assert paths(repository) == ["a.txt", "b.md", "in/c.txt", "in/draft/d.txt"]
    assert paths(repository, "*.txt") == ["a.txt", "in/c.txt", "in/draft/d.txt"]
    assert paths(repository, "in", ":!in/draft") == ["in/c.txt"]
    assert [file.path for file in staged(asked(repository, "in").listing(["*.md"]))] == ["b.md"]
    with pytest.raises(GitError, match="outside repository"):
        paths(repository, "../x")


def test_what_is_staged_counts_and_not_what_lies_in_the_folder(repository):
    repository.stage(a_txt="Rain", b_txt="Snow", c_txt="Hail")
    repository.commit()
    repository.stage(a_txt="More rain")
    repository.write("a.txt", "Most rain", stage=False)
    repository.git("rm", "-q", "b.txt")
    repository.git("mv", "c.txt", "d.txt")
    git = asked(repository)
    changes = git.changes(git.tree("HEAD"), ())
    assert [(c.path, bool(c.before), bool(c.after)) for c in changes] == [
        ("a.txt", True, True),
        ("b.txt", True, False),
        ("c.txt", True, False),
        ("d.txt", False, True),
    ]
    contents = dict(git.contents([file.blob for file in staged(git.listing(()))], 99))
    assert sorted(contents.values()) == [b"Hail", b"More rain"]


def test_before_the_first_commit_all_is_new_and_nothing_at_all_is_fine(repository):
    git = asked(repository)
    assert staged(git.listing(())) == []
    assert git.changes(git.tree("HEAD"), ()) == []
    assert list(git.contents([], 9)) == []
    repository.stage(a_txt="Rain")
    assert [(c.path, c.before) for c in git.changes(git.tree("HEAD"), ())] == [("a.txt", None)]
    repository.commit()
    assert git.changes(git.tree("HEAD"), ()) == []
    assert [(c.path, c.before) for c in git.changes(git.tree(None), ())] == [("a.txt", None)]


def test_contents_come_in_order_and_what_cannot_be_given_has_a_reason(repository):
    repository.stage(a_txt="Rain\n\n", b_txt="", c_txt=b"\0" * 3_000_000)
    a, b, c = (repository.git("rev-parse", f":{name}.txt").strip() for name in "abc")
    found = list(asked(repository).contents([a, c, b, "0" * 40, a], 2_000_000))
    assert found == [
        (a, b"Rain\n\n"),
        (c, "larger than 2,000,000 bytes (git.max_bytes)"),
        (b, b""),
        ("0" * 40, "missing in this clone"),
        (a, b"Rain\n\n"),
    ]


def test_a_conflict_is_left_out_until_it_is_solved(repository):
    repository.stage(a_txt="Rain\n", b_txt="Snow\n")
    repository.commit()
    repository.git("checkout", "-q", "-b", "other")
    repository.stage(a_txt="Hail\n")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.stage(a_txt="Sleet\n")
    repository.commit()
    repository.git("merge", "other", code=1)
    git = asked(repository)
    assert paths(repository) == ["b.txt"]
    assert [(c.path, c.after) for c in git.changes(git.tree("HEAD"), ())] == [("a.txt", None)]
    assert git.merging() == [repository.git("rev-parse", "other").strip()]
    repository.stage(a_txt="Sleet and hail\n")
    assert paths(repository) == ["a.txt", "b.txt"]
    repository.commit()
    assert git.merging() == []


def test_worktrees_and_variables_of_hooks_are_followed(repository, tmp_path, monkeypatch):
    repository.stage(a_txt="Rain")
    repository.commit()
    repository.git("worktree", "add", "-q", str(tmp_path / "linked"))
    linked = Asked.at(tmp_path / "linked")
    assert linked.top == tmp_path / "linked"
    assert linked.folder("cleaner").is_relative_to(repository.path / ".git/worktrees/linked")
    assert asked(repository).folder("cleaner") == repository.path / ".git/cleaner"

    repository.git("read-tree", "--empty", GIT_INDEX_FILE=str(repository.path / ".git/other"))
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other")
    assert paths(repository) == []
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert paths(repository) == ["a.txt"]


def test_where_there_is_no_repository_git_says_so(tmp_path, repository, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(GitError, match="not a git repository"):
        Asked.at(tmp_path / "elsewhere")
    Repository.init(tmp_path / "bare.git", repository.environment, "--bare")
    with pytest.raises(GitError, match="must be run in a work tree"):
        Asked.at(tmp_path / "bare.git")
    with pytest.raises(GitError, match="there is no commit 'nowhere' here"):
        asked(repository).tree("nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git cannot be run: No such file"):
        asked(repository)


def test_the_last_common_commit(repository):
    repository.stage(a_txt="Rain")
    repository.commit()
    first = repository.git("rev-parse", "HEAD").strip()
    repository.git("branch", "other")
    repository.stage(b_txt="Snow")
    repository.commit()
    git = asked(repository)
    assert git.fork("other") == first
    assert git.fork("nowhere") == "nowhere"


@pytest.mark.skipif(sys.platform == "win32", reason="needs git with SHA-256, 2.29")
def test_repositories_with_longer_ids(repository, tmp_path):
    if subprocess.run(["git", "init", "-q", "--object-format=sha256", tmp_path / "long"], check=False).returncode:
        pytest.skip("this git has no SHA-256")
    long = Repository(tmp_path / "long", repository.environment)
    long.stage(a_txt="Rain")
    git = asked(long)
    [file] = staged(git.listing(()))
    assert len(file.blob) == 64
    assert list(git.contents([file.blob], 9)) == [(file.blob, b"Rain")]
    assert git.changes(git.tree("HEAD"), ()) == [Change("a.txt", None, file.blob)]
