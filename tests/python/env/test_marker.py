"""The marker file: read strictly, written atomically."""

from __future__ import annotations

import copy
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.expectation import Expectation
from synapse_worker.env.inventory import module_environment
from synapse_worker.env.marker import (
    Codec,
    InterpreterIdentity,
    Launch,
    Marker,
    RuntimeIdentity,
    read_marker,
    write_marker,
)
from synapse_worker.env.sources.inputs import Input
from synapse_worker.env.status import environment_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
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


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a marker, from the outside to the inside."""
    yield path
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, (dict, list)):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
    for name, part in inside:
        yield from places(part, (*path, name))


ODD = [None, 5, -1, "x", "", "a\0b", [], {}, [1], {"a": 1}, True, 1e400, "../../etc", "\ud800"]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_whatever_stands_where_in_a_marker_it_is_judged_or_counts_as_none(
    tmp_path: Path, odd: object
) -> None:
    path = tmp_path / ".venv" / "synapse.json"
    path.parent.mkdir()
    for place in places(JSON):
        marker: Any = {"": copy.deepcopy(JSON)}
        outer = marker
        *before, last = ("", *place)
        for name in before:
            outer = outer[name]
        outer[last] = odd
        path.write_text(json.dumps(marker[""]))
        expected = Expectation(tmp_path, RuntimeIdentity("0.1.0", "ab"), "3.12", "native")
        assert not environment_status(expected).is_ready
        assert module_environment(tmp_path) is None or read_marker(path) is not None


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("interpreter", {**JSON["interpreter"], "base": "a\0b"}),  # type: ignore[dict-item]
        ("interpreter", {**JSON["interpreter"], "version": "three"}),  # type: ignore[dict-item]
        ("launch", {"python": "\ud800", "script": "x"}),
        ("inputs", [{"path": 5, "absent": True}]),
        ("inputs", {}),
        ("state", []),
        ("directory", None),
        ("built_at", 5),
    ],
)
def test_a_field_of_another_kind_makes_it_no_marker(
    tmp_path: Path, place: str, value: object
) -> None:
    (tmp_path / "synapse.json").write_text(json.dumps({**JSON, place: value}))
    assert read_marker(tmp_path / "synapse.json") is None


def test_a_pipe_at_its_place_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "synapse.json"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(read_marker, path)
        try:
            assert found.result(10.0) is None
        finally:
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))  # lets go who waits for a writer


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"1" * 10_000])
def test_rubbish_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "synapse.json").write_bytes(content)
    assert read_marker(tmp_path / "synapse.json") is None


def test_what_only_some_environments_have_stands_in_their_markers_alone(tmp_path: Path) -> None:
    assert MARKER.interpreter is not None
    identity = replace(MARKER.interpreter, loader="/lib64/ld-linux-x86-64.so.2")
    special = replace(MARKER, shared="/c/shared/ab", relocatable=True, interpreter=identity)
    write_marker(tmp_path / "synapse.json", special)
    data = json.loads((tmp_path / "synapse.json").read_text())
    assert (data["shared"], data["relocatable"]) == ("/c/shared/ab", True)
    assert data["interpreter"]["loader"] == "/lib64/ld-linux-x86-64.so.2"
    assert read_marker(tmp_path / "synapse.json") == special


def test_a_carried_marker_gets_the_paths_of_where_it_stands(tmp_path: Path) -> None:
    assert MARKER.interpreter is not None
    carried = replace(
        MARKER,
        relocatable=True,
        interpreter=replace(MARKER.interpreter, path=".venv/bin/python"),
        launch=Launch(".venv/bin/python", ".venv/launch.py"),
    )
    located = carried.located(tmp_path)
    assert located.interpreter is not None
    assert located.interpreter.path == f"{tmp_path}/.venv/bin/python"
    assert located.launch == Launch(f"{tmp_path}/.venv/bin/python", f"{tmp_path}/.venv/launch.py")
    assert MARKER.located(tmp_path) == MARKER


def test_a_marker_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "synapse.json").mkdir()
    with pytest.raises(ModuleEnvironmentError) as caught:
        write_marker(tmp_path / "synapse.json", MARKER)
    assert caught.value.code == "ENVIRONMENT_UNWRITABLE"
    assert [path.name for path in tmp_path.iterdir()] == ["synapse.json"]
