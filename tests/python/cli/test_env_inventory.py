"""`synapse env list`, `clean` and `rebuild` for people and for programs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

OPTIONS = ("--backend", "uv", "--dialect", "raw")
VERSION = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test's own."""
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.usefixtures("own_cache")
def test_environments_are_listed_rebuilt_and_deleted(synapse: Synapse, tmp_path: Path) -> None:
    module = tmp_path / "pricing"
    module.mkdir()
    (module / "requirements.txt").write_text("")
    assert synapse("env", "list", tmp_path).stdout == "There are no environments.\n"
    synapse("env", "sync", module, *OPTIONS)
    (entry,) = json.loads(synapse("env", "list", tmp_path, "--json").stdout)
    size = entry.pop("size_bytes")
    assert size > 10_000
    assert entry == {
        "path": f"{module}/.venv",
        "kind": "module",
        "owned": True,
        "state": "ready",
        "reasons": [],
        "python": VERSION,
        "modules": [str(module)],
    }
    line = f"ready  {VERSION}  {size / 1e6:.1f} MB  module  {module}/.venv\n"
    assert synapse("env", "list", tmp_path).stdout == line
    done = synapse("env", "rebuild", module, *OPTIONS)
    assert (done.returncode, done.stdout) == (
        0,
        f"Rebuilt: {module}/.venv (Python {VERSION})\n",
    )
    assert "Creating .venv" in done.stderr
    done = synapse("env", "clean", module)
    assert (done.returncode, done.stdout) == (0, f"Deleted {module}/.venv\n")
    assert synapse("env", "clean", module).stdout == "There was nothing to delete.\n"


@pytest.mark.usefixtures("own_cache")
def test_below_a_folder_all_are_deleted_but_the_users_own(synapse: Synapse, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text("")
        synapse("env", "sync", tmp_path / name, *OPTIONS)
    marker = tmp_path / "b" / ".venv" / "synapse.json"
    marker.write_text(marker.read_text().replace('"owned": true', '"owned": false'))
    done = synapse("env", "clean", "--all", tmp_path, "--json")
    assert done.returncode == 1
    # What builds keep for later ones goes as well.
    found = [value for value in json.loads(done.stdout) if value["kind"] != "files"]
    assert [(value["path"], value["deleted"]) for value in found] == [
        (f"{tmp_path}/a/.venv", True),
        (f"{tmp_path}/b/.venv", False),
    ]


def test_cleaning_nothing_in_particular_is_wrong_usage(synapse: Synapse) -> None:
    done = synapse("env", "clean")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--cache or --all" in done.stderr
