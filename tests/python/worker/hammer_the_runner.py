"""Hammer the runner with real signals; print how many calls were hit and how many were not.

It lasts so many seconds, and on a busy machine until there were so many of each. Run by `test_cancel_races.py` as
`python hammer_the_runner.py SECONDS EACH`, in a process of its own: Python drops what is raised in a callback of a
weak reference or of the collector, a cancel too, and a test session is full of both.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from synapse_worker.worker.interruption import Cancelled, Interruptor

# However busy the machine is.
MOST_SECONDS = 60


def work() -> int:
    return sum(range(30))


def main(seconds: float, each: int) -> tuple[int, int]:
    interruptor = Interruptor()
    current = [0]
    # Whatever the moment at which a signal lands, it names the call of that moment: about to
    # start, running, or just over.
    interruptor.listen(lambda: current[:], lambda call_id: None)
    signal.signal(signal.SIGALRM, signal.getsignal(signal.SIGURG))
    functions = (work, os.getppid, lambda: os.stat("/nowhere at all"))
    expected = (435, os.getppid(), None)
    cancelled = finished = 0
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.00005)
    begun = time.monotonic()
    call_id = 0
    while (passed := time.monotonic() - begun) < MOST_SECONDS:
        if passed > seconds and min(cancelled, finished) >= each:
            break
        call_id += 1
        current[0] = call_id
        which = call_id % len(functions)
        value, failure = interruptor.run(call_id, functions[which], (), {})
        assert interruptor.running == 0
        if type(failure) is Cancelled:
            assert interruptor.was_interrupted
            cancelled += 1
        else:
            assert value == expected[which]
            assert failure is None or type(failure) is FileNotFoundError
            finished += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    return cancelled, finished


if __name__ == "__main__":
    print(*main(float(sys.argv[1]), int(sys.argv[2])))
