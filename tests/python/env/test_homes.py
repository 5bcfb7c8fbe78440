"""Modules whose folder cannot be written: their environment stands in the cache.

Root may write whatever its mode says, so a folder is made immutable (`chattr +i`) for it; where that
is not allowed either (a container without the capability), these are skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.homes import cached_home, is_writable
from synapse_worker.env.layout import cache_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from synapse_worker.env import Event, Marker


@pytest.fixture
def protect() -> Iterator[Callable[[Path], None]]:
    """Return a function that makes a folder one that cannot be written; undoes it."""
    protected: list[Path] = []

    def make(directory: Path) -> None:
        protected.append(directory)
        if os.geteuid() != 0:
            directory.chmod(0o500)
        elif shutil.which("chattr") is None or _chattr("+i", directory) != 0:
            pytest.skip("root may write everywhere here, and chattr +i is not allowed")
        assert not os.access(directory, os.W_OK)

    yield make
    for directory in protected:
        if os.geteuid() == 0:
            _chattr("-i", directory)
        else:
            directory.chmod(0o700)


def _chattr(change: str, path: Path) -> int:
    return subprocess.run(["chattr", change, path], capture_output=True, check=False).returncode


def request(directory: Path, **options: object) -> EnvironmentRequest:
    chosen = {"backend": "uv", "dialect": "raw", **options}
    return EnvironmentRequest(directory, **chosen)  # type: ignore[arg-type]


def sync(directory: Path, events: list[Event] | None = None) -> Marker:
    return sync_environment(request(directory), ([] if events is None else events).append)


def test_the_environment_of_a_folder_that_cannot_be_written_stands_in_the_cache(
    make_module: Callable[..., Path], protect: Callable[[Path], None]
) -> None:
    directory = make_module("tinytwo")
    protect(directory)
    assert status_of(request(directory)).aspects == {"missing"}
    marker = sync(directory)
    home = cached_home(directory)
    assert marker.directory == str(directory)
    assert marker.launch is not None
    assert marker.launch.python == f"{home}/.venv/bin/python"
    subprocess.run([marker.launch.python, "-I", "-c", "import tinytwo"], check=True)
    assert status_of(request(directory)).is_ready
    assert sorted(path.name for path in directory.iterdir()) == ["main.py", "requirements.txt"]
    assert [path.name for path in home.iterdir()] == [".venv"]
    assert home.stat().st_mode & 0o777 == 0o700
    events: list[Event] = []
    assert sync(directory, events) == marker
    assert events == []


def test_it_follows_what_the_module_says(
    make_module: Callable[..., Path],
    protect: Callable[[Path], None],
    require: Callable[..., None],
) -> None:
    directory = make_module("tinyone<2")
    protect(directory)
    sync(directory)
    require(directory, "tinyone>1")  # a file in it may be written, no name may be added
    assert status_of(request(directory)).aspects == {"inputs"}
    sync(directory)
    python = cached_home(directory) / ".venv" / "bin" / "python"
    subprocess.run(
        [python, "-I", "-c", "import tinyone; assert tinyone.VERSION == '2.0'"], check=True
    )


def test_one_beside_the_module_is_preferred_once_there_is_one(
    make_module: Callable[..., Path], protect: Callable[[Path], None]
) -> None:
    directory = make_module("tinytwo")
    sync(directory)
    protect(directory)
    marker = sync(directory)
    assert marker.launch is not None
    assert marker.launch.python == f"{directory}/.venv/bin/python"
    assert not cached_home(directory).exists()


def test_a_folder_that_can_be_written_again_gets_its_own(
    make_module: Callable[..., Path], protect: Callable[[Path], None]
) -> None:
    directory = make_module("tinytwo")
    protect(directory)
    sync(directory)
    _chattr("-i", directory)
    directory.chmod(0o700)
    assert status_of(request(directory)).aspects == {"missing"}
    sync(directory)
    assert (directory / ".venv" / "bin" / "python").exists()


def test_without_a_cache_that_can_be_written_the_error_says_what_to_set(
    make_module: Callable[..., Path],
    protect: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    directory = make_module("tinytwo")
    protect(directory)
    (tmp_path / "cache").write_text("a file")
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory)
    assert caught.value.code == "ENVIRONMENT_UNWRITABLE"
    assert "SYNAPSE_CACHE_DIR" in caught.value.hint


def test_an_own_environment_that_somebody_else_made_is_left_alone(
    make_module: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module()
    (directory / ".venv").mkdir()
    theirs = os.path.join(directory, ".venv")
    real = os.access

    def access(path: str | Path, mode: int, **options: bool) -> bool:
        return os.fspath(path) != theirs and real(path, mode, **options)

    monkeypatch.setattr(os, "access", access)
    assert not is_writable(directory)


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNAPSE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", fail)
    with pytest.raises(ModuleEnvironmentError, match="no home folder") as caught:
        cache_directory()
    assert "SYNAPSE_CACHE_DIR" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "cache"), [("SYNAPSE_CACHE_DIR", "here"), ("XDG_CACHE_HOME", "here/synapse-worker")]
)
def test_a_relative_cache_is_that_of_who_starts_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, cache: str
) -> None:
    monkeypatch.delenv("SYNAPSE_CACHE_DIR", raising=False)
    monkeypatch.setenv(name, "here")
    monkeypatch.chdir(tmp_path)
    assert cache_directory() == tmp_path / cache


def test_an_empty_home_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SYNAPSE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "")
    account = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert cache_directory() == account / ".cache" / "synapse-worker"
