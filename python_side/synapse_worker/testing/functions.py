"""The test's own functions, as the module under test calls them: its callbacks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import CallbackReference
from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.worker.event_loop import EventLoopThread

_PREFIX = "$callback:"


class Functions:
    """Numbers functions among the arguments of a call, and runs them when they are called."""

    def __init__(self, loop: EventLoopThread) -> None:
        self._loop = loop
        self._functions: dict[int, Callable[..., Any]] = {}
        self._last_id = 0

    def referred(self, value: Any, ids: list[int]) -> Any:
        """Return `value` with references in the places of functions; add their numbers to `ids`."""
        if isinstance(value, list | tuple):
            return [self.referred(item, ids) for item in value]
        if isinstance(value, dict):
            return {key: self.referred(item, ids) for key, item in value.items()}
        if not callable(value) or isinstance(value, type):
            return value
        self._last_id += 1
        self._functions[self._last_id] = value
        ids.append(self._last_id)
        return CallbackReference(self._last_id)

    def release(self, ids: list[int]) -> None:
        """Forget functions: the call that they came with has settled."""
        for number in ids:
            self._functions.pop(number, None)

    def answer(self, call_id: int, body: Any) -> bytes:
        """Run the function that a CALL of the module asks for; return the frame that answers it."""
        method, args, kwargs = body
        try:
            value = self._function(method)(*args, **kwargs)
            if isinstance(value, Awaitable):
                value = self._loop.run(_awaited(value))
            return encode_message(Kind.RESULT, call_id, value)
        except Exception as error:
            return encode_message(Kind.ERROR, call_id, error_to_wire(error))

    def _function(self, method: str) -> Callable[..., Any]:
        number = int(method.removeprefix(_PREFIX))
        function = self._functions.get(number)
        if function is None:
            raise SynapseError(
                "CALLBACK_RELEASED", "The call that this callback came with has settled."
            )
        return function


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
