"""Items of one stream of the client's that have come and were not taken yet.

The thread that reads the connection puts items in, the one that iterates takes them out and gives
credit back as it does. Neither waits for the other here.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from synapse_worker.peer.window import INITIAL_ITEMS, Window
from synapse_worker.worker.failures import stream_released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from synapse_worker.protocol.errors import SynapseError
    from synapse_worker.worker.client_requests import ClientRequests
    from synapse_worker.worker.context import Context


class _Nothing:
    """The absence of an item, which is not the same as an item of None."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()


class UploadBuffer:
    """Opens a stream of the client's and keeps what it sends. It is the request that a reader waits on."""

    __slots__ = (
        "_arrived",
        "_batch",
        "_context",
        "_ended",
        "_error",
        "_number",
        "_requests",
        "_stream_id",
        "_window",
        "on_settled",
    )

    def __init__(self, requests: ClientRequests, number: int, context: Context) -> None:
        self.on_settled: Callable[[], object] | None = None
        self._requests = requests
        self._number = number
        self._context = context
        self._stream_id = 0
        self._window = Window()
        self._arrived: deque[tuple[list[Any], int]] = deque()
        self._batch: Iterator[Any] = iter(())
        self._ended = False
        self._error: SynapseError | None = None

    @property
    def settled(self) -> bool:
        """Whether there is an item to be taken, or will be no more."""
        return bool(self._arrived) or self._ended

    def take(self) -> Any:
        """Take the next item; `NOTHING` if there is none yet.

        Raises:
            StopIteration: there will be no more.
            SynapseError: the client's end failed; told once.
        """
        item = next(self._batch, NOTHING)
        if item is NOTHING:
            return self._take_of_next_batch()
        self._give(self._window.took_one())
        return item

    def check(self) -> None:
        """Raise if the call that the stream came with is over."""
        if self._context.settled or self._context.cancelled:
            raise stream_released()

    def send(self) -> None:
        """Open the stream, the first time."""
        if self._stream_id == 0:
            method = f"$upload:{self._number}"
            self._stream_id = self._requests.caller.open(method, [], {}, self, credit=INITIAL_ITEMS)

    def give_up(self) -> None:
        """Do nothing: what comes later is for who asks next."""

    def close(self) -> None:
        """Read no further: tell the client, and drop what has come. Idempotent."""
        was_open = self._stream_id != 0 and not self._ended
        self._ended = True
        self._error = None
        self._arrived.clear()
        self._batch = iter(())
        if was_open:
            self._requests.send(self._cancel, self._stream_id)

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Take items; called by the connection."""
        if not self._ended:
            self._arrived.append((items, payload_bytes))
            self._notify()

    def on_result(self, value: Any) -> None:
        """Take the end; called by the connection."""
        self._ended = True
        self._notify()

    def on_error(self, error: SynapseError) -> None:
        """Take the failure, to be told after the items before it; called by the connection."""
        # Only what fails needs it.
        from synapse_worker.worker.javascript_error import JavaScriptError

        self._error = JavaScriptError.or_ours(error)
        self._ended = True
        self._notify()

    def on_progress(self, value: Any) -> None:
        """Ignore progress: none was asked for."""

    def _take_of_next_batch(self) -> Any:
        ended = self._ended  # before looking: what arrives afterwards is not the end of anything
        if not self._arrived:
            if not ended:
                return NOTHING
            error, self._error = self._error, None
            if error is not None:
                raise error
            raise StopIteration
        items, payload_bytes = self._arrived.popleft()
        self._batch = iter(items)
        self._give(self._window.arrived(len(items), payload_bytes) + self._window.took_one())
        return next(self._batch)

    def _give(self, items: int) -> None:
        if items and not self._ended:
            self._requests.send(self._send_credit, items)

    def _send_credit(self, items: int) -> None:
        self._requests.caller.add_credit(self._stream_id, items)

    def _cancel(self, stream_id: int) -> None:
        self._requests.caller.cancel(stream_id)
        self._requests.caller.forget(stream_id)

    def _notify(self) -> None:
        on_settled = self.on_settled
        if on_settled is not None:
            on_settled()
