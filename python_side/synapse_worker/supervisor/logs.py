"""What a worker writes to its standard output and error: whole lines, and the last of them kept."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT_LINES = 64
MAX_LINE_CHARS = 64 * 1024


class LogCapture:
    """Reads one descriptor to its end, on a thread of its own."""

    def __init__(self, fd: int, on_line: Callable[[str], None]) -> None:
        self._fd = fd
        self._on_line = on_line
        self._tail: deque[str] = deque(maxlen=KEPT_LINES)
        self._thread = threading.Thread(target=self._read, name="synapse-log", daemon=True)
        self._thread.start()

    def tail(self) -> str:
        """Return the last lines."""
        return "".join(self._tail)

    def keep(self, line: str) -> None:
        """Count `line`, which came another way, among the last lines."""
        self._tail.append(line)

    def join(self, timeout_seconds: float) -> None:
        """Wait for end of file."""
        self._thread.join(timeout_seconds)

    def _read(self) -> None:
        with os.fdopen(self._fd, encoding="utf-8", errors="replace") as text:
            while line := text.readline(MAX_LINE_CHARS):
                self._tail.append(line)
                self._on_line(line)
