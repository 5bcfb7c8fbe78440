"""A stream of a worker, read as an iterator; reading slowly makes the worker wait."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.limits import STREAM_WINDOW_ITEMS

if TYPE_CHECKING:
    from typing_extensions import Self

    from synapse_worker.protocol.errors import SynapseError


class WorkerStream(Iterator[Any]):
    """Items as they come. Close it, or leave its `with` block, to stop the generator early."""

    def __init__(
        self,
        on_progress: Callable[[Any], None] | None,
        add_credit: Callable[[int, int], None],
        cancel: Callable[[int], None],
        window_items: int = STREAM_WINDOW_ITEMS,
    ) -> None:
        self.stream_id = 0
        self.window_items = window_items
        self._progress = on_progress
        self._add_credit = add_credit
        self._cancel = cancel
        self._arrived: queue.SimpleQueue[list[Any] | SynapseError | None] = queue.SimpleQueue()
        self._items: Iterator[Any] = iter(())
        self._taken = 0
        self._ended = False

    def __next__(self) -> Any:
        """Return the next item.

        Raises:
            SynapseError: the generator failed.
        """
        while True:
            for item in self._items:
                self._took_one()
                return item
            if self._ended:
                raise StopIteration
            arrived = self._arrived.get()
            if isinstance(arrived, list):
                self._items = iter(arrived)
                continue
            self._ended = True
            if arrived is not None:
                raise arrived

    def close(self) -> None:
        """Stop the generator and wait until it has stopped. Idempotent."""
        if self._ended:
            return
        self._cancel(self.stream_id)
        while isinstance(self._arrived.get(), list):
            pass
        self._ended = True
        self._items = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Take items; called by the connection."""
        self._arrived.put(items)

    def on_result(self, value: Any) -> None:
        """Take the end; called by the connection."""
        self._arrived.put(None)

    def on_error(self, error: SynapseError) -> None:
        """Take the failure; called by the connection."""
        self._arrived.put(error)

    def on_progress(self, value: Any) -> None:
        """Take a progress value; called by the connection."""
        if self._progress is not None:
            self._progress(value)

    def _took_one(self) -> None:
        # Half a window at a time: one message for many items, and the worker never runs dry.
        self._taken += 1
        if self._taken * 2 >= self.window_items:
            self._add_credit(self.stream_id, self._taken)
            self._taken = 0
