"""The test's own functions, as the module under test calls them: its callbacks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.testing.references import References
    from synapse_worker.worker.event_loop import EventLoopThread

_PREFIX = "$callback:"


class Functions:
    """Runs functions when they are called."""

    def __init__(self, references: References, loop: EventLoopThread) -> None:
        self._references = references
        self._loop = loop

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
        function = self._references.functions.get(number)
        if function is None:
            raise SynapseError(
                "CALLBACK_RELEASED", "The call that this callback came with has settled."
            )
        return function


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
