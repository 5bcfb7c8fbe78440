"""Start real worker processes from source text, and see to it that none outlives its test."""

from __future__ import annotations

import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.supervisor import LaunchSpec, WorkerHandle, open_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START_TIMEOUT_MS = 20_000


class Logs:
    """Lines a worker printed or logged, by source; tests wait for them, bounded."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str]] = []
        self._changed = threading.Condition()

    def __call__(self, source: str, line: str) -> None:
        with self._changed:
            self._lines.append((source, line))
            self._changed.notify_all()

    def of(self, source: str) -> list[str]:
        with self._changed:
            return [line for where, line in self._lines if where == source]

    def wait_for(self, source: str, part: str) -> str:
        found: list[str] = []

        def look() -> bool:
            found.extend(line for where, line in self._lines if where == source and part in line)
            return bool(found)

        with self._changed:
            assert self._changed.wait_for(look, timeout=10), f"{part!r} not in {self._lines!r}"
        return found[0]


class Started:
    """A worker and its logs."""

    def __init__(self, worker: WorkerHandle, logs: Logs) -> None:
        self.worker = worker
        self.logs = logs

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.worker.events if event.get("event") == kind]

    def next_event(self, kind: str) -> dict[str, Any]:
        """Wait for the first event of a kind: the control channel may be behind the data."""
        deadline = time.monotonic() + 10
        while not (told := self.events(kind)):
            assert time.monotonic() < deadline, f"The worker never told of {kind!r}."
            time.sleep(0.005)
        return told[0]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Return a function that starts a worker on a main.py of the given text."""
    started: list[WorkerHandle] = []

    def start_worker(source: str, *, entrypoint: str = "main.py", **spec: Any) -> Started:
        path = tmp_path / entrypoint
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        logs = Logs()
        launch = LaunchSpec(sys.executable, str(tmp_path), entrypoint, **spec)
        worker = open_worker(launch, on_log=logs, start_timeout_ms=START_TIMEOUT_MS)
        started.append(worker)
        return Started(worker, logs)

    yield start_worker
    for worker in started:
        worker.kill()
