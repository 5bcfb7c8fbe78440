"""Streams of the client's as user code gets them: iterators, to be read by `for` or by `async for`.

An async iterable, a generator or an iterator that JavaScript passes as an argument comes as one of
these. Nothing is asked for before the first item is.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec.references import REFERENCE_ATTRIBUTE, StreamReference
from synapse_worker.worker.upload_buffer import NOTHING, UploadBuffer

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from synapse_worker.worker.client_requests import ClientRequests
    from synapse_worker.worker.context import Context


# A caller that is always ahead must not keep the event loop from everything else.
TURN_ITEMS = 256


class Upload:
    """Items that the caller sends while its call runs; they can be read once.

    Iterating waits for the caller, and raises `JavaScriptError` if its iterable fails. The caller's end is
    closed by `close()` or `aclose()`, when nobody holds this any more, and at last when the call ends.
    """

    __slots__ = (REFERENCE_ATTRIBUTE, "_buffer", "_convert", "_requests", "_taken")

    def __init__(
        self,
        requests: ClientRequests,
        reference: StreamReference,
        context: Context,
        convert: Callable[[Any, int], Any] | None = None,
    ) -> None:
        """`convert` makes of an item, given with its number, what user code gets."""
        setattr(self, REFERENCE_ATTRIBUTE, reference)
        self._requests = requests
        self._buffer = UploadBuffer(requests, reference.id, context)
        self._convert = convert
        self._taken = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        item = self._buffer.take()
        while item is NOTHING:
            _refuse_on_a_loop()
            self._requests.wait(self._buffer)
            item = self._buffer.take()
        return self._converted(item)

    def close(self) -> None:
        """Read no further; the caller's iterable is closed."""
        self._buffer.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        try:
            item = self._buffer.take()
            while item is NOTHING:
                await self._requests.wait_async(self._buffer)
                item = self._buffer.take()
        except StopIteration:
            raise StopAsyncIteration from None
        if self._taken % TURN_ITEMS == TURN_ITEMS - 1:
            import asyncio

            await asyncio.sleep(0)
        return self._converted(item)

    async def aclose(self) -> None:
        """Read no further; the caller's iterable is closed."""
        self._buffer.close()

    def __del__(self) -> None:
        # It may not have been made to the end.
        buffer = getattr(self, "_buffer", None)
        if buffer is not None:
            buffer.close()

    def __repr__(self) -> str:
        return f"<stream of the caller's, {self._taken} items read>"

    def _converted(self, item: Any) -> Any:
        number = self._taken
        self._taken = number + 1
        return item if self._convert is None else self._convert(item, number)


def _refuse_on_a_loop() -> None:
    """Raise where waiting would keep an event loop from everything else, the awaited items included."""
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise TypeError("In an async method a stream of the caller's is read with `async for`.")
