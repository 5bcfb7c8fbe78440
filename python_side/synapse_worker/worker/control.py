"""The control socket: JSON lines of at most 64 KiB, events up and answers down.

It carries what must not wait behind data: the offer of pipes, readiness, crashes, the exit
account, and, where the data channel is a socket, the ids of cancelled calls.
"""

from __future__ import annotations

import json
import os
import select
from contextlib import suppress

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LINE_BYTES = 62 * 1024
# A traceback keeps its end, where the raising line is.
KEPT_TRACEBACK_CHARS = 6 * 1024
KEPT_MESSAGE_CHARS = 2 * 1024


class Control:
    """The worker's end of the control socket."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._unparsed = bytearray()

    def send(self, event: str, **fields: object) -> None:
        """Send one event. A parent that is gone is not an error here: the life socket acts."""
        line = _line({"event": event, **fields})
        if len(line) > MAX_LINE_BYTES:
            line = _line({"event": event, **{name: _shortened(v) for name, v in fields.items()}})
        view = memoryview(line)
        with suppress(BrokenPipeError, ConnectionResetError):
            while view:
                # The socket is non-blocking where a signal handler reads it.
                select.select([], [self.fd], [])
                view = view[os.write(self.fd, view) :]

    def receive(self) -> dict[str, object] | None:
        """Wait for one line; None when the parent has closed its end."""
        while b"\n" not in self._unparsed:
            chunk = self._read()
            if chunk is None:
                select.select([self.fd], [], [])
            elif not chunk:
                return None
        return self._take_line()

    def take_cancels(self) -> list[int]:
        """Return the ids of `{"cancel": id}` lines that have arrived, without waiting."""
        while self._read():
            pass
        ids: list[int] = []
        while b"\n" in self._unparsed:
            cancelled = self._take_line().get("cancel")
            if isinstance(cancelled, int):
                ids.append(cancelled)
        return ids

    def _read(self) -> bytes | None:
        """Read what is there: None when it would block, empty at end of file."""
        try:
            chunk = os.read(self.fd, MAX_LINE_BYTES)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            return b""
        self._unparsed += chunk
        return chunk

    def _take_line(self) -> dict[str, object]:
        line, _, rest = bytes(self._unparsed).partition(b"\n")
        self._unparsed[:] = rest
        message = json.loads(line)
        return message if isinstance(message, dict) else {}


def _line(message: Mapping[str, object]) -> bytes:
    # ensure_ascii also carries lone surrogates (undecodable file names) unharmed.
    return json.dumps(message, default=repr).encode("ascii") + b"\n"


def _shortened(value: object) -> object:
    """Cut an error map to a size that fits a line: no details, no causes, ends of texts."""
    if isinstance(value, str):
        return value[:KEPT_MESSAGE_CHARS]
    if not isinstance(value, dict):
        return value
    kept: dict[str, object] = {name: _shortened(item) for name, item in value.items()}
    kept.update(details=None, cause=None, notes=[])
    traceback = value.get("traceback")
    if isinstance(traceback, str):
        kept["traceback"] = traceback[-KEPT_TRACEBACK_CHARS:]
    return kept
