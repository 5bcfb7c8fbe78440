"""A disk that fills up at a random point of a build: an error that says so, and no harm done.

The disk is a tmpfs of a few megabytes where one may be mounted; elsewhere the size that a file of the
build may have is limited, which fails in the same places. Which instants: `SYNAPSE_DISK_SEED`.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, status_of, sync_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEED = int(os.environ.get("SYNAPSE_DISK_SEED", "6"))
DISK_BYTES = 16 * 1024 * 1024
TRIES = 6
# Of all files, the compiled ones of our package are what a full disk tears.
pytestmark = pytest.mark.usefixtures("whole_package")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def build(
    directory: Path, installation: Path, **options: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-m", "synapse_worker", "env", "sync", str(directory)),
            *("--backend", "uv", "--dialect", "raw"),
        ],
        env={**os.environ, "PYTHONPATH": str(installation)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )


def wanted(directory: Path) -> EnvironmentRequest:
    return EnvironmentRequest(directory, backend="uv", dialect="raw")


def works(directory: Path) -> bool:
    python = directory / ".venv" / "bin" / "python"
    code = "import tinyone, tinytwo, synapse_worker.worker.launch"
    return subprocess.run([python, "-I", "-c", code], check=False).returncode == 0


def test_a_disk_that_fills_up_is_named_and_once_it_has_room_all_is_well(
    small_disk: Path, make_module: Callable[..., Path], installation: Path, tmp_path: Path
) -> None:
    directory = small_disk / "module"
    shutil.copytree(make_module("tinyone<2"), directory)
    sync_environment(wanted(directory))
    needed = DISK_BYTES - shutil.disk_usage(small_disk).free
    instants = random.Random(SEED)
    ballast = small_disk / "ballast"
    failures = 0
    for _ in range(TRIES):
        shutil.rmtree(directory / ".venv")
        room = int(instants.random() * needed)
        with contextlib.suppress(OSError), ballast.open("wb") as file:
            file.write(b"\0" * (shutil.disk_usage(small_disk).free - room))
        done = build(directory, installation)
        ballast.unlink()
        if done.returncode != 0:
            failures += 1
            assert "No space left on device" in done.stderr, done.stderr
            assert "Traceback" not in done.stderr
            assert not status_of(wanted(directory)).is_ready
        names = {path.name for path in directory.iterdir()}
        assert names <= {".venv", "main.py", "requirements.txt"}
        sync_environment(wanted(directory))
        assert works(directory)
    assert failures > TRIES / 2, f"seed {SEED}"


def test_a_limit_on_the_size_of_files_does_no_harm_either(
    make_module: Callable[..., Path], installation: Path
) -> None:
    directory = make_module("tinyone<2")
    for kilobytes in (0, 1, 8, 40):

        def limit(most: int = kilobytes * 1024) -> None:
            # Python gets an error; other tools are killed.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        done = build(directory, installation, preexec_fn=limit)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert not status_of(wanted(directory)).is_ready
    sync_environment(wanted(directory))
    assert works(directory)
    assert {path.name for path in directory.iterdir()} == {".venv", "main.py", "requirements.txt"}
