"""The data channel of one worker, from our side: native messages to who waits, raw replies in order."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.caller import Caller
from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.hello import (
    SEGMENTS,
    check_hello,
    has_capability,
    hello_body,
)
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.codec import large_value_encoder
from synapse_worker.protocol.errors import (
    DecodeError,
    FrameError,
    ProtocolError,
    SynapseError,
    error_from_wire,
    error_to_wire,
)
from synapse_worker.protocol.frames import Payload, encode_frame
from synapse_worker.protocol.messages import (
    FIRST_IGNORED_KIND,
    Kind,
    decode_body,
    decode_header,
    encode_message,
)
from synapse_worker.protocol.segments import takes_segments

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.transport.interface import Transport


class _WorkerFailedError(Exception):
    """The worker sent FAIL: it says why it closes, and wants no answer."""

    def __init__(self, reason: SynapseError) -> None:
        super().__init__()
        self.reason = reason


class Connection:
    """Reads a transport on a thread of its own, until it ends or breaks."""

    def __init__(
        self,
        transport: Transport,
        max_frame_bytes: int,
        *,
        on_hello: Callable[[dict[str, Any]], None],
        on_log: Callable[[int, dict[str, Any]], None],
        on_end: Callable[[SynapseError | None], None],
    ) -> None:
        self.is_raw = False
        self._greeted = False
        self._transport = transport
        self._max_frame_bytes = max_frame_bytes
        self._on_hello = on_hello
        self._on_log = on_log
        self._on_end = on_end
        self._outbox = Outbox(transport.write, transport.write_parts)
        self.caller = Caller(self._outbox.send, max_frame_bytes)
        self._raw_replies: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, name="synapse-data", daemon=True)
        self._thread.start()

    def request(self, payload: bytes) -> bytes | None:
        """Send a raw payload and wait for the reply; None if the script ended instead."""
        self._outbox.send(encode_frame(payload, self._max_frame_bytes))
        reply = self._raw_replies.get()
        if reply is None:
            self._raw_replies.put(None)  # for whoever asks next
        return reply

    def drain(self) -> None:
        """Tell a native worker that no new calls will come."""
        self._outbox.send(encode_message(Kind.DRAIN, 0))

    def close_output(self) -> None:
        """End what the worker reads: a raw script's loop ends with it."""
        self._transport.close_output()

    def close(self) -> None:
        """Close our end; only after the worker has gone and `join` has returned."""
        self._transport.close()

    def join(self, timeout_seconds: float) -> None:
        """Wait until everything the worker sent was read."""
        self._thread.join(timeout_seconds)

    def _read(self) -> None:
        reader = FrameReader(
            self._transport,
            self._max_frame_bytes,
            takes_segments=not self.is_raw and takes_segments(self._max_frame_bytes),
        )
        failure: SynapseError | None = None
        try:
            while (payloads := reader.read()) is not None:
                for payload in payloads:
                    if self.is_raw:
                        self._raw_replies.put(bytes(payload))
                    else:
                        self._receive(payload)
        except _WorkerFailedError as failed:
            failure = failed.reason
        except (ProtocolError, FrameError) as error:
            self._outbox.send(encode_message(Kind.FAIL, 0, error_to_wire(error)))
            failure = error
        except SynapseError as error:
            failure = error
        except OSError as error:
            failure = SynapseError(
                "INTERNAL", f"The data channel cannot be read: {error}", cause=error
            )
        self._raw_replies.put(None)
        self._on_end(failure)

    def _receive(self, payload: Payload) -> None:
        kind, _, call_id = decode_header(payload)
        if kind >= FIRST_IGNORED_KIND:
            return
        if not self._greeted and kind not in (Kind.HELLO, Kind.FAIL):
            raise ProtocolError(f"The first message must be HELLO, not {Kind(kind).name}.")
        if self.caller.takes(kind):
            self.caller.receive(payload)
        elif kind in (Kind.CALL, Kind.OPEN):
            self._refuse_call(call_id)
        elif kind == Kind.LOG:
            self._take_log(call_id, payload)
        elif kind != Kind.CANCEL:  # a cancel is for a call that was refused already
            self._on_connection_message(kind, payload)

    def _on_connection_message(self, kind: int, payload: Payload) -> None:
        try:
            body = decode_body(payload)
        except DecodeError as error:
            raise ProtocolError(f"A {Kind(kind).name} cannot be read: {error}") from error
        if kind == Kind.HELLO and not self._greeted:
            accepted = check_hello(body)
            if accepted is not None:
                self.caller.max_frame_bytes = min(accepted, self._max_frame_bytes)
            if has_capability(body, SEGMENTS):
                self.caller.encode = large_value_encoder().encode
            self._outbox.send(encode_message(Kind.HELLO, 0, hello_body(self._max_frame_bytes)))
            self._greeted = True
            self._on_hello(body)
        elif kind == Kind.PING:
            self._outbox.send(encode_message(Kind.PONG, 0, body))
        elif kind == Kind.FAIL:
            raise _WorkerFailedError(error_from_wire(body))
        elif kind != Kind.PONG:
            raise ProtocolError(f"A worker does not send {Kind(kind).name}, or not now.")

    def _refuse_call(self, call_id: int) -> None:
        error = SynapseError("METHOD_NOT_FOUND", "This client serves no methods.")
        self._outbox.send(encode_message(Kind.ERROR, call_id, error_to_wire(error)))

    def _take_log(self, call_id: int, payload: Payload) -> None:
        try:
            record = decode_body(payload)
        except DecodeError:
            return  # a log line is not worth a connection
        self._on_log(call_id, record)
