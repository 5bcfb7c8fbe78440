"""One call of a worker, waited for by the thread that made it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.protocol.errors import SynapseError


class PendingCall:
    """Takes the answer on the connection's thread and gives it to the caller's."""

    def __init__(self, on_progress: Callable[[Any], None] | None = None) -> None:
        self.settled = threading.Event()
        self._progress = on_progress
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
        """Take the value; called by the connection."""
        self._value = value
        self.settled.set()

    def on_error(self, error: SynapseError) -> None:
        """Take the failure; called by the connection."""
        self._error = error
        self.settled.set()

    def on_items(self, items: list[Any], payload_bytes: int) -> None:
        """Refuse items: a call is no stream."""

    def on_progress(self, value: Any) -> None:
        """Take a progress value; called by the connection."""
        if self._progress is not None:
            self._progress(value)
