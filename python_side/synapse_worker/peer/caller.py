"""The calling half of a connection: ids given out, answers given back to who waits for them.

Implements the caller's rules of `docs/protocol.md`, "Calls" and "Streams". It starts nothing and
waits for nothing: answers reach a `Receiver` on the thread that passes payloads to `receive`.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import TYPE_CHECKING, Any, Protocol

from synapse_worker.protocol.errors import (
    DecodeError,
    ProtocolError,
    SynapseError,
    error_from_wire,
)
from synapse_worker.protocol.limits import MAX_FRAME_BYTES
from synapse_worker.protocol.messages import (
    FIRST_IGNORED_KIND,
    FLAG_WANTS_PROGRESS,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from synapse_worker.protocol.frames import Payload

REPLY_KINDS = frozenset({Kind.RESULT, Kind.ERROR, Kind.ITEMS, Kind.END, Kind.PROGRESS})
LAST_KINDS = frozenset({Kind.RESULT, Kind.ERROR, Kind.END})


class Receiver(Protocol):
    """Who waits for the answers to one call or stream."""

    def on_result(self, value: Any) -> None:
        """Take the value; `None` at the end of a stream. Nothing follows."""

    def on_error(self, error: SynapseError) -> None:
        """Take the failure. Nothing follows."""

    def on_items(self, items: list[Any]) -> None:
        """Take items of a stream."""

    def on_progress(self, value: Any) -> None:
        """Take a progress value."""


class Caller:
    """Issues calls and streams over one connection, from any thread."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        on_message: Callable[[int, int, Any], None],
        max_frame_bytes: int = MAX_FRAME_BYTES,
    ) -> None:
        """Send frames through `send`; pass what is no reply to `on_message(kind, id, body)`."""
        self._send = send
        self._on_message = on_message
        self._max_frame_bytes = max_frame_bytes
        self._pending: dict[int, Receiver] = {}
        self._last_id = 0
        self._lost: SynapseError | None = None
        # Ids must reach the wire in the order in which they are given out.
        self._lock = allocate_lock()

    def call(
        self,
        method: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        receiver: Receiver,
        *,
        progress: bool,
    ) -> int:
        """Send a CALL; return its id.

        Raises:
            EncodeError: an argument cannot travel; nothing was sent.
            SynapseError: the connection is gone.
        """
        return self._issue(Kind.CALL, [method, list(args), dict(kwargs)], receiver, progress)

    def open(
        self,
        method: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        receiver: Receiver,
        *,
        credit: int,
        progress: bool,
    ) -> int:
        """Send an OPEN with room for `credit` items; return the stream's id.

        Raises:
            EncodeError: an argument cannot travel; nothing was sent.
            SynapseError: the connection is gone.
        """
        return self._issue(
            Kind.OPEN, [method, list(args), dict(kwargs), credit], receiver, progress
        )

    def add_credit(self, stream_id: int, items: int) -> None:
        """Let `items` more items come."""
        if stream_id in self._pending:
            self._send(encode_message(Kind.CREDIT, stream_id, items))

    def is_pending(self, call_id: int) -> bool:
        """Whether the call has not been settled."""
        return call_id in self._pending

    def receive(self, payload: Payload) -> None:
        """Act on one message.

        Raises:
            ProtocolError: the other end broke the protocol.
        """
        kind, _, call_id = decode_header(payload)
        if kind >= FIRST_IGNORED_KIND:
            return
        if kind not in REPLY_KINDS:
            self._on_message(kind, call_id, decode_body(payload))
            return
        if call_id > self._last_id:
            raise ProtocolError(f"{Kind(kind).name} for id {call_id}, which was never issued.")
        receiver = self._pending.get(call_id)
        if receiver is None:
            return  # late: the call was given up
        try:
            body = decode_body(payload)
        except DecodeError as error:
            self._pending.pop(call_id, None)
            receiver.on_error(error)
            if kind not in LAST_KINDS:
                self._send(encode_message(Kind.CANCEL, call_id))
            return
        if kind in LAST_KINDS:
            self._pending.pop(call_id, None)
        if kind == Kind.RESULT:
            receiver.on_result(body)
        elif kind == Kind.END:
            receiver.on_result(None)
        elif kind == Kind.ERROR:
            receiver.on_error(error_from_wire(body))
        elif kind == Kind.ITEMS:
            receiver.on_items(body)
        else:
            receiver.on_progress(body)

    def lose(self, error: SynapseError) -> None:
        """Fail everything pending, and every call from now on, with `error`."""
        with self._lock:
            if self._lost is not None:
                return
            self._lost = error
            pending, self._pending = self._pending, {}
        for receiver in pending.values():
            receiver.on_error(error)

    def _issue(self, kind: Kind, body: list[Any], receiver: Receiver, progress: bool) -> int:
        flags = FLAG_WANTS_PROGRESS if progress else 0
        with self._lock:
            if self._lost is not None:
                raise self._lost
            call_id = self._last_id + 1
            frame = encode_message(kind, call_id, body, flags, self._max_frame_bytes)
            self._last_id = call_id
            self._pending[call_id] = receiver
            self._send(frame)
        return call_id
