"""However many locks a command waits for on its way, for none it waits longer than it was told to."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, sync_environment
from synapse_worker.env.directory_lock import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Far from the half hour that is waited by default.
DEADLINE_S = 60


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that no other test has put anything in."""
    folder = tmp_path / "own-cache"
    folder.mkdir()
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(folder))
    return folder


def refusal(*arguments: str | Path) -> dict[str, str]:
    """Return the error with which a command of `synapse env` ends that is to wait for a moment."""
    command = [sys.executable, "-m", "synapse_worker", "env", *map(str, arguments)]
    done = subprocess.run(
        [*command, "--lock-timeout-ms", "100", "--dialect", "raw", "--json"],
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    error: dict[str, str] = json.loads(done.stdout)["error"]
    return error


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    with locked(folder):
        yield


def assert_gave_up(error: dict[str, str], folder: Path) -> None:
    assert error["code"] == "ENVIRONMENT_LOCKED"
    assert error["message"].startswith(f'"{folder}" has been locked for 0.1 s by process ')


def test_for_the_module(make_module: Callable[..., Path]) -> None:
    module = make_module()
    for command in ("sync", "rebuild", "lock"):
        with held(module):
            assert_gave_up(refusal(command, module, *["--init"][: command == "lock"]), module)


def test_for_the_tools(make_module: Callable[..., Path], cache: Path) -> None:
    with held(cache / "tools"):
        error = refusal("sync", make_module(), "--backend", "virtualenv")
    assert_gave_up(error, cache / "tools")


def test_for_a_shared_environment(make_module: Callable[..., Path]) -> None:
    module = make_module()
    request = EnvironmentRequest(module, backend="uv", dialect="raw", share=True)
    shared = sync_environment(request).shared
    assert shared is not None
    shutil.rmtree(module / ".venv")
    with held(Path(shared)):
        error = refusal("sync", module, "--share", "--backend", "uv")
    assert_gave_up(error, Path(shared))


def test_for_an_export(make_module: Callable[..., Path], tmp_path: Path) -> None:
    staging = tmp_path / ".wheelhouse-synapse-new"
    with held(staging):
        error = refusal("export", make_module(), "-o", tmp_path / "wheelhouse")
    assert_gave_up(error, staging)
