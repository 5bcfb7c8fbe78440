"""Nothing waits for long behind slow user code: a guard over what was held back to leave together.

While a burst is being served, a finished reply may wait for the next one, and an item of a stream
for the next item. Should that next one turn out to be slow, the main thread is busy and cannot
flush; this thread does it instead. It is started by the first burst, looks after two milliseconds
while something waits, and sleeps else. To look it takes the interpreter away from the main thread, some
400 µs of processor time: while bursts follow one another and nothing is found late, it looks less often.
"""

from __future__ import annotations

from time import perf_counter_ns, sleep
from typing import TYPE_CHECKING, Final

from synapse_worker.worker.plain_signal import signal

if TYPE_CHECKING:
    import threading

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.item_batch import ItemBatch

SHORTEST_PERIOD_SECONDS: Final = 0.002
LONGEST_PERIOD_SECONDS: Final = 0.008
# Bursts that are further apart do not follow one another.
APART_NS: Final = 20_000_000
# Healthy batches leave within 200 µs.
MAX_WAIT_NS: Final = 1_000_000


class LateFlush:
    """Sends the replies and the items that the main thread left waiting."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        # One generator runs at a time, so only one batch can be waiting.
        self._items: ItemBatch | None = None
        self._wanted: threading.Event | None = None
        # Whether it watches already.
        self.armed = False

    def watch(self, items: ItemBatch) -> None:
        """Watch the items of the generator that runs now, until nothing is found waiting."""
        self._items = items
        self.arm()

    def arm(self) -> None:
        """Watch until nothing is found waiting."""
        if self.armed:
            return
        self.armed = True
        if self._wanted is None:
            self._wanted = self._start()
        self._wanted.set()

    def _start(self) -> threading.Event:
        import threading

        wanted = threading.Event()
        threading.Thread(
            target=self._watch, args=(wanted,), name="synapse-late-flush", daemon=True
        ).start()
        return wanted

    def _watch(self, wanted: threading.Event) -> None:
        # The main thread must get these: it is the one that a signal should wake.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG, signal.SIGTERM, signal.SIGINT})
        period = SHORTEST_PERIOD_SECONDS
        while True:
            idle_since_ns = perf_counter_ns()
            wanted.wait()
            if perf_counter_ns() - idle_since_ns > APART_NS:
                period = SHORTEST_PERIOD_SECONDS
            sleep(period)
            items = self._items
            if items is not None and items.age_ns() > MAX_WAIT_NS:
                period = SHORTEST_PERIOD_SECONDS
                items.send()
                self._outbox.flush()
                continue
            if self._outbox.age_ns() > MAX_WAIT_NS:
                period = SHORTEST_PERIOD_SECONDS
                self._outbox.flush()
                continue
            period = min(2 * period, LONGEST_PERIOD_SECONDS)
            if not self._anything_waits():
                wanted.clear()
                self.armed = False
                # What began to wait in between found the guard armed and left it alone.
                if self._anything_waits():
                    self.arm()

    def _anything_waits(self) -> bool:
        return self._outbox.age_ns() > 0 or bool(self._items)
