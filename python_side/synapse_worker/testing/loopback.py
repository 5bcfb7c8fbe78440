"""A worker and its client in one process, connected by memory and driven by one thread.

The thread that waits for an answer does the work of both ends: it serves what has arrived at the
worker, gives open streams their turns, and takes what has come back, calls of callbacks among it. So
synchronous methods and callbacks run in the test's own thread, where debuggers, monkeypatches and
thread-bound libraries expect them; async methods run on the event loop's thread, as in a worker.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.caller import Caller
from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.errors import error_from_wire
from synapse_worker.protocol.limits import MAX_FRAME_BYTES
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message
from synapse_worker.testing.functions import Functions
from synapse_worker.testing.references import References
from synapse_worker.testing.sources import Sources
from synapse_worker.transport.memory import memory_pair
from synapse_worker.worker.dispatcher import Dispatcher
from synapse_worker.worker.event_loop import EventLoopThread
from synapse_worker.worker.interruption import Interruptor

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from synapse_worker.protocol.frames import Payload
    from synapse_worker.transport.memory import MemoryTransport
    from synapse_worker.worker.module import Module


class Loopback:
    """Both ends of one connection to a module."""

    def __init__(self, module: Module) -> None:
        self.loop = EventLoopThread()
        self.logs: list[dict[str, Any]] = []
        self._news = threading.Event()
        self._client, self._worker = memory_pair()
        self._references = References()
        self._functions = Functions(self._references, self.loop)
        self._sources = Sources(self._references, self.loop, self._client.write)
        self._outbox = Outbox(self._send_from_worker)
        self._dispatcher = Dispatcher(
            module,
            self._outbox,
            Interruptor(),
            self.loop,
            max_frame_bytes=MAX_FRAME_BYTES,
            on_idle=self._news.set,
        )
        self._dispatcher.requests.wait_until = self.run_until
        self._dispatcher.requests.nudge = self._turn_for_another
        self._at_worker = FrameReader(self._worker, MAX_FRAME_BYTES, takes_segments=True)
        self._at_client = FrameReader(self._client, MAX_FRAME_BYTES, takes_segments=True)
        # The test's thread, and one that waits for a callback while that is busy, may both look.
        self._one_reads = threading.Lock()
        self.caller = Caller(self._client.write, native_arrays=True)
        self._client.write(encode_message(Kind.HELLO, 0, hello_body(MAX_FRAME_BYTES)))

    @contextmanager
    def referred(self, *values: Any) -> Generator[list[Any], None, None]:
        """Give functions and iterators in `values` numbers, for as long as their call lasts."""
        ids: list[int] = []
        try:
            yield [self._references.referred(value, ids) for value in values]
        finally:
            self._references.release(ids)
            self._sources.release(ids)

    def run_until(self, done: Callable[[], bool]) -> None:
        """Serve and take answers until `done()`."""
        while not done():
            self._news.clear()
            if not self._turn():
                self._news.wait()  # an async method is at work

    def close(self) -> None:
        """Close what still runs and every instance, and end the event loop's thread."""
        self._dispatcher.abandon()
        self._dispatcher.roster.instances.dispose_all(self.loop)
        self.loop.stop()
        self._client.close()

    def _turn(self) -> bool:
        """Do what there is to do now; return whether there was anything."""
        calls = self._arrived(self._worker, self._at_worker)
        for payload in calls:
            self._dispatcher.receive(payload)
        runnable = self._dispatcher.runnable
        if runnable:
            self._dispatcher.advance()
        self._outbox.flush()
        answers = self._arrived(self._client, self._at_client)
        for payload in answers:
            self._take(payload)
        return bool(calls or runnable or answers)

    def _turn_for_another(self, _seconds: float) -> None:
        """Take a turn on a thread that waits for a callback, while the test's is in user code."""
        self._turn()

    def _arrived(self, end: MemoryTransport, reader: FrameReader) -> list[Payload]:
        with self._one_reads:
            return (reader.read() or []) if end.readable_bytes else []

    def _take(self, payload: Payload) -> None:
        kind, _, call_id = decode_header(payload)
        if self.caller.takes(kind):
            self.caller.receive(payload)
        elif kind == Kind.CALL:
            body = decode_body(payload, native_arrays=True)
            self._client.write(self._functions.answer(call_id, body))
        elif kind == Kind.OPEN:
            self._sources.open(call_id, decode_body(payload, native_arrays=True))
        elif kind == Kind.CREDIT:
            self._sources.add_credit(call_id, decode_body(payload))
        elif kind == Kind.CANCEL:
            self._sources.cancel(call_id)
        elif kind == Kind.LOG:
            self.logs.append(decode_body(payload))
        elif kind == Kind.FAIL:
            raise error_from_wire(decode_body(payload))

    def _send_from_worker(self, data: bytes | memoryview) -> None:
        self._worker.write(data)
        self._news.set()
