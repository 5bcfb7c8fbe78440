"""The artefacts under test: what `make pack` makes, and a project that installed the tarball."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "js" / "node_modules"
COMMAND_TIMEOUT_S = 300

Run = Callable[..., str]


def run_command(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command to its end and return its stdout; a failure shows all it said."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT_S,
    )
    assert result.returncode == 0, f"{command[0]} failed:\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def run() -> Run:
    return run_command


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the npm tarball and the wheel, as `make pack` leaves them."""
    for made, target in (("js/dist/cjs/index.js", "build"), ("js/python/manifest.json", "runtime")):
        assert (ROOT / made).is_file(), f"{made} is missing: run `make {target}` first"
    folder = tmp_path_factory.mktemp("pack")
    run_command(sys.executable, ROOT / "scripts" / "pack.py", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="session")
def tarball(artefacts: Path) -> Path:
    (path,) = artefacts.glob("synapse-worker-*.tgz")
    return path


@pytest.fixture(scope="session")
def project(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty npm project that installed the tarball and nothing else."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text(json.dumps({"name": "caller", "private": True}))
    install = ("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
    run_command(*install, tarball, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def module(project: Path) -> Path:
    """A native module inside that project, whose environment the first caller builds."""
    folder = project / "pricing"
    folder.mkdir()
    (folder / "requirements.txt").write_text("")
    (folder / "main.py").write_text(
        "from synapse_worker import Module\n\n"
        "app = Module()\n\n\n"
        "@app.method\n"
        "def add(a: int, b: int) -> int:\n"
        "    return a + b\n\n\n"
        "@app.method\n"
        "def count(to: int):\n"
        "    yield from range(to)\n"
    )
    return folder
