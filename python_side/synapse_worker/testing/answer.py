"""What came back for one call or stream."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synapse_worker.protocol.errors import SynapseError


class Answer:
    """Takes what the worker answers, in the thread that waits for it."""

    def __init__(self) -> None:
        self.settled = False
        self.items: deque[Any] = deque()
        self.progress: list[Any] = []
        self._value: Any = None
        self._error: SynapseError | None = None

    def value(self) -> Any:
        """Return the settled call's value.

        Raises:
            SynapseError: it failed.
        """
        if self._error is not None:
            raise self._error
        return self._value

    def on_result(self, value: Any) -> None:
        """Take the value, or the end of a stream."""
        self._value = value
        self.settled = True

    def on_error(self, error: SynapseError) -> None:
        """Take the failure."""
        self._error = error
        self.settled = True

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Take items of a stream."""
        self.items.extend(items)

    def on_progress(self, value: Any) -> None:
        """Take a progress value."""
        self.progress.append(value)
