"""A uv.lock is installed as it stands, by either backend, as long as there is a uv to read it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, ModuleEnvironmentError, sync_environment
from synapse_worker.env.backends import uv_lock
from synapse_worker.env.backends.uv import find_uv

from ..conftest import write_wheel
from ..index_server import index_server

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "module"
version = "1"
requires-python = ">=3.10"
dependencies = ["tinytwo>=1"]
[dependency-groups]
dev = ["devonly"]
ml = ["tinyone<2"]
[tool.synapse]
groups = ["ml"]
[tool.uv]
package = false
"""


def test_it_is_installed_with_the_groups_that_are_chosen(
    tmp_path: Path, wheels: Path, bare_settings: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "module"
    directory.mkdir()
    store = write_wheel(tmp_path / "store", "devonly", "1.0").parent
    shutil.copytree(wheels, store, dirs_exist_ok=True)
    (directory / "pyproject.toml").write_text(PROJECT)
    with index_server(store) as index:
        bare_settings.setenv("UV_DEFAULT_INDEX", index.url)
        uv = find_uv()
        assert uv is not None
        subprocess.run([uv, "lock", "--quiet"], cwd=directory, check=True)
        sync_environment(EnvironmentRequest(directory, backend="uv", dialect="raw"))
    packages = (directory / ".venv").glob("lib/python*/site-packages/*.dist-info")
    assert {path.name.removesuffix(".dist-info") for path in packages} == {
        *("tinyone-1.0", "tinytwo-1.5", "synapse_worker-0.1.0"),
    }
    log = (directory / ".venv" / "synapse" / "build.log").read_text()
    assert "--require-hashes" in log


def test_without_uv_the_error_says_who_can_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    monkeypatch.setattr(uv_lock, "find_uv", lambda: None)
    with pytest.raises(ModuleEnvironmentError, match=r"uv\.lock needs uv"):
        sync_environment(EnvironmentRequest(tmp_path, backend="virtualenv", dialect="raw"))


def test_a_damaged_one_is_the_modules_fault(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "uv.lock").write_text("version = what\n")
    with pytest.raises(ModuleEnvironmentError) as caught:
        sync_environment(EnvironmentRequest(tmp_path, backend="uv", dialect="raw"))
    assert caught.value.code == "REQUIREMENTS_INVALID"
    assert "uv lock" in caught.value.hint
    assert caught.value.lines
