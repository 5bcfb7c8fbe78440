"""The calling half of a connection: ids given out, answers given back to who waits for them.

Implements the caller's rules of `docs/protocol.md`, "Calls" and "Streams". It starts nothing and
waits for nothing: answers reach a `Receiver` on the thread that passes payloads to `receive`.
"""

from __future__ import annotations

from _thread import allocate_lock
from typing import TYPE_CHECKING, Any, Protocol

from synapse_worker.protocol.codec import encode_value
from synapse_worker.protocol.errors import DecodeError, ProtocolError, SynapseError, error_from_wire
from synapse_worker.protocol.limits import MAX_FRAME_BYTES
from synapse_worker.protocol.messages import (
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

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Take items of a stream, and how large the message was that brought them."""

    def on_progress(self, value: Any) -> None:
        """Take a progress value."""


class _Pending:
    """One call or stream that was issued and not yet settled; `credit` is None for a call."""

    __slots__ = ("credit", "receiver")

    def __init__(self, receiver: Receiver, credit: int | None) -> None:
        self.receiver = receiver
        self.credit = credit


class Caller:
    """Issues calls and streams over one connection, from any thread."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        max_frame_bytes: int = MAX_FRAME_BYTES,
        *,
        native_arrays: bool = False,
    ) -> None:
        self.max_frame_bytes = max_frame_bytes
        # Of arguments; another once the other end has said that it reads segments.
        self.encode: Callable[[object], bytes] = encode_value
        # How arrays come in answers: see `decode_body`.
        self._native_arrays = native_arrays
        self._send = send
        self._pending: dict[int, _Pending] = {}
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
        progress: bool = False,
    ) -> int:
        """Send a CALL; return its id.

        Raises:
            EncodeError: an argument cannot travel; nothing was sent.
            SynapseError: the connection is gone.
        """
        body = [method, list(args), dict(kwargs)]
        return self._issue(Kind.CALL, body, _Pending(receiver, None), progress)

    def open(
        self,
        method: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        receiver: Receiver,
        *,
        credit: int,
        progress: bool = False,
    ) -> int:
        """Send an OPEN with room for `credit` items; return the stream's id.

        Raises:
            EncodeError: an argument cannot travel; nothing was sent.
            SynapseError: the connection is gone.
        """
        body = [method, list(args), dict(kwargs), credit]
        return self._issue(Kind.OPEN, body, _Pending(receiver, credit), progress)

    def add_credit(self, stream_id: int, items: int) -> None:
        """Let `items` more items come; nothing happens for a settled stream."""
        pending = self._pending.get(stream_id)
        if pending is not None and pending.credit is not None:
            with self._lock:
                pending.credit += items
            self._send(encode_message(Kind.CREDIT, stream_id, items))

    def cancel(self, call_id: int) -> None:
        """Send a CANCEL, for transports without signals; nothing happens for a settled call."""
        if call_id in self._pending:
            self._send(encode_message(Kind.CANCEL, call_id))

    def forget(self, call_id: int) -> None:
        """Give up a call: what comes for it is dropped."""
        self._pending.pop(call_id, None)

    def takes(self, kind: int) -> bool:
        """Whether a message of this kind is an answer, for `receive`."""
        return kind in REPLY_KINDS

    def receive(self, payload: Payload) -> None:
        """Act on one answer.

        Raises:
            ProtocolError: the other end broke the protocol.
        """
        kind, flags, call_id = decode_header(payload)
        if call_id > self._last_id:
            raise ProtocolError(f"{Kind(kind).name} for id {call_id}, which was never issued.")
        pending = self._pending.get(call_id)
        if pending is None:
            return  # late: it was given up
        self._check_kind(kind, call_id, pending)
        try:
            body = decode_body(payload, self._native_arrays)
        except DecodeError as error:
            self._reject(kind, call_id, pending, error)
            return
        if kind in LAST_KINDS:
            self._pending.pop(call_id, None)
        receiver = pending.receiver
        if kind == Kind.RESULT:
            receiver.on_result(body[1] if flags else body)
        elif kind == Kind.END:
            receiver.on_result(None)
        elif kind == Kind.ERROR:
            receiver.on_error(error_from_wire(body))
        elif kind == Kind.ITEMS:
            self._spend_credit(call_id, pending, len(body))
            receiver.on_items(body, len(payload))
        else:
            receiver.on_progress(body)

    def lose(self, error: SynapseError) -> None:
        """Fail everything pending, and every call from now on, with `error`."""
        with self._lock:
            if self._lost is not None:
                return
            self._lost = error
            all_pending, self._pending = self._pending, {}
        for pending in all_pending.values():
            pending.receiver.on_error(error)

    def _issue(self, kind: Kind, body: list[Any], pending: _Pending, progress: bool) -> int:
        flags = FLAG_WANTS_PROGRESS if progress else 0
        with self._lock:
            if self._lost is not None:
                raise self._lost
            call_id = self._last_id + 1
            frame = encode_message(kind, call_id, body, flags, self.max_frame_bytes, self.encode)
            self._last_id = call_id
            self._pending[call_id] = pending
            self._send(frame)
        return call_id

    def _check_kind(self, kind: int, call_id: int, pending: _Pending) -> None:
        is_stream = pending.credit is not None
        if kind == Kind.RESULT and is_stream:
            raise ProtocolError(f"RESULT for id {call_id}, which is a stream.")
        if kind in (Kind.ITEMS, Kind.END) and not is_stream:
            raise ProtocolError(f"{Kind(kind).name} for id {call_id}, which is a call.")

    def _spend_credit(self, stream_id: int, pending: _Pending, items: int) -> None:
        with self._lock:
            pending.credit = (pending.credit or 0) - items
            overdrawn = pending.credit < 0
        if overdrawn:
            raise ProtocolError(f"Stream {stream_id} sent more items than it had credit for.")

    def _reject(self, kind: int, call_id: int, pending: _Pending, error: DecodeError) -> None:
        """Fail one call or stream whose answer cannot be read."""
        if kind == Kind.END:  # it has no body to be read
            raise ProtocolError(f"END for stream {call_id} with a body.")
        self._pending.pop(call_id, None)
        if kind not in LAST_KINDS:
            self._send(encode_message(Kind.CANCEL, call_id))
        pending.receiver.on_error(error)
