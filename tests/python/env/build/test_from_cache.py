"""With uv, what is settled is installed from its cache: an index is asked only for what may have changed."""

from __future__ import annotations

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


def build(directory: Path) -> list[Event]:
    directory.mkdir()
    (directory / "main.py").write_text("")
    (directory / "requirements.txt").write_text("tinyone\n")
    events: list[Event] = []
    sync_environment(EnvironmentRequest(directory, backend="uv", dialect="raw"), events.append)
    assert (next(directory.glob(".venv/lib/*/site-packages/tinyone.py"))).is_file()
    return events


def said(events: list[Event]) -> list[object]:
    return [event["line"] for event in events if event["event"] == "log"]


def test_a_second_build_asks_the_index_nothing_twice(index: IndexServer, tmp_path: Path) -> None:
    first = build(tmp_path / "first")
    assert index.asked("tinyone-2.0") > 0
    index.requests.clear()
    second = build(tmp_path / "second")
    # By the resolution, which looks for newer versions; the installation asks nothing again.
    assert index.asked("/simple/tinyone/") == 1
    assert sorted(index.requests) == sorted(set(index.requests))
    assert " + tinyone==2.0" in said(first)
    assert " + tinyone==2.0" in said(second)


def test_an_attempt_that_failed_is_nobodys_business(index: IndexServer, tmp_path: Path) -> None:
    events = build(tmp_path / "module")
    log = (tmp_path / "module" / ".venv" / "synapse" / "build.log").read_text()
    assert " + tinyone==2.0" in log
    for text in (log, repr(events)):
        assert "offline" not in text.lower()
        assert "network" not in text.lower()
