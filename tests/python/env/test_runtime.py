"""The runtime folder of an npm installation, and what stands in for it."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.runtime import load_runtime

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(runtime_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(runtime_folder, tmp_path / "runtime")


def test_a_folder_is_known_by_its_manifest_and_verified(folder: Path) -> None:
    runtime = load_runtime(folder)
    assert runtime.identity.version == "0.1.0"
    assert hashlib.sha256(runtime.wheel()).hexdigest() == runtime.identity.sha256
    assert runtime.tools is not None
    assert runtime.tools.verified().name == "tools.lock"


def test_the_environment_variable_names_a_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNAPSE_RUNTIME_DIR", str(folder))
    assert load_runtime().pip is not None


@pytest.mark.usefixtures("whole_package")
def test_without_a_folder_the_wheel_comes_from_this_installation() -> None:
    runtime = load_runtime()
    assert runtime.tools is None
    assert runtime.identity == load_runtime().identity
    assert hashlib.sha256(runtime.wheel()).hexdigest() == runtime.identity.sha256


@pytest.mark.parametrize("damage", ["changed", "missing", "no manifest"])
def test_a_damaged_folder_is_refused(folder: Path, damage: str) -> None:
    wheel = folder / "synapse_worker-0.1.0-py3-none-any.whl"
    if damage == "changed":
        wheel.write_bytes(wheel.read_bytes() + b"!")
    elif damage == "missing":
        wheel.unlink()
    else:
        (folder / "manifest.json").write_text("{}")
    with pytest.raises(ModuleEnvironmentError, match="damaged") as caught:
        load_runtime(folder).wheel()
    assert caught.value.code == "BUILD_FAILED"
    assert "Reinstall" in caught.value.hint
