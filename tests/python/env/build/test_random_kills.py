"""Builds killed with SIGKILL at random instants: the next one always gives a good environment.

The instants come from a seed, which a failure names: `SYNAPSE_KILL_SEED=…` brings it back. Half of them
are counted in events (where something begins), half in time (in the middle of things).
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, status_of, sync_environment
from synapse_worker.env.lock_holder import lock_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SEED = int(os.environ.get("SYNAPSE_KILL_SEED", "20261121"))
# Builds that run beside each other: as many as the machines of our CI have processors.
LANES = 2
LEFT = {"main.py", "requirements.txt", ".venv"}


@contextlib.contextmanager
def open_lock(directory: Path) -> Iterator[int]:
    """Yield a descriptor of the folder that builds lock."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class Lane:
    """One module, built and killed over and over."""

    def __init__(self, directory: Path, backend: str, runtime: Path, installation: Path) -> None:
        self._directory = directory
        self._installation = installation
        self._options = ["--backend", backend, "--dialect", "raw", "--runtime", str(runtime)]
        self._wanted = EnvironmentRequest(
            directory, backend=backend, dialect="raw", runtime_folder=runtime  # type: ignore[arg-type]
        )  # fmt: skip
        self.killed_at: list[str] = []

    def measure(self) -> tuple[int, float]:
        """Say how many events an undisturbed build has, and how long it takes once the tools are there."""
        sync_environment(self._wanted)
        self._spoil()
        start = time.monotonic()
        with self._builder() as process:
            assert process.stdout is not None
            events = sum(1 for _line in process.stdout)
        return events, time.monotonic() - start

    def kill_after_events(self, events: int) -> None:
        """Kill a build right after so many of its events."""
        self._spoil()
        with self._builder() as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(events)]
            process.kill()
        self._survive(lines)

    def kill_after_seconds(self, seconds: float) -> None:
        """Kill a build after a while, whatever it is doing."""
        self._spoil()
        with self._builder() as process:
            assert process.stdout is not None
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            lines = list(process.stdout)
            timer.cancel()
        self._survive(lines)

    def is_being_built(self) -> bool:
        """Say whether a process of any build is left: it would hold the module's lock."""
        with open_lock(self._directory) as descriptor:
            return lock_holder(descriptor) is not None

    def _builder(self) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "synapse_worker", "env", "sync", str(self._directory)]
        return subprocess.Popen(
            [*command, "--events", *self._options],
            env={**os.environ, "PYTHONPATH": str(self._installation)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def _spoil(self) -> None:
        """Leave what a killed build left, or make a ready environment one that must be remade."""
        marker = self._directory / ".venv" / "synapse.json"
        with contextlib.suppress(FileNotFoundError):
            marker.write_text(marker.read_text().replace('"ready"', '"building"'))

    def _survive(self, lines: list[str]) -> None:
        """Check what the kill left, build again, and check that this is good."""
        finished = any('"event": "ready"' in line for line in lines)
        if not finished:
            self.killed_at.append(lines[-1].strip() if lines else "nothing said")
        if status_of(self._wanted).is_ready:
            # Only the event that says so may be missing.
            assert finished or '"verify"' in "".join(lines)
            self._check_imports()
        sync_environment(self._wanted)
        self._check_imports()
        assert {path.name for path in self._directory.iterdir()} == LEFT
        private = {path.name for path in (self._directory / ".venv" / "synapse").iterdir()}
        assert private <= {"build.log", "requirements.lock", "codec"}
        assert not (self._directory / ".venv" / "synapse.json.new").exists()

    def _check_imports(self) -> None:
        code = (
            "import tinyone, tinytwo, synapse_worker.worker.launch\n"
            "assert (tinyone.VERSION, tinytwo.VERSION) == ('1.0', '1.5')"
        )
        python = self._directory / ".venv" / "bin" / "python"
        subprocess.run([python, "-I", "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("backend", "kills"),
    [
        ("uv", 50),
        pytest.param("virtualenv", 8, marks=[pytest.mark.slow, pytest.mark.network]),
    ],
)
def test_a_build_killed_at_a_random_instant_does_no_harm(
    make_module: Callable[..., Path],
    runtime_folder: Path,
    installation: Path,
    backend: str,
    kills: int,
) -> None:
    lanes = [
        Lane(make_module("tinyone<2", name=name), backend, runtime_folder, installation)
        for name in ("first", "second")[:LANES]
    ]
    instants = random.Random(SEED)
    plan = [(number % 2 == 0, instants.random()) for number in range(kills)]

    def run(lane: Lane, share: list[tuple[bool, float]]) -> None:
        events, seconds = lane.measure()
        for by_event, fraction in share:
            if by_event:
                lane.kill_after_events(1 + int(fraction * (events - 1)))
            else:
                lane.kill_after_seconds(fraction * seconds)

    with ThreadPoolExecutor(LANES) as pool:
        for done in [
            pool.submit(run, lane, plan[number::LANES]) for number, lane in enumerate(lanes)
        ]:
            done.result()
    # The last builds had the lock, so whatever the killed ones started has gone.
    assert [lane for lane in lanes if lane.is_being_built()] == []
    killed = [where for lane in lanes for where in lane.killed_at]
    # Most of the builds were really in the middle of something, and not always of the same thing.
    assert len(killed) > kills / 2, f"seed {SEED}"
    assert len(set(killed)) > min(kills / 10, 4), f"seed {SEED}"
