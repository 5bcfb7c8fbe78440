"""The stacks of a worker's threads, asked for by a signal that even a held interpreter answers."""

from __future__ import annotations

import os
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

READ_BYTES = 65_536
# The worker writes line by line and says no end: it has finished when nothing has come for so long.
QUIET_SECONDS = 0.05


class StackPipe:
    """The end of a worker's pipe of stacks, opened from here by its number."""

    def __init__(self, pid: int, number: int) -> None:
        """Open it through /proc.

        Raises:
            OSError: there is no /proc, or the worker has gone.
        """
        self._fd = os.open(f"/proc/{pid}/fd/{number}", os.O_RDONLY | os.O_NONBLOCK)

    def read(self, send_signal: Callable[[int], None], timeout_seconds: float) -> str | None:
        """Return the stacks of all threads as they are now; None if none came in time."""
        self._take(0)  # the late end of an answer that nobody waited for
        send_signal(signal.SIGUSR2)
        text = self._take(timeout_seconds)
        while more := self._take(QUIET_SECONDS):
            text += more
        return text.decode("utf-8", "replace") or None

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._fd)

    def _take(self, timeout_seconds: float) -> bytes:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        return os.read(self._fd, READ_BYTES) if poller.poll(timeout_seconds * 1000) else b""
