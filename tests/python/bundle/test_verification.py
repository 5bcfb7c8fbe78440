"""`--verify` says which files of a bundle are not as they were made."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle import verify_bundle
from synapse_worker.env import ModuleEnvironmentError

if TYPE_CHECKING:
    from pathlib import Path


def packages(bundle: Path) -> Path:
    return next((bundle / ".venv" / "lib").glob("python*/site-packages"))


def test_a_copy_is_sound_also_with_links_followed(
    made: Path, arrived: Path, tmp_path: Path
) -> None:
    followed = shutil.copytree(made, tmp_path / "followed")
    for bundle in (made, arrived, followed):
        assert verify_bundle(bundle).problems == {}


def test_every_damage_is_named(arrived: Path) -> None:
    place = packages(arrived)
    name = place.relative_to(arrived).as_posix()
    source = place / "tinyone.py"
    source.write_bytes(source.read_bytes().replace(b"2.0", b"6.6"))
    (place / "tinytwo.py").write_text("cut off")
    (place / "evil.pth").write_text("import os\n")
    (place / "x__pycache__.pth").write_text("import os\n")
    (place / "__pycache__" / "tinyone.cpython-399.pyc").write_text("")
    (arrived / "helper.py").unlink()
    (arrived / "words").unlink()
    (arrived / "words").symlink_to("main.py")
    found = verify_bundle(arrived)
    assert found.is_sound is False
    assert found.problems == {
        f"{name}/__pycache__/tinyone.cpython-399.pyc": "does not belong to the bundle",
        f"{name}/evil.pth": "does not belong to the bundle",
        f"{name}/x__pycache__.pth": "does not belong to the bundle",
        f"{name}/tinyone.py": "has other content",
        f"{name}/tinytwo.py": "has 7 bytes instead of 32",
        "helper.py": "is missing",
        "words": "leads to main.py instead of data/words.txt",
    }


def test_what_a_module_writes_beside_itself_is_no_damage(arrived: Path) -> None:
    (arrived / "state.sqlite").write_text("")
    (arrived / "__pycache__" / "x.cpython-399.pyc").write_text("")
    found = verify_bundle(arrived)
    assert found.is_sound
    assert found.added == ("state.sqlite",)


def test_a_lost_environment_is_named(arrived: Path) -> None:
    shutil.rmtree(arrived / ".venv")
    problems = verify_bundle(arrived).problems
    assert problems[".venv/synapse.json"] == "is missing or damaged"
    assert {why for path, why in problems.items() if path.endswith(".py")} == {"is missing"}


def test_a_folder_without_a_list_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(ModuleEnvironmentError, match="is not a bundle"):
        verify_bundle(tmp_path)
    (tmp_path / "bundle.json").write_text('{"format": 1, "files"')
    with pytest.raises(ModuleEnvironmentError, match="cannot be read"):
        verify_bundle(tmp_path)
