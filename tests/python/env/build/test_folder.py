"""Whatever stands at `.venv`: what is not ours is added to or named, and never deleted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.backends.uv import find_uv

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Marker

MODULE_FILES = [".venv", "main.py", "requirements.txt"]


def sync(directory: Path) -> Marker:
    return sync_environment(EnvironmentRequest(directory, backend="uv", dialect="raw"))


def refused(directory: Path) -> ModuleEnvironmentError:
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory)
    assert caught.value.code == "BUILD_FAILED"
    assert sorted(path.name for path in directory.iterdir()) == MODULE_FILES
    return caught.value


def contents(folder: Path) -> dict[str, bytes | str | None]:
    """Every path below a folder with what it is."""

    def what(path: Path) -> bytes | str | None:
        if path.is_symlink():
            return str(path.readlink())
        return path.read_bytes() if path.is_file() else None

    paths = (path for path in folder.rglob("*") if path.name != "build.log")
    return {str(path.relative_to(folder)): what(path) for path in paths}


def imports(venv: Path, names: str) -> None:
    subprocess.run([venv / "bin" / "python", "-I", "-c", f"import {names}"], check=True)


@pytest.fixture
def make_venv() -> Callable[[Path, str], None]:
    """Return a function that makes a user's environment, by the tool of their choice."""

    def make(path: Path, tool: str) -> None:
        if tool == "venv":
            command = [sys.executable, "-m", "venv", "--without-pip", str(path)]
        else:
            command = [
                str(find_uv()),
                "venv",
                "--no-project",
                "--python",
                sys.executable,
                str(path),
            ]
        subprocess.run(command, check=True, capture_output=True)
        (path / "mine.txt").write_text("precious")

    return make


@pytest.mark.parametrize("tool", ["venv", "uv"])
def test_an_environment_of_the_users_own_is_added_to(
    make_module: Callable[..., Path], make_venv: Callable[[Path, str], None], tool: str
) -> None:
    directory = make_module("tinytwo")
    make_venv(directory / ".venv", tool)
    before = contents(directory / ".venv")
    assert sync(directory).owned is False
    imports(directory / ".venv", "tinytwo, synapse_worker")
    after = contents(directory / ".venv")
    assert {path: after.get(path) for path in before} == before


