"""With uv, what is known by its hashes is installed from its cache, without asking an index; nothing else is."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, sync_environment

from ..index_server import index_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from synapse_worker.env import Event

    from ..index_server import IndexServer


@pytest.fixture
def index(bare_settings: pytest.MonkeyPatch, wheels: Path) -> Iterator[IndexServer]:
    """The one index that uv knows; its cache is empty."""
    with index_server(wheels) as server:
        bare_settings.setenv("UV_DEFAULT_INDEX", server.url)
        yield server


def hashed(wheels: Path) -> str:
    (wheel,) = wheels.glob("tinytwo-1.5-*.whl")
    return f"tinytwo==1.5 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def build(directory: Path, requirements: str) -> list[Event]:
    directory.mkdir()
    (directory / "main.py").write_text("")
    (directory / "requirements.txt").write_text(requirements)
    events: list[Event] = []
    sync_environment(EnvironmentRequest(directory, backend="uv", dialect="raw"), events.append)
    assert (next(directory.glob(".venv/lib/*/site-packages/tinytwo.py"))).is_file()
    return events


def said(events: list[Event]) -> list[object]:
    return [event["line"] for event in events if event["event"] == "log"]


def test_a_second_build_of_a_lock_asks_the_index_nothing(
    index: IndexServer, wheels: Path, tmp_path: Path
) -> None:
    first = build(tmp_path / "first", hashed(wheels))
    assert index.asked("tinytwo-1.5") > 0
    index.requests.clear()
    second = build(tmp_path / "second", hashed(wheels))
    assert index.requests == []
    assert " + tinytwo==1.5" in said(first)
    assert " + tinytwo==1.5" in said(second)


def test_what_is_known_by_its_version_alone_is_asked_of_its_index(
    index: IndexServer, tmp_path: Path
) -> None:
    build(tmp_path / "first", "tinytwo\n")
    index.requests.clear()
    build(tmp_path / "second", "tinytwo\n")
    # By the resolution and by the installation: the cache may have this version from another index.
    assert index.asked("/simple/tinytwo/") == 2


def test_an_attempt_that_failed_is_nobodys_business(
    index: IndexServer, wheels: Path, tmp_path: Path
) -> None:
    events = build(tmp_path / "module", hashed(wheels))
    log = (tmp_path / "module" / ".venv" / "synapse" / "build.log").read_text()
    assert " + tinytwo==1.5" in log
    for text in (log, repr(events)):
        assert "offline" not in text.lower()
        assert "network" not in text.lower()
    assert index.asked("tinytwo-1.5") > 0
