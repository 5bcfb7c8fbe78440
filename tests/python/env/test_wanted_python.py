"""An environment follows what the module says of its Python: requires-python, .python-version."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import (
    EnvironmentRequest,
    Marker,
    ModuleEnvironmentError,
    status_of,
    sync_environment,
)
from synapse_worker.env.discovery import interpreters
from synapse_worker.env.discovery.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNNING = ".".join(map(str, sys.version_info[:2]))


@pytest.fixture
def module(
    make_module: Callable[..., Path],
    runtime_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A module that has been built, on a machine with one Python."""
    monkeypatch.setenv("SYNAPSE_RUNTIME_DIR", str(runtime_folder))
    lonely = Machine(variables={"PATH": "", "HOME": "/nowhere"})
    monkeypatch.setattr(interpreters, "Machine", lambda: lonely)
    directory = make_module()
    sync(directory)
    return directory


def sync(directory: Path) -> Marker:
    return sync_environment(EnvironmentRequest(directory))


def refusal(directory: Path) -> ModuleEnvironmentError:
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync(directory)
    return caught.value


def test_a_range_that_allows_the_python_changes_nothing_but_the_marker(module: Path) -> None:
    (module / "pyproject.toml").write_text(f'[project]\nrequires-python = ">={RUNNING}"\n')
    assert status_of(EnvironmentRequest(module)).aspects == {"inputs"}
    python = module / ".venv" / "bin" / "python"
    before = python.lstat().st_ino
    sync(module)
    assert python.lstat().st_ino == before
    assert status_of(EnvironmentRequest(module)).is_ready


def test_a_range_that_forbids_the_python_asks_for_another_one(module: Path) -> None:
    (module / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.77"\n')
    found = refusal(module)
    assert (found.code, "3.77" in found.message) == ("PYTHON_NOT_FOUND", True)
    assert "requires-python is >=3.77" in found.lines[0]


def test_a_python_version_file_is_followed(module: Path) -> None:
    (module / ".python-version").write_text(f"{RUNNING}\n")
    sync(module)
    assert status_of(EnvironmentRequest(module)).is_ready
    (module / ".python-version").write_text("3.77\n")
    assert status_of(EnvironmentRequest(module)).aspects == {"inputs"}
    found = refusal(module)
    assert found.code == "PYTHON_NOT_FOUND"
    assert str(module / ".python-version") in found.message


def test_the_users_own_environment_is_refused_and_kept(module: Path) -> None:
    (module / ".venv" / "synapse.json").unlink()  # without its marker it is the user's own
    (module / ".python-version").write_text("3.77\n")
    found = refusal(module)
    assert (found.code, "not 3.77" in found.message) == ("PYTHON_UNSUPPORTED", True)
    assert (module / ".venv" / "bin" / "python").exists()
