"""Calls in the other direction: the caller's functions, called from user code on any thread.

A synchronous method runs on the main thread, which is also the one that reads the connection. So while
it waits for a callback's answer the connection must be read from inside that wait: `wait_until` does
it, and serves calls that come meanwhile, as the top of the loop would. Other threads just wait; should
the main thread be busy in user code, which may be waiting for them, they have it look for answers.
"""

from __future__ import annotations

import threading
from _thread import get_ident
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from synapse_worker.peer.caller import Caller
from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.failures import callback_released
from synapse_worker.worker.javascript_error import JavaScriptError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.peer.outbox import Outbox
    from synapse_worker.worker.context import Context
    from synapse_worker.worker.interruption import Interruptor

# Synchronous methods that wait for callbacks inside one another: each is some twenty Python frames.
MAX_WAITS = 32
# How often a thread that waits looks again whether the main thread is busy.
LOOK_AGAIN_SECONDS = 0.005


class Answer:
    """What a callback has answered; `on_settled` is called on the thread that reads."""

    __slots__ = ("_error", "_on_settled", "_value", "call_id", "settled")

    def __init__(self, on_settled: Callable[[], object] | None = None) -> None:
        self.call_id = 0
        self.settled = False
        self._value: Any = None
        self._error: SynapseError | None = None
        self._on_settled = on_settled

    def value(self) -> Any:
        """Return the value.

        Raises:
            SynapseError: the callback failed, or could not be called; a `JavaScriptError` if it raised.
        """
        if self._error is not None:
            raise self._error
        return self._value

    def on_result(self, value: Any) -> None:
        """Take the value; called by the connection."""
        self._value = value
        self._settle()

    def on_error(self, error: SynapseError) -> None:
        """Take the failure; called by the connection."""
        was_raised = error.code in ("INTERNAL", "PYTHON_EXCEPTION")
        self._error = JavaScriptError.of(error) if was_raised else error
        self._settle()

    def on_items(self, items: list[Any]) -> None:
        """Refuse items: a callback is no stream."""

    def on_progress(self, value: Any) -> None:
        """Ignore progress: none was asked for."""

    def _settle(self) -> None:
        self.settled = True
        if self._on_settled is not None:
            self._on_settled()


class CallbackCalls:
    """Calls the client's functions and waits for what they answer."""

    def __init__(self, outbox: Outbox, interruptor: Interruptor, max_frame_bytes: int) -> None:
        self.caller = Caller(outbox.send, max_frame_bytes, native_arrays=True)
        self._interruptor = interruptor
        self._main_thread = get_ident()
        # Set by whoever reads the connection: serve it until the condition holds, and wait a moment for the
        # main thread, busy in user code, to be made to look for answers.
        self.wait_until: Callable[[Callable[[], bool]], None] | None = None
        self.nudge: Callable[[float], None] | None = None

    def call(self, callback_id: int, context: Context, args: list[Any]) -> Any:
        """Call a function of the client's and wait for its result, on any thread.

        Raises:
            SynapseError: it failed (`JavaScriptError` if it raised), or its call has ended
                (`CALLBACK_RELEASED`).
            Cancelled: the caller cancelled the method that waits here.
        """
        self._check(context)
        if get_ident() == self._main_thread:
            return self._call_on_main(callback_id, args)
        return self._call_beside(callback_id, context, args)

    async def call_async(self, callback_id: int, context: Context, args: list[Any]) -> Any:
        """Call a function of the client's and await its result, on any event loop.

        Raises:
            SynapseError: as `call`.
        """
        import asyncio

        self._check(context)
        loop = asyncio.get_running_loop()
        settled = loop.create_future()

        def settle() -> None:
            if not settled.done():
                settled.set_result(None)

        def settle_there() -> None:
            with suppress(RuntimeError):  # user code has closed its loop
                loop.call_soon_threadsafe(settle)

        answer = Answer(settle_there)
        self._issue((callback_id, args, answer))
        try:
            await settled
        finally:
            self._give_up(answer)
        return answer.value()

    def lose(self, error: SynapseError) -> None:
        """Fail every callback that was called, and all to come: the client is gone."""
        self.caller.lose(error)

    def _check(self, context: Context) -> None:
        if context.settled or context.cancelled:
            raise callback_released()

    def _issue(self, request: tuple[int, list[Any], Answer]) -> None:
        callback_id, args, answer = request
        answer.call_id = self.caller.call(f"$callback:{callback_id}", args, {}, answer)

    def _give_up(self, answer: Answer) -> None:
        if not answer.settled:
            self.caller.cancel(answer.call_id)
            self.caller.forget(answer.call_id)

    def _call_on_main(self, callback_id: int, args: list[Any]) -> Any:
        if self.wait_until is None:
            raise SynapseError("INTERNAL", "Nobody reads this connection while user code waits.")
        if self._interruptor.suspended_runs >= MAX_WAITS:
            raise SynapseError(
                "QUEUE_FULL",
                f"{MAX_WAITS} synchronous methods wait for callbacks inside one another: does a callback call "
                "the method it was given to? Make the method `async def`, and await the callback.",
            )
        answer = Answer()
        # Not interrupted while a frame is written or the connection is read, nor between the two: a
        # cancel then would leave the client's function running for nobody.
        self._interruptor.shielded(self._exchange, (callback_id, args, answer))
        return answer.value()

    def _exchange(self, request: tuple[int, list[Any], Answer]) -> None:
        interruptor, answer = self._interruptor, request[2]
        assert self.wait_until is not None
        self._issue(request)
        interruptor.suspend_run()
        try:
            self.wait_until(lambda: answer.settled or interruptor.suspended_run_is_cancelled)
        finally:
            interruptor.resume_run()
            self._give_up(answer)

    def _call_beside(self, callback_id: int, context: Context, args: list[Any]) -> Any:
        settled = threading.Event()
        answer = Answer(settled.set)
        self._issue((callback_id, args, answer))
        try:
            while not settled.is_set():
                self._check(context)
                if self._interruptor.running and self.nudge is not None:
                    self.nudge(LOOK_AGAIN_SECONDS)
                    settled.wait(LOOK_AGAIN_SECONDS / 10)
                else:
                    settled.wait(LOOK_AGAIN_SECONDS)
        finally:
            self._give_up(answer)
        return answer.value()
