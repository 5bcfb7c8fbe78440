"""The supervisor's end of the control socket: events from the worker, and the answer to its offer."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.limits import MAX_CONTROL_LINE_BYTES
from synapse_worker.transport.descriptors import DescriptorTransport

if TYPE_CHECKING:
    from collections.abc import Callable


class ControlLink:
    """Reads the worker's events on a thread of its own."""

    def __init__(self, fd: int, on_event: Callable[[dict[str, Any]], None]) -> None:
        self._fd = fd
        self._on_event = on_event
        self._thread = threading.Thread(target=self._read, name="synapse-control", daemon=True)

    def start(self) -> None:
        """Begin to read: once whoever hears the events can answer them through this link."""
        self._thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Send one line.

        Raises:
            OSError: the worker is gone.
        """
        os.write(self._fd, json.dumps(message).encode() + b"\n")

    def join(self, timeout_seconds: float) -> None:
        """Wait until the worker has closed its end and every event was delivered."""
        self._thread.join(timeout_seconds)

    def close(self) -> None:
        """Close our end; only after the worker has gone and `join` has returned."""
        os.close(self._fd)

    def _read(self) -> None:
        with os.fdopen(os.dup(self._fd), "rb", closefd=True) as lines:
            try:
                while line := lines.readline(MAX_CONTROL_LINE_BYTES):
                    self._on_event(json.loads(line))
            except ConnectionResetError:
                return  # the worker died with lines of ours unread


class OfferedPipes:
    """The worker's pipes, opened from here by their numbers."""

    def __init__(self, pid: int, pipes: dict[str, int]) -> None:
        """Open them through /proc.

        Raises:
            OSError: there is no /proc, or the worker has gone.
        """

        def reopened(name: str, flags: int) -> int:
            return os.open(f"/proc/{pid}/fd/{pipes[name]}", flags)

        self.transport = DescriptorTransport(
            reopened("output", os.O_RDONLY), reopened("input", os.O_WRONLY)
        )
        self._cancel_fd = reopened("cancel", os.O_WRONLY)

    def write_cancel(self, call_id: int) -> None:
        """Put an id where the worker's signal handler looks."""
        os.write(self._cancel_fd, call_id.to_bytes(8, "little"))

    def close(self) -> None:
        """Close the cancel pipe."""
        os.close(self._cancel_fd)
