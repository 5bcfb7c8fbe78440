"""A worker's main loop in this process: each answer brings the next requests, and what that takes is counted.

Everything is real but the process: pipes, reader, loop, dispatcher, outbox. Counts do not depend on the
machine, as times do.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.frame_reader import FrameReader
from synapse_worker.peer.hello import hello_body
from synapse_worker.peer.outbox import Outbox
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.limits import MAX_FRAME_BYTES
from synapse_worker.protocol.messages import Kind, decode_header, encode_message
from synapse_worker.transport.descriptors import DescriptorTransport
from synapse_worker.worker.call_ledger import CallLedger
from synapse_worker.worker.channel import Channel
from synapse_worker.worker.dispatcher import Dispatcher
from synapse_worker.worker.event_loop import EventLoopThread
from synapse_worker.worker.interruption import Interruptor
from synapse_worker.worker.late_flush import LateFlush
from synapse_worker.worker.log_forwarding import LogForwarding
from synapse_worker.worker.serve_loop import ServeLoop
from synapse_worker.worker.wake_up import WakeUp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from synapse_worker.worker.module import Module

READ_BYTES = 1 << 20
SETTLING = frozenset({Kind.RESULT, Kind.END})


class Counts:
    """What was called since the last answers left: functions of Python, by name, and of C."""

    def __init__(self) -> None:
        self.python: Counter[str] = Counter()
        self.c: Counter[str] = Counter()

    def take(self, frame: FrameType, event: str, argument: Any) -> None:
        """Count one event of `sys.setprofile`."""
        if event == "call" and frame.f_code.co_filename != __file__:
            self.python[frame.f_code.co_qualname] += 1
        elif event == "c_call":
            self.c[argument.__qualname__] += 1


class ServedInProcess:
    """Sends `bursts` of requests, each when all of the last are answered; `counts` has one entry a burst."""

    def __init__(self, module: Module, bursts: list[list[tuple[str, list[Any]]]]) -> None:
        self.counts: list[Counts] = []
        self.writes: list[int] = []
        self._counting = Counts()
        self._written = 0
        self._answered = 0
        self._decoder = FrameDecoder()
        self._bursts = self._encoded(bursts)
        self._sizes = iter([len(burst) for burst in bursts])
        self._due = 0
        self._input, self._to_input = os.pipe()
        self._output, self._to_output = os.pipe()
        self._cancels = os.pipe()
        self._module = module

    def run(self) -> None:
        """Serve everything, then find the client gone."""
        ledger = CallLedger()
        ledger.is_read = True
        channel = Channel(self._input, self._to_output, self._cancels[0], list, (), ledger)
        transport = DescriptorTransport(self._input, self._to_output)
        outbox, interruptor, wake_up = Outbox(self._write), Interruptor(), WakeUp()
        self._transport = transport
        late_flush = LateFlush(outbox)
        # As if its guard were up already: when that looks, and has to be called anew, depends on the machine.
        late_flush.armed = True
        loop = EventLoopThread()
        dispatcher = Dispatcher(
            self._module,
            outbox,
            interruptor,
            loop,
            max_frame_bytes=MAX_FRAME_BYTES,
            late_flush=late_flush,
            ledger=channel.ledger,
        )
        on_terminate = signal.getsignal(signal.SIGTERM)
        serve_loop = ServeLoop(
            channel,
            FrameReader(transport, MAX_FRAME_BYTES),
            dispatcher,
            outbox,
            interruptor,
            wake_up,
            late_flush,
            transport.stop_blocking,
            on_terminate=lambda: None,
            logs=LogForwarding(lambda call_id, record: None),
        )
        os.write(self._to_input, encode_message(Kind.HELLO, 0, hello_body(MAX_FRAME_BYTES)))
        self._send_next()
        try:
            serve_loop.run()
        finally:
            sys.setprofile(None)
            signal.signal(signal.SIGTERM, on_terminate)
            loop.stop()
            for fd in (self._output, *self._cancels):
                os.close(fd)
            transport.close()

    def _encoded(self, bursts: list[list[tuple[str, list[Any]]]]) -> Iterator[bytes]:
        call_id = 0
        for burst in bursts:
            frames = []
            for method, args in burst:
                call_id += 1
                is_stream = self._is_stream(method)
                kind = Kind.OPEN if is_stream else Kind.CALL
                body = [method, args, {}, 16] if is_stream else [method, args, {}]
                frames.append(encode_message(kind, call_id, body))
            yield b"".join(frames)

    def _is_stream(self, method: str) -> bool:
        return self._module.methods[method].is_stream

    def _write(self, data: bytes) -> None:
        """Take what the worker writes, in its own stead."""
        self._transport.write(data)
        sys.setprofile(None)
        self._written += 1
        for payload in self._decoder.feed(os.read(self._output, READ_BYTES)):
            kind = decode_header(payload)[0]
            assert kind != Kind.ERROR, payload
            self._due -= kind in SETTLING
        if self._due == 0:
            self.counts.append(self._counting)
            self.writes.append(self._written)
            self._counting, self._written = Counts(), 0
            self._send_next()
        sys.setprofile(self._counting.take)

    def _send_next(self) -> None:
        burst = next(self._bursts, None)
        if burst is None:
            os.close(self._to_input)
        else:
            self._due = next(self._sizes)
            os.write(self._to_input, burst)
