"""A build writes into the module's environment and into the cache, and nowhere else.

Proved by comparing what is there: the module, a whole HOME, the system's folder for temporary files and
the base interpreter's packages, before and after, with both backends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Snapshot = dict[str, tuple[int, int, int]]


def snapshot(*folders: Path, without: tuple[str, ...] = ()) -> Snapshot:
    """Return everything below some folders: kind and mode, size, and when it was written."""
    found: Snapshot = {}
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if any(path.is_relative_to(folder / name) for name in without):
                continue
            status = path.lstat()
            size = 0 if path.is_dir() else status.st_size
            # A folder's time changes when something was made in it and taken away again.
            found[str(path)] = (status.st_mode, size, status.st_mtime_ns)
    return found


@pytest.mark.parametrize(
    "backend",
    ["uv", pytest.param("virtualenv", marks=[pytest.mark.slow, pytest.mark.network])],
)
def test_nothing_else_is_written(
    make_module: Callable[..., Path],
    installation: Path,
    runtime_folder: Path,
    session_cache: Path,
    tmp_path: Path,
    backend: str,
) -> None:
    directory = make_module("tinyone<2")
    home, temporary, work = (tmp_path / name for name in ("home", "temporary", "work"))
    for folder in (home / ".config", home / ".local" / "share", temporary, work):
        folder.mkdir(parents=True)
    (home / ".bashrc").write_text("# mine")
    base = Path(os.path.realpath(sys.executable)).parent.parent
    packages = base / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    # `.venv` is made in the module's folder, so that folder's own time changes.
    watched = [home, temporary, work, runtime_folder, packages]
    before = snapshot(*watched, without=(".cache",))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    environment |= {
        "HOME": str(home),
        "PYTHONPATH": str(installation),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SYNAPSE_CACHE_DIR": str(session_cache),
        # Where Python, and tools with it, put temporary files on a system whose /tmp this is.
        "TEMP": str(temporary),
        "TMP": str(temporary),
        # pip asks `rustc` for its version; where that is rustup's, it makes folders of its own.
        "RUSTUP_HOME": str(tmp_path / "rustup"),
        "CARGO_HOME": str(tmp_path / "cargo"),
    }
    environment.pop("TMPDIR", None)
    for requirements in ("", "tinytwo\n"):
        with (directory / "requirements.txt").open("a", encoding="utf-8") as file:
            file.write(requirements)
        files = snapshot(directory, without=(".venv",))
        subprocess.run(
            [
                *(sys.executable, "-m", "synapse_worker", "env", "sync", str(directory)),
                *("--backend", backend, "--dialect", "raw", "--runtime", str(runtime_folder)),
            ],
            env=environment,
            cwd=work,
            check=True,
            capture_output=True,
        )
        after = snapshot(directory, without=(".venv",))
        for found in (files, after):
            found.pop(str(directory))
        assert after == files
    assert snapshot(*watched, without=(".cache",)) == {
        **before,
        # Of the home itself only `.cache`, which the tools may have made.
        str(home): (*before[str(home)][:2], home.lstat().st_mtime_ns),
    }
    assert {path.name for path in home.iterdir()} <= {".bashrc", ".config", ".local", ".cache"}
