"""Ends what checks that were given up have started: an examination must leave no process behind."""

from __future__ import annotations

import contextlib
import os
import signal

from .process_table import process_table


def own_children() -> frozenset[int]:
    """Return the children of this process: a shell that became us may have left us some of its own."""
    return frozenset(
        process.pid
        for process in process_table().values()
        if process.parent == os.getpid() and not process.is_zombie and process.name != "ps"
    )


def end_children(*, but: frozenset[int]) -> None:
    """Kill the children of this process, but for those that were there before."""
    for pid in own_children() - but:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
