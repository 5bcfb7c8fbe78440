"""How a bundle comes to its place: nothing that stands there is lost, whoever comes first and whatever fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_worker.bundle.manifest import Manifest
from synapse_worker.bundle.staging import publish, staged
from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.discovery.platform import Platform


def write_bundle(folder: Path, name: str) -> None:
    """Make a folder a bundle with one file, which says whose it is."""
    folder.mkdir(exist_ok=True)
    platform = Platform("cpython", "3.11", "cpython-311", "linux", "x86_64", None)
    Manifest(name, "main.py", {}, platform, {}, {}, {}).write(folder)
    (folder / "whose.txt").write_text(name)


def whose(folder: Path) -> str:
    """Return whose bundle stands there."""
    return (folder / "whose.txt").read_text()


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out"


def test_of_two_at_once_the_first_wins_and_the_second_is_refused(output: Path) -> None:
    with staged(output) as (first, _), staged(output) as (second, _):
        write_bundle(first, "first")
        write_bundle(second, "second")
        publish(first, output, replace=False)
        with pytest.raises(ModuleEnvironmentError, match="is there already; nothing was written"):
            publish(second, output, replace=False)
    assert whose(output) == "first"
    assert [path.name for path in output.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_a_link_that_came_meanwhile_stays(output: Path, kind: str) -> None:
    with staged(output) as (staging, _):
        write_bundle(staging, "ours")
        if kind == "file":
            output.write_text("")
        else:
            output.symlink_to(output.parent)
        with pytest.raises(ModuleEnvironmentError, match="is there already; nothing was written"):
            publish(staging, output, replace=False)
    assert output.is_file() is (kind == "file")
    assert output.is_symlink() is (kind == "link")


def test_what_came_meanwhile_and_is_no_bundle_is_not_replaced(output: Path) -> None:
    with staged(output) as (staging, _):
        write_bundle(staging, "ours")
        output.mkdir()
        (output / "thesis.txt").write_text("three years of work")
        with pytest.raises(ModuleEnvironmentError, match="is not a bundle"):
            publish(staging, output, replace=True)
    assert (output / "thesis.txt").exists()


def test_the_old_bundle_stands_where_the_new_one_cannot_come(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(output, "old")
    with staged(output) as (staging, _):
        write_bundle(staging, "new")
        refuse_rename(staging, monkeypatch, OSError(28, "No space left on device"))
        with pytest.raises(ModuleEnvironmentError, match="No space left on device"):
            publish(staging, output, replace=True)
    assert whose(output) == "old"
    assert [path.name for path in output.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("has_new", [True, False], ids=["killed", "interrupted"])
def test_the_next_run_brings_back_what_another_had_set_aside(output: Path, has_new: bool) -> None:
    killed = output.with_name(".out.synapse-bundle-abcd1234")
    if has_new:
        write_bundle(killed, "new")
    write_bundle(killed.with_name(f"{killed.name}-old"), "old")
    with staged(output):
        assert whose(output) == "old"
    assert [path.name for path in output.parent.iterdir()] == ["out"]


def test_what_somebody_is_replacing_is_left_to_him(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(output, "old")
    with staged(output) as (staging, _):
        write_bundle(staging, "new")
        rename = Path.rename

        def interrupted(path: Path, target: Path) -> Path:
            if path == staging:
                with staged(output):
                    assert not output.exists()
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", interrupted)
        publish(staging, output, replace=True)
    assert whose(output) == "new"
    assert [path.name for path in output.parent.iterdir()] == ["out"]


def refuse_rename(folder: Path, monkeypatch: pytest.MonkeyPatch, problem: OSError) -> None:
    """Have the renaming of one folder fail."""
    rename = Path.rename

    def refused(path: Path, target: Path) -> Path:
        if path == folder:
            raise problem
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)


def test_a_place_that_cannot_be_written_is_answered_with_another(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(ModuleEnvironmentError, match="Cannot write") as failed,
        staged(tmp_path / "file/out"),
    ):
        pass
    assert failed.value.code == "ENVIRONMENT_UNWRITABLE"
    assert failed.value.hint.endswith("or name another folder with -o.")
