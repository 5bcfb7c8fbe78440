"""The guard over what waits: how often it looks, and that what it finds late leaves."""

from __future__ import annotations

import queue
import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from synapse_worker.peer.outbox import MAX_BATCH_AGE_NS, Outbox
from synapse_worker.worker import late_flush
from synapse_worker.worker.late_flush import (
    APART_NS,
    LONGEST_PERIOD_SECONDS,
    MAX_WAIT_NS,
    SHORTEST_PERIOD_SECONDS,
    LateFlush,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_SECONDS = 10.0
SECOND_NS = 1_000_000_000


class Watched:
    """A guard whose sleeps last until they are ended here, over an outbox whose writes are seen here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ns = SECOND_NS
        self.written: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._periods: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._woken = threading.Semaphore(0)
        monkeypatch.setattr(late_flush, "sleep", self._sleep)
        # How often the guard has looked at the clock: before it waits to be armed, and after.
        self.looks = 0
        monkeypatch.setattr(late_flush, "perf_counter_ns", self._look)
        monkeypatch.setattr("synapse_worker.peer.outbox.perf_counter_ns", lambda: self.now_ns)
        self.outbox = Outbox(lambda data: self.written.put(bytes(data)))
        self.guard = LateFlush(self.outbox)

    def period(self) -> float:
        """Return how long it sleeps now."""
        return self._periods.get(timeout=DEADLINE_SECONDS)

    def wake(self) -> None:
        """End its sleep."""
        self._woken.release()

    def post(self, frame: bytes) -> None:
        """Have something wait, as while a burst is served."""
        self.outbox.post(frame, self.now_ns)
        self.now_ns += 1
        self.guard.arm()

    def come_to_rest(self) -> None:
        """Have it find nothing, and wait to be armed."""
        deadline = monotonic() + DEADLINE_SECONDS
        while self.guard.armed or self.looks % 2 == 0:
            assert monotonic() < deadline
            self.wake()
            sleep(0.001)
        while self._woken.acquire(blocking=False):
            pass

    def _look(self) -> int:
        self.looks += 1
        return self.now_ns

    def _sleep(self, seconds: float) -> None:
        self._periods.put(seconds)
        self._woken.acquire()


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched(monkeypatch)
    yield watched
    watched.outbox.flush()
    watched.come_to_rest()  # else it would go on by the clock of the next test


def test_it_looks_less_often_while_it_finds_nothing_late(watched: Watched) -> None:
    watched.post(b"a")
    periods = []
    for _ in range(5):
        periods.append(watched.period())
        watched.wake()
    assert periods[0] == SHORTEST_PERIOD_SECONDS
    assert periods == [
        min(2**n * SHORTEST_PERIOD_SECONDS, LONGEST_PERIOD_SECONDS) for n in range(5)
    ]
    assert watched.written.empty()


def test_what_it_finds_late_leaves_and_it_looks_often_again(watched: Watched) -> None:
    watched.post(b"a")
    for _ in range(3):
        watched.period()
        watched.wake()
    assert watched.period() > SHORTEST_PERIOD_SECONDS
    watched.now_ns += max(MAX_WAIT_NS, MAX_BATCH_AGE_NS) + 1
    watched.wake()
    assert watched.written.get(timeout=DEADLINE_SECONDS) == b"a"
    assert watched.period() == SHORTEST_PERIOD_SECONDS


@pytest.mark.parametrize(("pause_ns", "is_apart"), [(APART_NS // 2, False), (2 * APART_NS, True)])
def test_after_a_pause_it_looks_often_again(
    watched: Watched, pause_ns: int, *, is_apart: bool
) -> None:
    watched.post(b"a")
    watched.period()
    watched.wake()
    watched.period()
    watched.outbox.flush()
    watched.come_to_rest()
    watched.now_ns += pause_ns
    watched.post(b"b")
    assert (watched.period() == SHORTEST_PERIOD_SECONDS) is is_apart
