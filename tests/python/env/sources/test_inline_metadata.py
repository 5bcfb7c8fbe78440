"""The PEP 723 block of an entrypoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.inline_metadata import InlineMetadata, inline_metadata
from synapse_worker.env.sources.lock_header import LockHeader
from synapse_worker.env.sources.project import Project, read_project
from synapse_worker.env.sources.requirements import read_requirements

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("print()\n", None),
        ("# /// script\n# dependencies = ['six']\n", None),  # without an end it is a comment
        ("# /// other\n# dependencies = ['six']\n# ///\n", None),
        ("    # /// script\n    # dependencies = ['six']\n    # ///\n", None),
        ("# /// script\n# requires-python = '>=3.11'\n# ///\n", InlineMetadata((), ">=3.11")),
        ("# /// script\r\n# dependencies = ['six']\r\n# ///\r\n", InlineMetadata(("six",), None)),
        ("#!/usr/bin/env python3\n# /// script\n#\n# dependencies = [\n#     'six',\n# ]\n# ///\n",
         InlineMetadata(("six",), None)),
        ("# /// script\n# dependencies = ['six']\n# [tool.uv]\n# index = []\n# ///\n",
         InlineMetadata(("six",), None)),
    ],
)  # fmt: skip
def test_a_block_is_read_as_pep_723_says(source: str, expected: InlineMetadata | None) -> None:
    assert inline_metadata(source, "main.py") == expected


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("# dependencies = 'six'\n", "must be a list of strings"),
        ("# dependencies = [1]\n", "must be a list of strings"),
        ("# requires-python = 3.11\n", "requires-python must be a string"),
        ("# dependencies = [\n", "is not usable"),
        ("# x = 1\n# x = 2\n", "is not usable"),
        ("# [tool.synapse]\n# workers = 2\n", "belongs into pyproject.toml"),
        ("# x = 1\n# ///\n\n# /// script\n# y = 2\n", "more than one script block"),
    ],
)
def test_a_block_that_is_no_use_is_an_error(content: str, says: str) -> None:
    with pytest.raises(ModuleEnvironmentError, match=says) as caught:
        inline_metadata(f"# /// script\n{content}# ///\n", "main.py")
    assert (caught.value.code, '"main.py"' in caught.value.message) == (
        "REQUIREMENTS_INVALID",
        True,
    )


def test_an_option_among_the_dependencies_is_refused(tmp_path: Path) -> None:
    block = "# /// script\n# dependencies = ['six', '--pre']\n# ///\n"
    (tmp_path / "main.py").write_text(block)
    with pytest.raises(ModuleEnvironmentError, match="is not a requirement"):
        read_requirements(tmp_path, read_project(tmp_path), "main.py")


def test_its_python_range_holds_beside_that_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nrequires-python = '<3.14'\n")
    block = "# /// script\n# requires-python = '>=3.11'\n# ///\n"
    (tmp_path / "main.py").write_text("\ufeff" + block, encoding="utf-8")
    found = read_requirements(tmp_path, read_project(tmp_path), "main.py")
    assert (found.source, found.requires_python) == ("script", "<3.14,>=3.11")


def test_its_python_range_holds_for_the_lock_that_was_made_from_it(tmp_path: Path) -> None:
    block = "# /// script\n# requires-python = '>=3.11'\n# dependencies = ['six']\n# ///\n"
    (tmp_path / "app.py").write_text(block)
    header = LockHeader("app.py", "0a1b", "3.11", "linux-x86_64").render()
    (tmp_path / "requirements.txt").write_text(f"{header}\nsix==1.17.0 --hash=sha256:aa\n")
    found = read_requirements(tmp_path, read_project(tmp_path), "main.py")
    assert (found.source, found.requires_python) == ("requirements.txt", ">=3.11")
    (tmp_path / "app.py").unlink()
    assert read_requirements(tmp_path, Project(), "main.py").requires_python is None
