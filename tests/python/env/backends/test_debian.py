"""Debian's python3: no ensurepip, no pip, no venv package. Environments are built all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = "/usr/bin/python3"
# A private mount namespace in which ensurepip is an empty folder, as on a fresh Debian.
WITHOUT_ENSUREPIP = f'mount -t tmpfs none "$({PYTHON} -c \'import ensurepip as e; print(e.__path__[0])\')" && exec "$@"'


def namespaces_work() -> bool:
    if shutil.which("unshare") is None or not Path(PYTHON).exists():
        return False
    command = ["unshare", "-m", "sh", "-c", WITHOUT_ENSUREPIP, "sh", PYTHON, "-c", "import venv"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.skipif(not namespaces_work(), reason="needs Linux, /usr/bin/python3 and unshare -m")
@pytest.mark.parametrize("backend", ["virtualenv", "uv"])
def test_an_environment_is_built_without_ensurepip(
    make_module: Callable[..., Path],
    installation: Path,
    runtime_folder: Path,
    tmp_path: Path,
    backend: str,
) -> None:
    directory = make_module("tinyone<2")
    command = [
        *["unshare", "-m", "sh", "-c", WITHOUT_ENSUREPIP, "sh", PYTHON, "-m", "synapse_worker"],
        *["env", "sync", str(directory), "--backend", backend, "--dialect", "native"],
        *["--runtime", str(runtime_folder)],
    ]
    from synapse_worker.env.backends.uv import find_uv

    environment = {
        **os.environ,
        "PYTHONPATH": str(installation),
        "SYNAPSE_CACHE_DIR": str(tmp_path / "cache"),
        "SYNAPSE_UV": find_uv() or "",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    python = directory / ".venv" / "bin" / "python"
    subprocess.run([python, "-I", "-c", "import tinyone, synapse_worker"], check=True)
