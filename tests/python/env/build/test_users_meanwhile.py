"""What a user puts at `.venv` while a build goes on, or after one was killed, is theirs and stays."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.build.folder import EnvironmentFolder
from synapse_worker.env.cleaning import clean_module
from synapse_worker.env.marker import read_marker, write_marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import Event

    Make = Callable[..., Path]

FILES = [".venv", "main.py", "requirements.txt"]


def request(directory: Path) -> EnvironmentRequest:
    return EnvironmentRequest(directory, backend="uv", dialect="raw")


def make_own(path: Path) -> None:
    """Make an environment as its user does."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(path)], check=True)
    (path / "mine.txt").write_text("precious")


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def is_kept(directory: Path) -> bool:
    return (directory / ".venv" / "mine.txt").read_text() == "precious"


@pytest.fixture
def killed(make_module: Make) -> Path:
    """A module whose ready environment stood aside when its rebuild was killed."""
    directory = make_module("tinytwo")
    marker = sync_environment(request(directory))
    venv = directory / ".venv"
    venv.rename(directory / ".venv-synapse-old")
    venv.mkdir()
    write_marker(venv / "synapse.json", marker.building())
    return directory


def test_what_a_killed_rebuild_left_is_ready_again_without_a_build(killed: Path) -> None:
    events: list[Event] = []
    before = (killed / ".venv-synapse-old").stat().st_ino
    assert not status_of(request(killed)).is_ready
    marker = sync_environment(request(killed), events.append)
    assert (marker.state, events) == ("ready", [])
    assert (killed / ".venv").stat().st_ino == before
    assert names(killed) == FILES


def test_a_rebuild_is_not_content_with_what_a_killed_one_left(killed: Path) -> None:
    before = (killed / ".venv-synapse-old").stat().st_ino
    assert sync_environment(request(killed), rebuild=True).state == "ready"
    assert (killed / ".venv").stat().st_ino != before
    assert names(killed) == FILES


def test_a_users_environment_made_after_a_kill_is_added_to(killed: Path) -> None:
    shutil.rmtree(killed / ".venv")
    make_own(killed / ".venv")
    assert sync_environment(request(killed)).owned is False
    assert is_kept(killed)
    assert names(killed) == FILES


def test_a_users_link_made_after_a_kill_stays_and_is_followed(killed: Path, tmp_path: Path) -> None:
    shutil.rmtree(killed / ".venv")
    make_own(tmp_path / "theirs")
    (killed / ".venv").symlink_to(tmp_path / "theirs")
    assert sync_environment(request(killed)).owned is False
    assert (killed / ".venv").readlink() == tmp_path / "theirs"
    assert is_kept(killed)


def at_phase(phase: str, action: Callable[[], object]) -> Callable[[Event], None]:
    """Return a sink that does something when a phase begins."""

    def see(event: Event) -> None:
        if event.get("phase") == phase:
            action()

    return see


def interrupted(directory: Path, phase: str, action: Callable[[], object]) -> None:
    """Build while the user does something, which the build must leave alone."""
    with pytest.raises(ModuleEnvironmentError, match="Something else was put at") as caught:
        sync_environment(request(directory), at_phase(phase, action))
    assert caught.value.code == "BUILD_FAILED"


@pytest.mark.parametrize("phase", ["python", "create"])
def test_an_environment_that_a_user_makes_before_ours_stands_there_is_kept(
    make_module: Make, phase: str
) -> None:
    directory = make_module("tinytwo")
    interrupted(directory, phase, lambda: make_own(directory / ".venv"))
    assert is_kept(directory)
    assert names(directory) == FILES
    assert read_marker(directory / ".venv" / "synapse.json") is None
    assert sync_environment(request(directory)).owned is False


def test_one_made_in_the_place_of_ours_before_a_rebuild_is_kept(make_module: Make) -> None:
    directory = make_module("tinytwo")
    sync_environment(request(directory))

    def replace() -> None:
        shutil.rmtree(directory / ".venv")
        make_own(directory / ".venv")

    with pytest.raises(ModuleEnvironmentError, match="Something else was put at"):
        sync_environment(request(directory), at_phase("create", replace), rebuild=True)
    assert is_kept(directory)
    assert names(directory) == FILES


@pytest.mark.parametrize("phase", ["install", "verify"])
def test_one_made_in_the_place_of_ours_during_a_build_is_never_signed_as_ours(
    make_module: Make, phase: str
) -> None:
    directory = make_module("tinytwo")

    def replace() -> None:
        shutil.rmtree(directory / ".venv")
        make_own(directory / ".venv")

    interrupted(directory, phase, replace)
    assert is_kept(directory)
    assert read_marker(directory / ".venv" / "synapse.json") is None
    assert sync_environment(request(directory)).owned is False


def test_nothing_is_uninstalled_from_one_that_was_put_in_the_place_of_ours(
    make_module: Make, require: Callable[..., None]
) -> None:
    directory = make_module("tinyone")
    sync_environment(request(directory))
    require(directory, "tinytwo")

    def replace() -> None:
        shutil.rmtree(directory / ".venv")
        make_own(directory / ".venv")
        (directory / ".venv" / "synapse").mkdir()

    interrupted(directory, "resolve", replace)
    assert is_kept(directory)
    assert read_marker(directory / ".venv" / "synapse.json") is None


def test_what_is_moved_is_looked_at_again(
    make_module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module("tinytwo")
    sync_environment(request(directory))
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        """Put the user's there at the last instant."""
        if self == directory / ".venv" and target.name == ".venv-synapse-old":
            shutil.rmtree(self)
            make_own(self)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(ModuleEnvironmentError, match="Something else was put at"):
        EnvironmentFolder(directory, directory).discard()
    assert is_kept(directory)


def test_cleaning_leaves_what_is_not_ours_any_more(
    make_module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = make_module("tinytwo")
    sync_environment(request(directory))
    discard = EnvironmentFolder.discard

    def late(self: EnvironmentFolder) -> None:
        shutil.rmtree(self.venv.root)
        make_own(self.venv.root)
        discard(self)

    monkeypatch.setattr(EnvironmentFolder, "discard", late)
    with pytest.raises(ModuleEnvironmentError, match="Something else was put at"):
        clean_module(directory)
    assert is_kept(directory)
