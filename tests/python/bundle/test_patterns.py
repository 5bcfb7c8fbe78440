"""Patterns mean what they mean to git: each case is put to git itself as well."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle.patterns import PatternList

if TYPE_CHECKING:
    from pathlib import Path

# Lines of the list, path (a folder with `/` at its end), whether it is left out.
CASES = [
    (["*.pem"], "a.pem", True),
    (["*.pem"], "deep/er/a.pem", True),
    (["*.pem"], "a.pem.txt", False),
    (["/a.txt"], "a.txt", True),
    (["/a.txt"], "b/a.txt", False),
    (["b/a.txt"], "b/a.txt", True),
    (["b/a.txt"], "c/b/a.txt", False),
    (["build/"], "build/", True),
    (["build/"], "build", False),
    (["build/"], "x/build/", True),
    (["build/"], "build/inside.txt", True),
    (["build"], "build", True),
    (["**/x"], "a/b/x", True),
    (["**/x"], "x", True),
    (["a/**"], "a/b/c", True),
    (["a/**"], "a", False),
    (["a/**/z"], "a/z", True),
    (["a/**/z"], "a/b/c/z", True),
    (["a/*/z"], "a/b/c/z", False),
    (["*.log", "!keep.log"], "keep.log", False),
    (["*.log", "!keep.log"], "x.log", True),
    (["!keep.log", "*.log"], "keep.log", True),
    (["?.txt"], "a.txt", True),
    (["?.txt"], "ab.txt", False),
    (["[ab].txt"], "a.txt", True),
    (["[!ab].txt"], "a.txt", False),
    (["[!ab].txt"], "c.txt", True),
    (["[a-c]x"], "bx", True),
    (["[[:alpha:]]x"], "bx", True),
    (["[[:alpha:]_]x"], "_x", True),
    (["[![:alpha:]]x"], "bx", False),
    (["[[:digit:]]*"], "7.log", True),
    (["[[:digit:]]*"], "x.log", False),
    (["[[:punct:][:space:]]"], "]", True),
    (["[[:none:]]"], "n", False),
    (["?"], "é", False),
    (["??"], "é", True),
    (["[a"], "[a", False),
    (["\\!odd"], "!odd", True),
    (["\\#odd"], "#odd", True),
    (["# comment", ""], "# comment", False),
    (["trailing  "], "trailing", True),
    (["foo.*"], "foo.", True),
    (["a+b(c).txt"], "a+b(c).txt", True),
    (["*"], "anything", True),
    (["*", "!*.py"], "x.py", False),
    (["dir/*", "!dir/keep"], "dir/keep", False),
    (["dir/", "!dir/keep"], "dir/keep", True),
]


@pytest.mark.parametrize(("lines", "path", "is_left_out"), CASES)
def test_a_pattern_decides(lines: list[str], path: str, is_left_out: bool) -> None:
    patterns = PatternList(lines)
    assert patterns.covers(path.rstrip("/"), is_folder=path.endswith("/")) is is_left_out


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_git_says_the_same(tmp_path: Path) -> None:
    said = []
    for number, (lines, path, _) in enumerate(CASES):
        repository = tmp_path / str(number)
        place = repository / path
        (place if path.endswith("/") else place.parent).mkdir(parents=True)
        if not path.endswith("/"):
            place.write_text("")
        subprocess.run(["git", "init", "-q", str(repository)], check=True)
        (repository / ".gitignore").write_text("\n".join(lines) + "\n")
        command = ["git", "-C", str(repository), "check-ignore", "-q", "--no-index", path]
        said.append(subprocess.run(command, check=False).returncode == 0)
    assert said == [is_left_out for _, _, is_left_out in CASES]


def test_a_class_that_is_none_matches_nothing() -> None:
    assert PatternList(["[z-a]"]).covers("z", is_folder=False) is False
