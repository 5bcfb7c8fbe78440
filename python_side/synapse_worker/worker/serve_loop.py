"""The main thread of a native worker: wait for frames, serve them, flush.

Nearly always it blocks in one `read`, the cheapest way to wait (44 µs a round trip; an asyncio
loop takes 64 to 90). Only while a synchronous stream is open, a method waits for a callback, or the
connection drains, may other things need it: then it polls the data, the cancels and a wake-up together.
"""

from __future__ import annotations

import select
from _thread import get_ident
from collections import deque
from sys import modules
from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import FrameError, ProtocolError
from synapse_worker.protocol.messages import Kind, decode_header
from synapse_worker.worker.dispatcher import ClientFailedError
from synapse_worker.worker.failures import client_gone
from synapse_worker.worker.plain_signal import signal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from synapse_worker.peer.frame_reader import FrameReader
    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.protocol.frames import Payload
    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.dispatcher import Dispatcher
    from synapse_worker.worker.interruption import Interruptor
    from synapse_worker.worker.late_flush import LateFlush
    from synapse_worker.worker.log_forwarding import LogForwarding
    from synapse_worker.worker.wake_up import WakeUp

ANSWER_KINDS = frozenset(map(int, (Kind.RESULT, Kind.ERROR, Kind.PROGRESS, Kind.ITEMS, Kind.END)))
# Frames set aside for the main thread while it is busy; no client sends so many unanswered.
MAX_FRAMES_SET_ASIDE = 4096


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
        stop_blocking: Callable[[], None],
        on_terminate: Callable[[], None],
        logs: LogForwarding,
    ) -> None:
        self._input_fd = channel.input_fd
        self._reader = reader
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._interruptor = interruptor
        self._wake_up = wake_up
        self._late_flush = late_flush
        self._stop_blocking = stop_blocking
        self._on_terminated = on_terminate
        self._logs = logs
        self._terminated = False
        # Frames that were read and not served yet; what ended the connection, found inside a wait.
        self._arrived: deque[Payload] = deque()
        self._ended = False
        self._failure: ProtocolError | FrameError | ClientFailedError | None = None
        self._poller = select.poll()
        for fd in (channel.input_fd, channel.cancel_fd, wake_up.fd):
            self._poller.register(fd, select.POLLIN)
        self._main_thread = get_ident()
        signal.signal(signal.SIGTERM, self._on_terminate)

    def run(self) -> None:
        """Serve until drained (returns with everything answered) or abandoned by the client.

        Raises:
            ProtocolError: the client broke the protocol.
            FrameError: a frame was too large or cut off.
            ClientFailedError: the client gave up and said so.
        """
        dispatcher = self._dispatcher
        calls, streams = dispatcher.calls, dispatcher.calls.open_streams
        outbox = self._outbox
        arrived = self._arrived
        serve = dispatcher.serve
        logs = self._logs
        while True:
            if logs.awaits_logging and "logging" in modules:
                logs.install()
            if streams or calls.draining:
                dispatcher.advance()
                outbox.flush()
                if dispatcher.finished:
                    return
            if not (arrived or self._ended):
                self._read(must_poll=bool(streams) or calls.draining)
            serve(arrived)
            if self._terminated:  # now, so that what had been read by then was still served
                dispatcher.drain()
            if self._failure is not None:
                raise self._failure
            if self._ended:
                dispatcher.abandon()
                return
            outbox.flush()

    def wait_until(self, done: Callable[[], bool]) -> None:
        """Serve from inside a method that waits for a callback, until `done()`; raises nothing."""
        dispatcher = self._dispatcher
        dispatcher.prepare_to_wait()
        while not done():
            if self._ended or self._failure is not None:
                dispatcher.requests.lose(client_gone())
                return
            try:
                self._outbox.flush()
                dispatcher.advance()
                self._outbox.flush()
                if not self._arrived:
                    self._read(must_poll=True)
                while self._arrived and not done():
                    dispatcher.receive(self._arrived.popleft())
            except (ProtocolError, FrameError, ClientFailedError) as failure:
                self._fail(failure)  # `run` ends by it, once user code has returned

    def take_answers(self) -> None:
        """Read what is there and pass on answers to callbacks; the rest waits for its turn.

        For the signal handler, while user code runs: it may be waiting for a thread that waits for one.
        """
        self._interruptor.pause()
        try:
            # Those that were read before, and wait behind a call, come first: a stream's are in order.
            waiting = list(self._arrived)
            self._arrived.clear()
            self._set_aside(waiting)
            while (
                len(self._arrived) < MAX_FRAMES_SET_ASIDE
                and not (self._ended or self._failure)
                and select.select([self._input_fd], [], [], 0)[0]
            ):
                self._set_aside(self._reader.read())
        except BlockingIOError:
            pass  # another reader was faster
        except (ProtocolError, FrameError) as failure:
            self._fail(failure)
        finally:
            self._interruptor.resume()
        if self._ended or self._failure:
            self._dispatcher.requests.lose(client_gone())

    def nudge(self, timeout_seconds: float) -> None:
        """Wait for frames; if there are any, have the main thread look at them. From any other thread."""
        if select.select([self._input_fd], [], [], timeout_seconds)[0]:
            signal.pthread_kill(self._main_thread, signal.SIGURG)

    def _fail(self, failure: ProtocolError | FrameError | ClientFailedError) -> None:
        """Note what ended the connection; nothing that came before it and still waits is begun."""
        self._failure = failure
        self._arrived.clear()

    def _set_aside(self, payloads: list[Payload] | None) -> None:
        if payloads is None:
            self._ended = True
            return
        for payload in payloads:
            if decode_header(payload)[0] in ANSWER_KINDS:
                self._dispatcher.receive(payload)
            else:
                self._arrived.append(payload)

    def _read(self, *, must_poll: bool) -> None:
        """Wait for frames, or, where there may be other news, for any news."""
        if must_poll and not self._poll():
            return
        try:
            payloads = self._reader.read()
        except BlockingIOError:
            return  # SIGTERM ended the wait
        if payloads is None:
            self._ended = True
        else:
            self._arrived.extend(payloads)

    def _poll(self) -> bool:
        """Wait for data, cancels or a wake-up; return whether there is data."""
        # From here on the signal handler leaves ids in place, where poll sees them. What it took
        # before shows in `runnable` or `finished`, or has ended what a method waits for.
        self._interruptor.pause()
        try:
            idle = not (self._dispatcher.runnable or self._dispatcher.finished)
            waits_in_vain = self._interruptor.suspended_run_is_cancelled
            ready = self._poller.poll(None if idle and not waits_in_vain else 0)
        finally:
            self._interruptor.resume()
        fds = [fd for fd, _ in ready]
        if self._wake_up.fd in fds:
            self._wake_up.clear()
        return self._input_fd in fds

    def _on_terminate(self, signum: int, frame: FrameType | None) -> None:
        # Nothing is raised here: it could land when a frame has just been read, and lose it.
        if self._terminated:
            return
        self._terminated = True
        self._stop_blocking()
        self._wake_up.set()
        self._on_terminated()
