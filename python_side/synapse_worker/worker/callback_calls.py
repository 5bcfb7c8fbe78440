"""Calls in the other direction: the caller's functions, called from user code on any thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.worker.failures import callback_released

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.protocol.errors import SynapseError
    from synapse_worker.worker.client_requests import ClientRequests
    from synapse_worker.worker.context import Context


class CallbackCall:
    """One call of a function of the client's: the request, and what it has answered."""

    __slots__ = (
        "_args",
        "_call_id",
        "_callback_id",
        "_context",
        "_error",
        "_requests",
        "_value",
        "on_settled",
        "settled",
    )

    def __init__(
        self, requests: ClientRequests, callback_id: int, context: Context, args: list[Any]
    ) -> None:
        self.settled = False
        self.on_settled: Callable[[], object] | None = None
        self._requests = requests
        self._callback_id = callback_id
        self._context = context
        self._args = args
        self._call_id = 0
        self._value: Any = None
        self._error: SynapseError | None = None

    def value(self) -> Any:
        """Return the value.

        Raises:
            SynapseError: the callback failed, or could not be called; a `JavaScriptError` if it raised.
        """
        if self._error is not None:
            raise self._error
        return self._value

    def check(self) -> None:
        """Raise if the call that the function came with is over."""
        if self._context.settled or self._context.cancelled:
            raise callback_released()

    def send(self) -> None:
        """Send the call."""
        method = f"$callback:{self._callback_id}"
        self._call_id = self._requests.caller.call(method, self._args, {}, self)

    def give_up(self) -> None:
        """Cancel the call, unless it is answered."""
        if self._call_id and not self.settled:
            self._requests.caller.cancel(self._call_id)
            self._requests.caller.forget(self._call_id)

    def on_result(self, value: Any) -> None:
        """Take the value; called by the connection."""
        self._value = value
        self._settle()

    def on_error(self, error: SynapseError) -> None:
        """Take the failure; called by the connection."""
        # Only what fails needs it.
        from synapse_worker.worker.javascript_error import JavaScriptError

        self._error = JavaScriptError.or_ours(error)
        self._settle()

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Refuse items: a callback is no stream."""

    def on_progress(self, value: Any) -> None:
        """Ignore progress: none was asked for."""

    def _settle(self) -> None:
        self.settled = True
        on_settled = self.on_settled
        if on_settled is not None:
            on_settled()


class CallbackCalls:
    """Calls the client's functions and waits for what they answer."""

    def __init__(self, requests: ClientRequests) -> None:
        self._requests = requests

    def call(self, callback_id: int, context: Context, args: list[Any]) -> Any:
        """Call a function of the client's and wait for its result, on any thread.

        Raises:
            SynapseError: it failed (`JavaScriptError` if it raised), or its call has ended
                (`CALLBACK_RELEASED`).
            Cancelled: the caller cancelled the method that waits here.
        """
        call = CallbackCall(self._requests, callback_id, context, args)
        self._requests.wait(call)
        return call.value()

    async def call_async(self, callback_id: int, context: Context, args: list[Any]) -> Any:
        """Call a function of the client's and await its result, on any event loop.

        Raises:
            SynapseError: as `call`.
        """
        call = CallbackCall(self._requests, callback_id, context, args)
        await self._requests.wait_async(call)
        return call.value()
