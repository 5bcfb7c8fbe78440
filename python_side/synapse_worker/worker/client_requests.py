"""What user code asks of the client: sent, and waited for on any thread.

A synchronous method runs on the main thread, which is also the one that reads the connection. So while
it waits for the client the connection must be read from inside that wait: `wait_until` does it, and
serves calls that come meanwhile, as the top of the loop would. Other threads just wait; should the main
thread be busy in user code, which may be waiting for them, they have it look for answers.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from synapse_worker.peer.caller import Caller
from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.interruption import Interruptor

# Synchronous methods that wait for the client inside one another: each is some twenty Python frames.
MAX_WAITS = 32
# How often a thread that waits looks again whether the main thread is busy.
LOOK_AGAIN_SECONDS = 0.005


class Request(Protocol):
    """Something to be asked and waited for."""

    @property
    def settled(self) -> bool:
        """Whether what is waited for has come."""

    on_settled: Callable[[], object] | None
    """Called on the thread that reads when it comes, and perhaps more often."""

    def send(self) -> None:
        """Ask for it; never interrupted by a cancel."""

    def give_up(self) -> None:
        """Nobody waits any more; it may have come or not."""

    def check(self) -> None:
        """Raise if it cannot come any more."""


class ClientRequests:
    """Asks the client, and waits for what it answers."""

    def __init__(self, outbox: Outbox, interruptor: Interruptor, max_frame_bytes: int) -> None:
        self.caller = Caller(outbox.send, max_frame_bytes, native_arrays=True)
        self._interruptor = interruptor
        self._main_thread = get_ident()
        # Set by whoever reads the connection: serve it until the condition holds, and wait a moment for the
        # main thread, busy in user code, to be made to look for answers.
        self.wait_until: Callable[[Callable[[], bool]], None] | None = None
        self.nudge: Callable[[float], None] | None = None

    def wait(self, request: Request) -> None:
        """Send a request and wait for its answer, on any thread.

        Raises:
            SynapseError: it cannot be sent, or nobody could answer it.
            Cancelled: the caller cancelled the method that waits here.
        """
        request.check()
        if get_ident() == self._main_thread:
            self._wait_on_main(request)
        else:
            self._wait_beside(request)

    async def wait_async(self, request: Request) -> None:
        """Send a request and await its answer, on any event loop.

        Raises:
            SynapseError: as `wait`.
        """
        import asyncio

        request.check()
        if get_ident() == self._main_thread:
            # A loop that a synchronous method runs: nobody else reads the connection.
            self._wait_on_main(request)
            return
        loop = asyncio.get_running_loop()
        settled = loop.create_future()

        def settle() -> None:
            if not settled.done():
                settled.set_result(None)

        def settle_there() -> None:
            with suppress(RuntimeError):  # user code has closed its loop
                loop.call_soon_threadsafe(settle)

        request.on_settled = settle_there
        try:
            request.send()
            if not request.settled:
                await settled
        finally:
            request.on_settled = None
            request.give_up()

    def send(self, send: Callable[[int], None], number: int) -> None:
        """Call `send(number)`, not interrupted by a cancel while a frame is being written."""
        self._interruptor.shielded(send, number)

    def lose(self, error: SynapseError) -> None:
        """Fail everything that was asked, and all to come: the client is gone."""
        self.caller.lose(error)

    def _wait_on_main(self, request: Request) -> None:
        if self.wait_until is None:
            raise SynapseError("INTERNAL", "Nobody reads this connection while user code waits.")
        if self._interruptor.suspended_runs >= MAX_WAITS:
            raise SynapseError(
                "QUEUE_FULL",
                f"{MAX_WAITS} synchronous methods wait for the client inside one another: does a callback call "
                "the method it was given to? Make the method `async def`, and await the callback.",
            )
        # Not interrupted while a frame is written or the connection is read, nor between the two: a
        # cancel then would leave the client at work for nobody.
        self._interruptor.shielded(self._exchange, request)

    def _exchange(self, request: Request) -> None:
        interruptor = self._interruptor
        assert self.wait_until is not None
        request.send()
        interruptor.suspend_run(lambda: request.settled)
        try:
            self.wait_until(lambda: request.settled or interruptor.suspended_run_is_cancelled)
        finally:
            interruptor.resume_run()
            request.give_up()

    def _wait_beside(self, request: Request) -> None:
        settled = threading.Event()
        request.on_settled = settled.set
        try:
            request.send()
            while not request.settled:
                request.check()
                if self._interruptor.running and self.nudge is not None:
                    self.nudge(LOOK_AGAIN_SECONDS)
                    settled.wait(LOOK_AGAIN_SECONDS / 10)
                else:
                    settled.wait(LOOK_AGAIN_SECONDS)
        finally:
            request.on_settled = None
            request.give_up()
