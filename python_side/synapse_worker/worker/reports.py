"""What running user code says besides its result: progress, log records, and lines it prints."""

from __future__ import annotations

from _thread import RLock
from io import StringIO
from typing import TYPE_CHECKING, Any, Protocol

from synapse_worker.protocol.codec import encode_value
from synapse_worker.protocol.errors import EncodeError, FrameError
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.interruption import Interruptor

LOG = int(Kind.LOG)
PROGRESS = int(Kind.PROGRESS)
# What a record says is cut to this where it cannot travel as it is; longer lines come in pieces.
MAX_LINE_CHARS = 64 * 1024
MAX_EXTRA_BYTES = 4096
PRINTED_LEVELS = {"stdout": "INFO", "stderr": "WARNING"}


class Printing(Protocol):
    """What prints: a call's context."""

    call_id: int
    # What was printed since the last end of a line, by stream.
    unfinished_lines: dict[str, StringIO] | None


class Reports:
    """Writes PROGRESS and LOG messages, from any thread.

    User code may be interrupted by a cancel anywhere, yet a frame half written would end the
    connection: writing is therefore shielded.
    """

    def __init__(self, outbox: Outbox, interruptor: Interruptor, max_frame_bytes: int) -> None:
        self._outbox = outbox
        self._interruptor = interruptor
        self.max_frame_bytes = max_frame_bytes
        # Re-entrant: a destructor or a signal handler of the user's may print while this thread does.
        self._printing = RLock()

    def progress(self, call_id: int, value: Any) -> None:
        """Send a progress value now.

        Raises:
            EncodeError: the value cannot travel.
            FrameError: it is too large.
        """
        frame = encode_message(PROGRESS, call_id, value, 0, self.max_frame_bytes)
        self._interruptor.shielded(self._outbox.send, frame)

    def log(self, call_id: int, record: dict[str, Any]) -> None:
        """Send a log record now; those of its extra fields that cannot travel go as `repr`."""
        try:
            frame = encode_message(LOG, call_id, record, 0, self.max_frame_bytes)
        except (EncodeError, FrameError):
            frame = encode_message(
                LOG, call_id, plain_record(record, _can_be_sent), 0, self.max_frame_bytes
            )
        self._interruptor.shielded(self._outbox.send, frame)

    def printed(self, call: Printing, source: str, text: str) -> None:
        """Send the lines that `text` ends, and keep the rest until its own end comes."""
        self._interruptor.shielded(self._add_printed, (call, source, text))

    def end_lines(self, call: Printing) -> None:
        """Send what a call that has settled printed without ending the line."""
        with self._printing:
            lines, call.unfinished_lines = call.unfinished_lines or {}, None
            for source, line in lines.items():
                self._send_line(call, source, line.getvalue())

    def _add_printed(self, printed: tuple[Printing, str, str]) -> None:
        call, source, text = printed
        with self._printing:
            unfinished = call.unfinished_lines or {}
            head, ends_a_line, rest = text.rpartition("\n")
            pieces: list[str] = []
            if ends_a_line:
                begun = unfinished.pop(source, None)
                whole = head if begun is None else begun.getvalue() + head
                pieces += [line + "\n" for line in whole.split("\n")]
            if rest:
                line = unfinished.get(source)
                if line is None:
                    line = unfinished[source] = StringIO()
                line.write(rest)
                if line.tell() >= MAX_LINE_CHARS:
                    pieces.append(line.getvalue())
                    del unfinished[source]
            call.unfinished_lines = unfinished or None
            for piece in pieces:
                self._send_line(call, source, piece)

    def _send_line(self, call: Printing, source: str, line: str) -> None:
        for start in range(0, len(line), MAX_LINE_CHARS):
            piece = line[start : start + MAX_LINE_CHARS]
            record = {"source": source, "level": PRINTED_LEVELS[source], "message": piece}
            self.log(call.call_id, record)


def plain_record(record: dict[str, Any], can_be_sent: Callable[[Any], bool]) -> dict[str, Any]:
    """Return a log record whose every part can travel: what cannot as a text, and cut where it is long."""
    plain = {**record, "message": _encodable(record["message"][:MAX_LINE_CHARS])}
    if "extra" in record:
        extra = record["extra"].items()
        plain["extra"] = {
            _encodable(name): value if can_be_sent(value) else _text_of(value)
            for name, value in extra
        }
    return plain


def _can_be_sent(value: Any) -> bool:
    try:
        return len(encode_value(value)) <= MAX_EXTRA_BYTES
    except EncodeError:
        return False


def _text_of(value: object) -> str:
    try:
        return _encodable(repr(value)[:MAX_EXTRA_BYTES])
    except Exception as failure:  # it is the user's
        return f"<{type(value).__name__}, whose repr raises {type(failure).__name__}>"


def _encodable(text: object) -> str:
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")
