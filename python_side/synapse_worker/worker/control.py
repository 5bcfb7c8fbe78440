"""The control socket: JSON lines of at most 64 KiB, events up and answers down.

It carries what must not wait behind data: the offer of pipes, readiness, signs of life, crashes, the
exit account, and, where the data channel is a socket, the ids of cancelled calls.
"""

from __future__ import annotations

import os
import select
from _thread import allocate_lock

from synapse_worker.plain_json import dumps, loads

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LINE_BYTES = 62 * 1024
# A traceback keeps its end, where the raising line is.
KEPT_TRACEBACK_CHARS = 6 * 1024
KEPT_MESSAGE_CHARS = 2 * 1024


class Control:
    """The worker's end of the control socket, or of the two pipes in its place."""

    def __init__(self, fd: int, output_fd: int | None = None) -> None:
        self.fd = fd
        self.output_fd = fd if output_fd is None else output_fd
        self._unparsed = bytearray()
        self._lines: list[bytes] = []
        self._one_sends = allocate_lock()

    def send(self, event: str, **fields: object) -> None:
        """Send one event; from any thread and any signal handler.

        A parent that is gone is not an error here: the life socket acts.

        Raises:
            ValueError: a field has a part that JSON cannot say, and not in the details of an error.
        """
        try:
            line = _line({"event": event, **fields})
        except ValueError:
            line = b""
        if not line or len(line) > MAX_LINE_BYTES:
            line = _line({"event": event, **{name: _shortened(v) for name, v in fields.items()}})
        self._lines.append(line)
        # Whoever comes while a line is being written, a signal handler perhaps, leaves its own to this loop.
        while self._lines and self._one_sends.acquire(False):  # do not wait
            try:
                if self._lines:
                    self._write(self._lines.pop(0))
            finally:
                self._one_sends.release()

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
        cancels = (message.get("cancel") for message in self.take_messages()[0])
        return [cancelled for cancelled in cancels if isinstance(cancelled, int)]

    def take_messages(self) -> tuple[list[dict[str, object]], bool]:
        """Return the lines that have arrived on this non-blocking end, and whether none will follow."""
        while chunk := self._read():
            pass
        messages = []
        while b"\n" in self._unparsed:
            messages.append(self._take_line())
        return messages, chunk is not None

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        try:
            while view:
                # The socket is non-blocking where a signal handler reads it.
                select.select([], [self.output_fd], [])
                view = view[os.write(self.output_fd, view) :]
        except (BrokenPipeError, ConnectionResetError):
            return

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
        try:
            message = loads(line)
        except ValueError:  # also what is no UTF-8: nothing a parent of ours says
            return {}
        return message if isinstance(message, dict) else {}


def _line(message: Mapping[str, object]) -> bytes:
    # ensure_ascii also carries lone surrogates (undecodable file names) unharmed.
    return dumps(message, default=repr, allow_nan=False).encode("ascii") + b"\n"


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
