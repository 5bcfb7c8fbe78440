"""What running user code says besides its result: progress and log records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import EncodeError, FrameError
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.interruption import Interruptor

LOG = int(Kind.LOG)
PROGRESS = int(Kind.PROGRESS)


class Reports:
    """Writes PROGRESS and LOG messages, from any thread.

    User code may be interrupted by a cancel anywhere, yet a frame half written would end the
    connection: writing is therefore shielded.
    """

    def __init__(self, outbox: Outbox, interruptor: Interruptor, max_frame_bytes: int) -> None:
        self._outbox = outbox
        self._interruptor = interruptor
        self.max_frame_bytes = max_frame_bytes

    def progress(self, call_id: int, value: Any) -> None:
        """Send a progress value now.

        Raises:
            EncodeError: the value cannot travel.
            FrameError: it is too large.
        """
        frame = encode_message(PROGRESS, call_id, value, 0, self.max_frame_bytes)
        self._interruptor.shielded(self._outbox.send, frame)

    def log(self, call_id: int, record: dict[str, Any]) -> None:
        """Send a log record now; what of its extra fields cannot travel goes as `repr`."""
        try:
            frame = encode_message(LOG, call_id, record, 0, self.max_frame_bytes)
        except (EncodeError, FrameError):
            frame = encode_message(LOG, call_id, _plain(record), 0, self.max_frame_bytes)
        self._interruptor.shielded(self._outbox.send, frame)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    extra = record.get("extra") or {}
    texts = {_encodable(name): _encodable(repr(value)[:4096]) for name, value in extra.items()}
    message = _encodable(record["message"][: 64 * 1024])
    return {**record, "message": message, "extra": texts}


def _encodable(text: object) -> str:
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")
