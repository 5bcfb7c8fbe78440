"""Frames that answer a call: results, items, and errors when a result cannot travel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import EncodeError, SynapseError, error_to_wire
from synapse_worker.protocol.messages import Kind, encode_message

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULT = int(Kind.RESULT)
ERROR = int(Kind.ERROR)
ITEMS = int(Kind.ITEMS)
END = int(Kind.END)


class Replies:
    """Encodes answers. Every method returns a frame, whatever the value."""

    def __init__(self, max_frame_bytes: int) -> None:
        self.max_frame_bytes = max_frame_bytes

    def result(self, call_id: int, value: Any) -> bytes:
        """Return a RESULT, or the ERROR that says why the value cannot travel."""
        try:
            return encode_message(RESULT, call_id, value, 0, self.max_frame_bytes)
        except Exception as error:
            return self.error(call_id, _cannot_travel(error, value))

    def error(self, call_id: int, error: BaseException) -> bytes:
        """Return an ERROR."""
        try:
            return encode_message(ERROR, call_id, error_to_wire(error), 0, self.max_frame_bytes)
        except Exception as failure:
            short = SynapseError(
                "INTERNAL",
                f"A {type(error).__name__} could not be reported: {type(failure).__name__}: {failure}",
            )
            return encode_message(ERROR, call_id, error_to_wire(short))

    def items(self, stream_id: int, items: Sequence[Any]) -> bytes:
        """Return an ITEMS message.

        Raises:
            Exception: an item cannot travel, or all of them are too large together.
        """
        return encode_message(ITEMS, stream_id, items, 0, self.max_frame_bytes)

    def items_singly(
        self, stream_id: int, items: Sequence[Any]
    ) -> tuple[list[bytes], bytes | None]:
        """Return one ITEMS message an item, and the ERROR for the first that cannot travel."""
        frames: list[bytes] = []
        item: Any = None
        try:
            for item in items:
                frames.append(encode_message(ITEMS, stream_id, [item], 0, self.max_frame_bytes))
        except Exception as error:
            return frames, self.error(stream_id, _cannot_travel(_path_from_item(error), item))
        return frames, None

    def end(self, stream_id: int) -> bytes:
        """Return an END."""
        return encode_message(END, stream_id)


def _path_from_item(error: Exception) -> Exception:
    """Let the path of an encode error start at the item, not at the array that carried it."""
    carried = "$[0]"
    if not isinstance(error, EncodeError) or not error.path.startswith(carried):
        return error
    path = "$" + error.path[len(carried) :]
    message = error.message.replace(error.path, path)
    return EncodeError(message, path=path, code=error.code, cause=error.__cause__)


def _cannot_travel(error: Exception, value: Any) -> Exception:
    if not isinstance(error, EncodeError) or error.path != "$":
        return error
    if hasattr(value, "__await__"):
        advice = "It returned an awaitable: declare the method itself `async def`."
    elif hasattr(value, "__next__") or hasattr(value, "__anext__"):
        advice = "It returned an iterator: declare the method itself as a generator, with `yield`."
    else:
        return error
    close = getattr(value, "close", None)
    if close is not None:
        close()  # a coroutine never awaited would warn about itself
    return EncodeError(f"{error.message} {advice}", path=error.path, code=error.code)
