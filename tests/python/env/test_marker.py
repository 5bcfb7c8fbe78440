"""The marker file: read strictly, written atomically."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.marker import (
    Codec,
    Input,
    InterpreterIdentity,
    Launch,
    Marker,
    RuntimeIdentity,
    read_marker,
    write_marker,
)

if TYPE_CHECKING:
    from pathlib import Path

MARKER = Marker(
    state="ready",
    owned=True,
    directory="/m",
    runtime=RuntimeIdentity("0.1.0", "ab"),
    inputs=(Input("requirements.txt", 4, "cd"), Input("pyproject.toml", None, None)),
    python_request="3.12",
    interpreter=InterpreterIdentity("/m/.venv/bin/python", "3.12.1", "/usr/bin/python3.12", 5, 6),
    launch=Launch("/m/.venv/bin/python", "/m/launch.py"),
    codec=Codec("msgspec", "0.22.0", private=True),
    backend="uv",
    built_at="2026-01-31T00:00:00+00:00",
    requirements_sha256="ef",
)
JSON = {
    "format": 1,
    "state": "ready",
    "owned": True,
    "directory": "/m",
    "runtime": {"version": "0.1.0", "sha256": "ab"},
    "inputs": [
        {"path": "requirements.txt", "size": 4, "sha256": "cd"},
        {"path": "pyproject.toml", "absent": True},
    ],
    "python_request": "3.12",
    "interpreter": {
        "path": "/m/.venv/bin/python",
        "version": "3.12.1",
        "base": "/usr/bin/python3.12",
        "base_size": 5,
        "base_mtime_ns": 6,
    },
    "launch": {"python": "/m/.venv/bin/python", "script": "/m/launch.py"},
    "codec": {"name": "msgspec", "version": "0.22.0", "private": True},
    "backend": "uv",
    "built_at": "2026-01-31T00:00:00+00:00",
    "requirements_sha256": "ef",
}


def test_the_file_has_the_form_that_node_reads(tmp_path: Path) -> None:
    write_marker(tmp_path / "synapse.json", MARKER)
    assert json.loads((tmp_path / "synapse.json").read_text()) == JSON
    assert read_marker(tmp_path / "synapse.json") == MARKER
    assert [path.name for path in tmp_path.iterdir()] == ["synapse.json"]


def test_a_build_in_progress_has_only_what_is_known(tmp_path: Path) -> None:
    write_marker(tmp_path / "synapse.json", Marker("building", owned=True, directory="/m"))
    marker = read_marker(tmp_path / "synapse.json")
    assert marker == Marker("building", owned=True, directory="/m")
    assert MARKER.building().state == "building"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2}, {"state": "fine"}, {"inputs": [{}]}, {"launch": {"python": "x"}},
        {"codec": "msgspec"}, {"runtime": {"version": "1", "sha256": "a", "extra": 1}},
    ],
)  # fmt: skip
def test_a_marker_of_another_form_counts_as_none(tmp_path: Path, change: dict[str, object]) -> None:
    (tmp_path / "synapse.json").write_text(json.dumps({**JSON, **change}))
    assert read_marker(tmp_path / "synapse.json") is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_rubbish_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "synapse.json").write_bytes(content)
    assert read_marker(tmp_path / "synapse.json") is None
