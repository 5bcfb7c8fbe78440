"""What a worker prints and logs: whole lines for who listens, and the last of its standard error kept."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

LogListener = Callable[[str, str], None]

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


class WorkerLogs:
    """Hands all that a worker prints ("stdout", "stderr") and logs ("log") to `on_log(source, line)`."""

    def __init__(self, fds: tuple[int, int], on_log: LogListener | None) -> None:
        self._on_log = on_log or (lambda source, line: None)
        self.output = self._capture(fds[0], "stdout")
        self.errors = self._capture(fds[1], "stderr")

    def take_record(self, record: dict[str, Any]) -> None:
        """Take what came as a record, through the worker's own streams and loggers."""
        source, message = record.get("source"), str(record.get("message"))
        if source == "stderr":
            self.errors.keep(message)
        if source in ("stdout", "stderr"):
            self._on_log(source, message)
        else:
            level, logger = record.get("level"), record.get("logger")
            self._on_log("log", f"{level} {logger}: {message}{os.linesep}")

    def take_warning(self, message: object) -> None:
        """Take what the worker itself warns of."""
        self._on_log("log", f"{message}\n")

    def _capture(self, fd: int, source: str) -> LogCapture:
        return LogCapture(fd, lambda line: self._on_log(source, line))
