"""What a module stands on changes: its folder is moved, replaced or deleted, its interpreter goes away."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event, Marker

FILES = [".venv", "main.py", "requirements.txt"]


def request(directory: Path, python: str | None = None) -> EnvironmentRequest:
    return EnvironmentRequest(directory, backend="uv", dialect="raw", python=python)


def sync(directory: Path, python: str | None = None) -> Marker:
    return sync_environment(request(directory, python))


def at_phase(phase: str, action: Callable[[], object]) -> Callable[[Event], None]:
    """Return a sink that does something once, when a phase begins."""
    done: list[object] = []

    def see(event: Event) -> None:
        if event.get("phase") == phase and not done:
            done.append(phase)
            action()

    return see


@pytest.mark.parametrize("phase", ["python", "create", "resolve", "install", "runtime", "verify"])
def test_a_folder_deleted_during_the_build_is_not_brought_back(
    make_module: Callable[..., Path], phase: str
) -> None:
    directory = make_module("tinyone<2")
    with pytest.raises(ModuleEnvironmentError, match="moved or deleted") as caught:
        sync_environment(request(directory), at_phase(phase, lambda: shutil.rmtree(directory)))
    assert caught.value.code == "INVALID_CONFIG"
    assert not directory.exists()


@pytest.mark.parametrize("phase", ["create", "install", "verify"])
def test_a_folder_moved_during_the_build_is_never_ready_at_its_old_place(
    make_module: Callable[..., Path], tmp_path: Path, phase: str
) -> None:
    directory = make_module("tinyone<2")
    moved = tmp_path / "moved"
    with pytest.raises(ModuleEnvironmentError, match="moved or deleted"):
        sync_environment(request(directory), at_phase(phase, lambda: directory.rename(moved)))
    assert not directory.exists()
    assert not status_of(request(moved)).is_ready
    assert sync(moved).directory == str(moved)
    assert sorted(path.name for path in moved.iterdir()) == FILES


def test_a_folder_replaced_during_the_build_keeps_what_is_in_the_new_one(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory, other = make_module("tinyone<2"), make_module("tinytwo", name="other")
    (other / "notes.txt").write_text("mine")

    def replace() -> None:
        directory.rename(tmp_path / "old")
        other.rename(directory)

    with pytest.raises(ModuleEnvironmentError, match="moved or deleted"):
        sync_environment(request(directory), at_phase("verify", replace))
    assert (directory / "notes.txt").read_text() == "mine"
    assert not status_of(request(directory)).is_ready
    sync(directory)


def test_one_that_is_moved_and_moved_back_is_as_ready_as_before(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory, moved = make_module("tinytwo"), tmp_path / "moved"
    marker = sync(directory)
    directory.rename(moved)
    assert status_of(request(moved)).aspects >= {"moved"}
    moved.rename(directory)
    assert status_of(request(directory)).is_ready
    assert sync(directory) == marker


def test_one_that_was_built_elsewhere_meanwhile_is_built_again(
    make_module: Callable[..., Path], tmp_path: Path
) -> None:
    directory, moved = make_module("tinytwo"), tmp_path / "moved"
    sync(directory)
    directory.rename(moved)
    sync(moved)
    moved.rename(directory)
    assert "moved" in status_of(request(directory)).aspects
    assert sync(directory).directory == str(directory)


@pytest.fixture
def own_python(tmp_path: Path) -> Path:
    """A Python of this test's own: one that it may take away."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    base = Path(sys.base_prefix)
    prefix = tmp_path / "own-python"
    (prefix / "bin").mkdir(parents=True)
    shutil.copy(base / "bin" / version, prefix / "bin" / version)
    (prefix / "lib" / version).mkdir(parents=True)
    for entry in Path(sysconfig.get_path("stdlib")).iterdir():
        if entry.name != "site-packages":
            (prefix / "lib" / version / entry.name).symlink_to(entry)
    for library in (base / "lib").glob("libpython*"):
        (prefix / "lib" / library.name).symlink_to(library)
    return prefix / "bin" / version


def test_an_interpreter_that_was_removed_is_named_and_another_takes_its_place(
    make_module: Callable[..., Path], own_python: Path
) -> None:
    directory = make_module("tinytwo")
    marker = sync(directory, str(own_python))
    assert marker.interpreter is not None
    assert marker.interpreter.base == str(own_python)
    own_python.unlink()
    assert "interpreter" in status_of(request(directory, str(own_python))).aspects
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory, str(own_python))
    assert caught.value.code == "PYTHON_NOT_FOUND"
    assert str(own_python) in caught.value.message
    assert sync(directory).interpreter is not None
    subprocess.run([directory / ".venv" / "bin" / "python", "-c", "import tinytwo"], check=True)


def test_an_interpreter_that_was_replaced_means_a_new_environment(
    make_module: Callable[..., Path], own_python: Path
) -> None:
    directory = make_module("tinytwo")
    sync(directory, str(own_python))
    before = (directory / ".venv").stat().st_ino
    fresh = own_python.with_name("fresh")
    shutil.copy(own_python, fresh)
    fresh.touch()
    fresh.rename(own_python)
    assert status_of(request(directory, str(own_python))).aspects == {"interpreter"}
    sync(directory, str(own_python))
    assert (directory / ".venv").stat().st_ino != before
