"""Frames that answer a call: results, items, and errors when a result cannot travel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from synapse_worker.protocol.codec import encode_value
from synapse_worker.protocol.errors import EncodeError, SynapseError, error_to_wire
from synapse_worker.protocol.frame_size import check_frame_size
from synapse_worker.protocol.messages import (
    HEADER_BYTES,
    Kind,
    encode_items,
    encode_message,
    encode_timed_result,
    frame_of,
    pack_frame_and_header,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RESULT: Final = 3  # written out as `PLAIN_CALL` in `burst.py` is
ERROR: Final = int(Kind.ERROR)
END: Final = int(Kind.END)
# The details of CLOSED by which the client knows that a call may go to another worker.
NOT_BEGUN: Final = {"begun": False}
# What a frame of one item holds beside it, and a frame of many: a header, and how many there are.
LONE_ITEM_BYTES: Final = HEADER_BYTES + 1
ITEMS_OVERHEAD_BYTES: Final = HEADER_BYTES + 5


class Replies:
    """Encodes answers. Every method returns a frame, whatever the value."""

    def __init__(
        self,
        max_frame_bytes: int,
        data_of: Callable[[BaseException], dict[str, Any] | None] = lambda error: None,
    ) -> None:
        self.max_frame_bytes = max_frame_bytes
        # Of results; another once the other end has said that it reads segments.
        self.encode: Callable[[object], bytes] = encode_value
        self._data_of = data_of

    def result(self, call_id: int, value: Any) -> bytes:
        """Return a RESULT, or the ERROR that says why the value cannot travel."""
        try:
            body = self.encode(value)
            size = HEADER_BYTES + len(body)
            if type(body) is bytes and size <= self.max_frame_bytes:  # here and now: nearly always
                return pack_frame_and_header(size, RESULT | call_id << 16) + body
            return frame_of(RESULT | call_id << 16, body, self.max_frame_bytes)
        except BaseException as error:  # user code runs in there: properties, conversions
            return self.error(call_id, _cannot_travel(error, value))

    def timed_result(self, call_id: int, run_ns: int, value: Any) -> bytes:
        """Return a RESULT that tells how long the method ran, or the ERROR that says why it cannot travel."""
        try:
            return encode_timed_result(call_id, run_ns, value, self.max_frame_bytes, self.encode)
        except BaseException as error:  # as above
            return self.error(call_id, _cannot_travel(error, value))

    def error(self, call_id: int, error: BaseException) -> bytes:
        """Return an ERROR."""
        try:
            return encode_message(ERROR, call_id, self._to_wire(error), 0, self.max_frame_bytes)
        except BaseException as failure:
            reason = f"{type(failure).__name__}: {error_to_wire(failure)['message']}"
            short = SynapseError(
                "INTERNAL", f"A {type(error).__name__} could not be reported: {reason}"
            )
            return encode_message(ERROR, call_id, error_to_wire(short))

    def not_begun(self, call_id: int, error: SynapseError) -> bytes:
        """Return the ERROR of a call that has not begun, and may go to another worker."""
        wire = {**error_to_wire(error), "details": NOT_BEGUN}
        return encode_message(ERROR, call_id, wire, 0, self.max_frame_bytes)

    def _to_wire(self, error: BaseException) -> dict[str, Any]:
        wire = error_to_wire(error)
        data = self._data_of(error)
        if data is not None:
            wire["details"] = data
        details = wire["details"]
        if isinstance(details, Mapping) and wire["code"] == "CLOSED":
            # For this end to say (`not_begun`): by such words of user code its call would run again.
            wire["details"] = {name: details[name] for name in details if name not in NOT_BEGUN}
        return wire

    def item(self, value: Any) -> bytes:
        """Return one item of a stream, encoded.

        Raises:
            SynapseError: it cannot travel, or is too large even alone.
        """
        try:
            encoded = encode_value(value)
        except Exception as error:
            raise _cannot_travel(error, value) from None
        alone = LONE_ITEM_BYTES + len(encoded)
        if alone > self.max_frame_bytes:
            check_frame_size(alone, self.max_frame_bytes)
        return encoded

    def items(self, stream_id: int, items: Sequence[bytes]) -> list[bytes]:
        """Return the ITEMS messages for encoded items: one, where the frame limit allows it."""
        limit = self.max_frame_bytes
        if ITEMS_OVERHEAD_BYTES + sum(map(len, items)) <= limit:
            return [encode_items(stream_id, items, limit)]
        return [encode_items(stream_id, (item,), limit) for item in items]

    def end(self, stream_id: int) -> bytes:
        """Return an END."""
        return encode_message(END, stream_id)


def _cannot_travel(error: BaseException, value: Any) -> BaseException:
    if not isinstance(error, EncodeError) or error.path != "$":
        return error
    try:
        advice = _advice(value)
    except BaseException:  # the value's own code, which looking at it runs
        return error
    return (
        EncodeError(f"{error.message} {advice}", path=error.path, code=error.code)
        if advice
        else error
    )


def _advice(value: Any) -> str:
    """Say how a value that is yet to be computed is returned; empty for all others."""
    if hasattr(value, "__await__"):
        advice = "It returned an awaitable: declare the method itself `async def`."
    elif hasattr(value, "__next__") or hasattr(value, "__anext__"):
        advice = "It returned an iterator: declare the method itself as a generator, with `yield`."
    else:
        return ""
    close = getattr(value, "close", None)
    if close is not None:
        close()  # a coroutine never awaited would warn about itself
    return advice