def test_one_that_is_active_is_added_to_as_well(
    make_module: Callable[..., Path],
    make_venv: Callable[[Path, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    directory = make_module("tinytwo")
    make_venv(directory / ".venv", "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(directory / ".venv"))
    monkeypatch.setenv("PATH", f"{directory}/.venv/bin{os.pathsep}{os.environ['PATH']}")
    marker = sync(directory)
    assert marker.owned is False
    assert marker.interpreter is not None
    assert not marker.interpreter.base.startswith(str(directory))


def test_one_of_ours_that_is_active_can_be_built_again(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module("tinytwo")
    marker = sync(directory)
    monkeypatch.setenv("VIRTUAL_ENV", str(directory / ".venv"))
    monkeypatch.setenv("PATH", f"{directory}/.venv/bin{os.pathsep}{os.environ['PATH']}")
    path = directory / ".venv" / "synapse.json"
    path.write_text(path.read_text().replace('"ready"', '"building"'))
    again = sync(directory)
    assert (again.owned, again.interpreter) == (True, marker.interpreter)
    imports(directory / ".venv", "tinytwo")


def test_a_link_to_an_environment_of_the_users_own_is_added_to(
    make_module: Callable[..., Path], make_venv: Callable[[Path, str], None], tmp_path: Path
) -> None:
    directory = make_module("tinytwo")
    theirs = tmp_path / "theirs"
    make_venv(theirs, "venv")
    (directory / ".venv").symlink_to(theirs)
    assert sync(directory).owned is False
    assert (directory / ".venv").readlink() == theirs
    assert (theirs / "mine.txt").read_text() == "precious"
    imports(theirs, "tinytwo")


def test_a_link_to_an_empty_folder_is_built_in_and_stays(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory = make_module("tinytwo")
    (tmp_path / "large-disk").mkdir()
    (directory / ".venv").symlink_to(tmp_path / "large-disk")
    assert sync(directory).owned is True
    assert (directory / ".venv").readlink() == tmp_path / "large-disk"
    imports(directory / ".venv", "tinytwo")
    assert sorted(path.name for path in directory.iterdir()) == MODULE_FILES


def test_a_link_to_the_environment_of_another_module_is_refused(
    make_module: Callable[..., Path],
) -> None:
    other = make_module("tinytwo", name="other")
    sync(other)
    directory = make_module("tinytwo")
    (directory / ".venv").symlink_to(other / ".venv")
    before = contents(other)
    assert f'the module in "{other}"' in refused(directory).message
    assert contents(other) == before
    assert (directory / ".venv").is_symlink()


def test_two_modules_do_not_take_turns_in_one_environment_of_the_users_own(
    make_module: Callable[..., Path], make_venv: Callable[[Path, str], None], tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    make_venv(theirs, "venv")
    first, second = (make_module("tinytwo", name=name) for name in ("first", "second"))
    for directory in (first, second):
        (directory / ".venv").symlink_to(theirs)
    sync(first)
    error = refused(second)
    assert f'the module in "{first}" uses already' in error.message
    assert f'delete its link "{first}/.venv"' in error.hint
    assert status_of(EnvironmentRequest(first, dialect="raw")).is_ready
    (first / ".venv").unlink()
    assert sync(second).directory == str(second)


def test_a_module_that_was_moved_goes_on_with_the_users_environment_it_links_to(
    make_module: Callable[..., Path], make_venv: Callable[[Path, str], None], tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    make_venv(theirs, "venv")
    directory = make_module("tinytwo")
    (directory / ".venv").symlink_to(theirs)
    sync(directory)
    moved = directory.rename(tmp_path / "moved")
    assert sync(moved).directory == str(moved)


@pytest.mark.parametrize("target", ["..", ".", "main.py"])
def test_a_link_to_a_folder_or_file_that_is_none_is_refused(
    make_module: Callable[..., Path], target: str
) -> None:
    directory = make_module("tinytwo")
    (directory / "synapse").mkdir()
    (directory / "synapse" / "build.log").write_text("the user's own")
    (directory / ".venv").symlink_to(target)
    with pytest.raises(ModuleEnvironmentError, match="in the way") as caught:
        sync(directory)
    assert caught.value.code == "BUILD_FAILED"
    assert (directory / "synapse" / "build.log").read_text() == "the user's own"
    assert str((directory / ".venv").readlink()) == target
    assert sorted(path.name for path in directory.iterdir()) == sorted([*MODULE_FILES, "synapse"])


def test_a_file_in_the_way_is_named_and_kept(make_module: Callable[..., Path]) -> None:
    directory = make_module("tinytwo")
    (directory / ".venv").write_text("an unfinished thought")
    assert "in the way" in refused(directory).message
    assert (directory / ".venv").read_text() == "an unfinished thought"


def test_a_folder_whose_python_is_the_systems_own_is_never_installed_into(
    make_module: Callable[..., Path],
) -> None:
    directory = make_module("tinytwo")
    (directory / ".venv" / "bin").mkdir(parents=True)
    base = Path(os.path.realpath(sys.executable))
    (directory / ".venv" / "bin" / "python").symlink_to(base)
    before = sorted(path.name for path in Path(sysconfig.get_path("purelib")).iterdir())
    assert "outside of it" in refused(directory).message
    assert sorted(path.name for path in Path(sysconfig.get_path("purelib")).iterdir()) == before


def test_a_whole_python_as_conda_makes_it_is_added_to(make_module: Callable[..., Path]) -> None:
    directory = make_module("tinytwo")
    prefix = directory / ".venv"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    standard = Path(sysconfig.get_path("stdlib"))
    base = Path(os.path.realpath(sys.executable))
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "bin").mkdir()
    shutil.copy(base, prefix / "bin" / "python")
    (prefix / "lib" / version / "site-packages").mkdir(parents=True)
    for entry in standard.iterdir():
        if entry.name != "site-packages":
            (prefix / "lib" / version / entry.name).symlink_to(entry)
    for library in base.parent.parent.joinpath("lib").glob("libpython*"):
        (prefix / "lib" / library.name).symlink_to(library)
    assert sync(directory).owned is False
    assert (prefix / "lib" / version / "site-packages" / "tinytwo.py").is_file()
    assert (prefix / "conda-meta").is_dir()
    assert status_of(EnvironmentRequest(directory, dialect="raw")).is_ready


def test_the_code_that_runs_does_not_take_itself_away(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module("tinytwo")
    sync(directory)
    path = directory / ".venv" / "synapse.json"
    path.write_text(path.read_text().replace('"ready"', '"building"'))
    inside = str(directory / ".venv" / "lib" / "folder.py")
    monkeypatch.setattr("synapse_worker.env.build.folder.__file__", inside)
    before = contents(directory)
    assert "This command runs from" in refused(directory).message
    assert contents(directory) == before
