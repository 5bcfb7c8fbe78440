"""The main thread of a native worker: wait for frames, serve them, flush.

Nearly always it blocks in one `read`, the cheapest way to wait (44 µs a round trip; an asyncio
loop takes 64 to 90). Only while a synchronous stream is open, or the connection drains, may
other things need it: then it polls the data, the cancels and a wake-up together.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from synapse_worker.worker.channel import out_of_reach
from synapse_worker.worker.log_forwarding import LogForwarding

if TYPE_CHECKING:
    from types import FrameType

    from synapse_worker.peer.frame_reader import FrameReader
    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.dispatcher import Dispatcher
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.late_flush import LateFlush


class _Terminated(BaseException):
    """SIGTERM came while the loop was waiting."""


class WakeUp:
    """A pipe to itself, for other threads to end the main thread's poll."""

    def __init__(self) -> None:
        self.fd, self._write_fd = map(out_of_reach, os.pipe())
        os.set_blocking(self.fd, False)
        os.set_blocking(self._write_fd, False)

    def set(self) -> None:
        """Wake the poller; from any thread."""
        with suppress(BlockingIOError):  # it is full of wake-ups already
            os.write(self._write_fd, b"!")

    def clear(self) -> None:
        """Take all wake-ups."""
        with suppress(BlockingIOError):
            while os.read(self.fd, 64):
                pass


class ServeLoop:
    """Runs a dispatcher over a channel until the client is gone or the connection has drained."""

    def __init__(
        self,
        channel: Channel,
        reader: FrameReader,
        dispatcher: Dispatcher,
        outbox: Outbox,
        interruptor: Interruptor,
        wake_up: WakeUp,
        late_flush: LateFlush,
    ) -> None:
        self._input_fd = channel.input_fd
        self._reader = reader
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._interruptor = interruptor
        self._wake_up = wake_up
        self._late_flush = late_flush
        self._logs = LogForwarding(dispatcher.reports)
        self._waiting = False
        self._terminated = False
        self._poller = select.poll()
        for fd in (channel.input_fd, channel.cancel_fd, wake_up.fd):
            self._poller.register(fd, select.POLLIN)
        signal.signal(signal.SIGTERM, self._on_terminate)

    def run(self) -> None:
        """Serve until drained (returns with everything answered) or abandoned by the client.

        Raises:
            ProtocolError: the client broke the protocol.
            FrameError: a frame was too large or cut off.
            ClientFailedError: the client gave up and said so.
        """
        dispatcher = self._dispatcher
        outbox = self._outbox
        while True:
            self._logs.install()
            if dispatcher.needs_turns:
                dispatcher.advance()
                outbox.flush()
                if dispatcher.finished:
                    return
            try:
                payloads = self._next_payloads()
            except _Terminated:  # it may have cut short any of the steps that end a wait
                self._interruptor.resume()
                self._waiting = False
                payloads = []
            if self._terminated:
                dispatcher.drain()
            if payloads is None:
                dispatcher.abandon()
                return
            for payload in payloads:
                if outbox.pending:
                    self._late_flush.arm()
                dispatcher.receive(payload)
            outbox.flush()

    def _next_payloads(self) -> list[bytes | memoryview] | None:
        """Wait for frames, or, while turns are needed, for anything else to do (then empty)."""
        self._waiting = True
        try:
            if self._terminated and not self._dispatcher.needs_turns:
                return []
            if self._dispatcher.needs_turns and not self._poll():
                return []
            return self._reader.read()
        finally:
            self._waiting = False

    def _poll(self) -> bool:
        """Wait for data, cancels or a wake-up; return whether there is data."""
        # From here on the signal handler leaves ids in place, where poll sees them. What it took
        # before shows in `runnable` or `finished`.
        self._interruptor.pause()
        try:
            idle = not (self._dispatcher.runnable or self._dispatcher.finished)
            ready = [fd for fd, _ in self._poller.poll(None if idle else 0)]
            for call_id in self._interruptor.take_cancels():
                self._dispatcher.cancel(call_id)
        finally:
            self._interruptor.resume()
        if self._wake_up.fd in ready:
            self._wake_up.clear()
        return self._input_fd in ready

    def _on_terminate(self, signum: int, frame: FrameType | None) -> None:
        first, self._terminated = not self._terminated, True
        if first and self._waiting:
            raise _Terminated
