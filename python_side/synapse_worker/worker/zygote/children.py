"""The family of the zygote: its workers, whose ends it reports, and what they leave behind, which it ends.

A worker that has ended stays a zombie until the parent has been told and has answered, so that a pid that
the parent may still signal is never a stranger's. What a worker's own children start in a session of
their own is re-parented to the zygote, their subreaper, when the process between them ends; it goes when
its worker has gone.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from synapse_worker.worker.zygote.forkability import child_processes, parents, stat_fields
from synapse_worker.worker.zygote.origin import origin_of

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from synapse_worker.worker.control import Control

# How long the end of everything may take.
KILL_ALL_SECONDS = 5.0
KILL_ALL_STEP_SECONDS = 0.005
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> bool:
    """Have what the workers' children leave behind become children of this process; return whether they will."""
    try:
        import ctypes

        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False  # they go to init, as they do everywhere else


class Children:
    """The zygote's children."""

    def __init__(self, control: Control) -> None:
        self._control = control
        # Whether what a worker leaves behind is seen here.
        self._adopts = False
        # Pid → the request that it was forked for.
        self._workers: dict[int, int] = {}
        self._reported: set[int] = set()

    def adopt_orphans(self) -> None:
        """Look after what the workers leave behind, where that can be."""
        self._adopts = adopt_orphans()

    def __bool__(self) -> bool:
        """Whether there are workers that have not been reaped."""
        return bool(self._workers)

    def add(self, pid: int, request: int) -> None:
        """Watch a worker."""
        self._workers[pid] = request

    def look(self) -> None:
        """Report workers that have ended, and end what has been left behind."""
        unreported = self._workers.keys() - self._reported
        ends = [(pid, end) for pid in unreported if (end := _end_of(pid)) is not None]
        # After the ends: the children of one that has ended are children of this process by then.
        strays = self._strays()
        for pid, end in ends:
            self._reported.add(pid)
            self._report(pid, end, alone=self._adopts and not strays)
        for pid in strays:
            self._end_stray(pid)

    def reap(self, pid: object) -> None:
        """Let go of a worker whose end the parent has noted."""
        if pid in self._reported:
            assert isinstance(pid, int)
            os.waitpid(pid, 0)
            self._reported.discard(pid)
            del self._workers[pid]

    def kill(self, pid: object) -> None:
        """End a worker that the parent cannot reach."""
        if pid in self._workers:
            assert isinstance(pid, int)
            os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """End every descendant, in whatever session; what cannot be killed is not waited for long."""
        deadline = time.monotonic() + KILL_ALL_SECONDS
        while time.monotonic() < deadline:
            left = _living_descendants()
            for pid in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if not left:
                return
            time.sleep(KILL_ALL_STEP_SECONDS)

    def _strays(self) -> list[int]:
        """Return the children that are no workers and live. Nobody else reaps them, so that none is overlooked."""
        others = (pid for pid in child_processes() if pid not in self._workers)
        return [pid for pid in others if os.waitpid(pid, os.WNOHANG)[0] == 0]

    def _report(self, pid: int, end: os.waitid_result, *, alone: bool) -> None:
        by_itself = end.si_code == os.CLD_EXITED
        self._control.send(
            "exited",
            request=self._workers[pid],
            exit_code=end.si_status if by_itself else None,
            signal=None if by_itself else _signal_name(end.si_status),
            alone=alone,
        )

    def _end_stray(self, pid: int) -> None:
        """Kill an orphan unless the worker that it comes from lives."""
        living = self._workers.keys() - self._reported
        origin = origin_of(pid)
        if origin is None:
            fields = stat_fields(pid)
            group = int(fields[2]) if fields else 0
            # Of one in a group of its own nothing is known: it is spared for as long as it may have a worker.
            origin = group if group in self._workers or not living else None
        if origin is not None and origin not in living:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _end_of(pid: int) -> os.waitid_result | None:
    """Return how a child has ended, which stays a zombie; None while it lives."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"SIG{number}"


def _living_descendants() -> list[int]:
    families: dict[int, list[int]] = {}
    for pid, parent in parents().items():
        families.setdefault(parent, []).append(pid)
    found: list[int] = []
    generation = families.get(os.getpid(), [])
    while generation:
        found += generation
        generation = [child for pid in generation for child in families.get(pid, [])]
    return [pid for pid in found if (stat_fields(pid) or ["Z"])[0] not in "ZX"]
