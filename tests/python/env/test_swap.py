"""A finished folder takes the place of an older one, and the older one is never lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_worker.env.swap import recover, swap


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A new folder, an older one in its final place, and where that waits."""
    staging, target, old = (tmp_path / name for name in (".new", "target", ".old"))
    for folder in (staging, target):
        folder.mkdir()
        (folder / "who").write_text(folder.name)
    return staging, target, old


def test_the_new_one_replaces_the_old_one(places: tuple[Path, Path, Path]) -> None:
    staging, target, old = places
    swap(staging, target, old)
    assert (target / "who").read_text() == ".new"
    assert not old.exists()


def test_the_old_one_comes_back_where_the_new_one_cannot_come(
    places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    staging, target, old = places
    rename = Path.rename

    def fail(self: Path, to: Path) -> Path:
        if self == staging:
            raise OSError(28, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="No space left"):
        swap(staging, target, old)
    assert (target / "who").read_text() == "target"
    assert not old.exists()


@pytest.mark.parametrize(
    ("interrupted", "stands"), [("target", "target"), (".new", ".new")], ids=["first", "second"]
)
def test_an_interruption_behind_a_rename_leaves_one_of_them(
    places: tuple[Path, Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    interrupted: str,
    stands: str,
) -> None:
    staging, target, old = places
    rename = Path.rename

    def rename_and_interrupt(self: Path, to: Path) -> Path:
        renamed = rename(self, to)
        if self.name == interrupted:
            raise KeyboardInterrupt
        return renamed

    monkeypatch.setattr(Path, "rename", rename_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        swap(staging, target, old)
    assert (target / "who").read_text() == stands


def test_a_kill_in_between_is_made_good(places: tuple[Path, Path, Path]) -> None:
    _, target, old = places
    target.rename(old)
    recover(target, old)
    assert (target / "who").read_text() == "target"


def test_what_stands_in_its_place_is_not_touched(places: tuple[Path, Path, Path]) -> None:
    staging, target, old = places
    staging.rename(old)
    recover(target, old)
    assert (target / "who").read_text() == "target"
