"""The call a piece of user code is running for: progress, logs, and whether it was cancelled."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synapse_worker.worker.reports import Reports

_current: ContextVar[Context] = ContextVar("synapse_call")


class Context:
    """One call or stream, as its own code sees it. Get it from `current_context()`."""

    __slots__ = ("_reports", "_wants_progress", "call_id", "cancelled", "settled")

    def __init__(self, call_id: int, reports: Reports, wants_progress: bool) -> None:
        self.call_id = call_id
        self.cancelled = False
        self.settled = False
        self._reports = reports
        self._wants_progress = wants_progress

    def progress(self, value: Any) -> None:
        """Send `value` to the caller's `onProgress`, at once; free if the caller did not ask.

        Raises:
            EncodeError: the value cannot travel.
        """
        if self._wants_progress:
            self._reports.progress(self.call_id, value)

    def log(self, message: str, *, level: str = "INFO", **extra: Any) -> None:
        """Send one structured log record to the caller's side, attributed to this call."""
        self._reports.log(
            self.call_id,
            {"level": level, "logger": "synapse", "message": str(message), "extra": extra},
        )


def current_context() -> Context:
    """Return the context of the call that is running here.

    Raises:
        RuntimeError: no call is running; setup, teardown and import time have no context.
    """
    try:
        return _current.get()
    except LookupError:
        raise RuntimeError(
            "There is no current call: current_context() works inside a method, and in threads and "
            "tasks only if they were started with the method's contextvars."
        ) from None


def enter(context: Context) -> None:
    """Make `context` the current one here."""
    _current.set(context)


def current_call_id() -> int:
    """Return the id of the running call, or 0."""
    context = _current.get(None)
    return 0 if context is None else context.call_id
