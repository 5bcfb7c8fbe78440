"""The data channel of one worker, from our side: native messages to who waits, raw replies in order."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.caller import Caller
from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.hello import check_hello, hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.errors import SynapseError, error_from_wire
from synapse_worker.protocol.frames import encode_frame
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.transport.interface import Transport


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
        self._transport = transport
        self._max_frame_bytes = max_frame_bytes
        self._on_hello = on_hello
        self._on_log = on_log
        self._on_end = on_end
        self._outbox = Outbox(transport.write)
        self.caller = Caller(self._outbox.send, self._on_message, max_frame_bytes)
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

    def join(self, timeout_seconds: float) -> None:
        """Wait until everything the worker sent was read."""
        self._thread.join(timeout_seconds)

    def _read(self) -> None:
        reader = FrameReader(self._transport, self._max_frame_bytes)
        failure: SynapseError | None = None
        try:
            while (payloads := reader.read()) is not None:
                for payload in payloads:
                    if self.is_raw:
                        self._raw_replies.put(bytes(payload))
                    else:
                        self.caller.receive(payload)
        except SynapseError as error:
            failure = error
        except OSError as error:
            failure = SynapseError(
                "INTERNAL", f"The data channel cannot be read: {error}", cause=error
            )
        self._raw_replies.put(None)
        self._on_end(failure)

    def _on_message(self, kind: int, call_id: int, body: Any) -> None:
        if kind == Kind.HELLO:
            check_hello(body)
            self._outbox.send(encode_message(Kind.HELLO, 0, hello_body(self._max_frame_bytes)))
            self._on_hello(body)
        elif kind == Kind.LOG:
            self._on_log(call_id, body)
        elif kind == Kind.PING:
            self._outbox.send(encode_message(Kind.PONG, 0, body))
        elif kind == Kind.FAIL:
            raise error_from_wire(body)
