"""`.python-version` of a module or of the repository around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.project import Project
from synapse_worker.env.sources.python_version_file import read_python_version
from synapse_worker.env.sources.requirements import read_requirements

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("content", "request_text"),
    [
        (b"3.12\n", "3.12"),
        (b"\xef\xbb\xbf3.12.1\r\n", "3.12.1"),
        (b"# ours\n\n  3.11   # as in production\n3.10\n", "3.11"),
        (b"cpython-3.12.1\n", "3.12.1"),
        (b"cpython@3.12\n", "3.12"),
        (b"cpython-3.11.2-linux-x86_64-gnu\n", "3.11.2"),
        (b"cpython-3.13-macos-aarch64-none\n", "3.13"),
        (b"3.14-dev\n", "3.14-dev"),
        (b"3.13t\n", "3.13t"),
        (b">=3.11,<3.13\n", ">=3.11,<3.13"),
        (b"shop-env\n", "shop-env"),
        (b"pypy3.10-7.3.15\n", "pypy3.10-7.3.15"),
    ],
)
def test_its_first_version_is_what_is_asked_for(
    tmp_path: Path, content: bytes, request_text: str
) -> None:
    (tmp_path / ".python-version").write_bytes(content)
    found = read_python_version(tmp_path)
    assert found is not None
    assert (found.request, found.path) == (request_text, tmp_path / ".python-version")


@pytest.mark.parametrize("content", ["", "\n# nothing\n", "system\n"])
def test_it_may_ask_for_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / ".python-version").write_text(content)
    assert read_python_version(tmp_path) is None


@pytest.mark.parametrize(
    "content", [b"/tmp/evil/python\n", b"../python\n", b"~/python\n", b"3.12; rm -rf\n", b"\xff\n"]
)
def test_a_path_or_rubbish_is_refused_with_the_files_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".python-version").write_bytes(content)
    with pytest.raises(ModuleEnvironmentError) as caught:
        read_python_version(tmp_path)
    assert caught.value.code == "INVALID_CONFIG"
    assert str(tmp_path / ".python-version") in caught.value.message


def test_the_nearest_up_to_the_repository_counts_and_none_above(tmp_path: Path) -> None:
    module = tmp_path / "repository" / "services" / "shop"
    module.mkdir(parents=True)
    (tmp_path / ".python-version").write_text("3.9\n")
    assert read_python_version(module) is None
    (tmp_path / "repository" / ".git").mkdir()
    assert read_python_version(module) is None
    (tmp_path / "repository" / ".python-version").write_text("3.11\n")
    assert read_python_version(module).request == "3.11"  # type: ignore[union-attr]
    (module / ".python-version").write_text("3.12\n")
    assert read_python_version(module).request == "3.12"  # type: ignore[union-attr]


def test_outside_a_repository_only_the_modules_own_counts(tmp_path: Path) -> None:
    (tmp_path / ".python-version").write_text("3.9\n")
    (tmp_path / "shop").mkdir()
    assert read_python_version(tmp_path / "shop") is None


def test_each_place_it_may_be_in_is_an_input(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")  # as in a worktree
    (tmp_path / ".python-version").write_text("3.12\n")
    module = tmp_path / "services" / "shop"
    module.mkdir(parents=True)
    found = read_requirements(module, Project(), "main.py")
    places = [(e.path, e.sha256 is not None) for e in found.inputs if "python-version" in e.path]
    assert places == [
        (".python-version", False),
        ("../.python-version", False),
        ("../../.python-version", True),
    ]
