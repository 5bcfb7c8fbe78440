"""The test's own iterables, as the module under test reads them: its uploads."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterator
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError, error_to_wire
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.testing.references import References
    from synapse_worker.worker.event_loop import EventLoopThread

_PREFIX = "$upload:"
_END = object()


class Sources:
    """Sends items as credit allows, one message each: a test sees what was read when it was."""

    def __init__(
        self, references: References, loop: EventLoopThread, write: Callable[[bytes], None]
    ) -> None:
        self._references = references
        self._loop = loop
        self._write = write
        self._open: dict[int, tuple[int, Any]] = {}

    def open(self, stream_id: int, body: Any) -> None:
        """Start to send what an OPEN of the module asks for."""
        method, _, _, credit = body
        number = int(method.removeprefix(_PREFIX))
        source = self._references.sources.get(number)
        if source is None:
            self._fail(stream_id, _released())
            return
        iterator = aiter(source) if isinstance(source, AsyncIterable) else source
        self._open[stream_id] = (number, iterator)
        self.add_credit(stream_id, credit)

    def add_credit(self, stream_id: int, items: int) -> None:
        """Send up to `items` more items; nothing happens once the stream has ended."""
        for _ in range(items):
            _, source = self._open.get(stream_id, (0, None))
            if source is None:
                return
            try:
                item = self._next(source)
                ended = item is _END
                frame = encode_message(*_message(stream_id, item))
            except Exception as error:
                self._fail(stream_id, error)
                return
            if ended:
                del self._open[stream_id]
            self._write(frame)

    def cancel(self, stream_id: int) -> None:
        """Close a source: the module reads no further."""
        if stream_id in self._open:
            self._close(stream_id)

    def release(self, ids: list[int]) -> None:
        """Close the sources that came with a call: it has settled."""
        for stream_id in [key for key, (number, _) in self._open.items() if number in ids]:
            self._close(stream_id)

    def _next(self, source: Any) -> Any:
        if isinstance(source, Iterator):
            return next(source, _END)
        return self._loop.run(_next_later(source))

    def _close(self, stream_id: int) -> None:
        _, source = self._open[stream_id]
        self._fail(stream_id, _released())
        if hasattr(source, "aclose"):
            self._loop.run(source.aclose())
        elif hasattr(source, "close"):
            source.close()

    def _fail(self, stream_id: int, error: BaseException) -> None:
        self._open.pop(stream_id, None)
        self._write(encode_message(Kind.ERROR, stream_id, error_to_wire(error)))


def _message(stream_id: int, item: Any) -> tuple[Any, ...]:
    return (Kind.END, stream_id) if item is _END else (Kind.ITEMS, stream_id, [item])


async def _next_later(source: Any) -> Any:
    try:
        return await source.__anext__()
    except StopAsyncIteration:
        return _END


def _released() -> SynapseError:
    return SynapseError("CALLBACK_RELEASED", "The call that this stream came with has settled.")
