"""What stands twice says the same: versions, and the files that other files name."""

import re
import tomllib
from pathlib import Path

import cleaner

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_citation_names_this_version_and_licence():
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    assert f"version: {cleaner.__version__}" in lines
    assert f"license: {PROJECT['license']}" in lines


def test_the_dockerfile_copies_what_is_there_and_what_dockerignore_lets_through():
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert names == {*re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)}
    assert all((ROOT / name).exists() for name in names)


def test_every_supported_python_is_named():
    named = re.findall(r"Python :: 3\.(\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == ["11", "12", "13", "14"]
    assert PROJECT["requires-python"] == f">=3.{named[0]}"
