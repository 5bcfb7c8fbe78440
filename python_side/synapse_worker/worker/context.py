"""The call a piece of user code is running for: progress, logs, and whether it was cancelled."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from io import StringIO

    from synapse_worker.worker.reports import Reports

_current: Final[ContextVar[Context]] = ContextVar("synapse_call")


class Context:
    """One call or stream, as its own code sees it. Get it from `current_context()`."""

    __slots__ = (
        "_meta",
        "_reports",
        "_wants_progress",
        "call_id",
        "cancelled",
        "method",
        "settled",
        "unfinished_lines",
    )

    def __init__(
        self,
        call_id: int,
        method: str,
        reports: Reports,
        wants_progress: int,
        meta: dict[str, Any] | None = None,
    ) -> None:
        self.call_id = call_id
        # Its name, as it was called: that of a service's method is "Service.method".
        self.method = method
        self.cancelled = False
        self.settled = False
        # What was printed since the last end of a line, by stream.
        self.unfinished_lines: dict[str, StringIO] | None = None
        self._reports = reports
        self._wants_progress = wants_progress
        self._meta = meta

    @property
    def traceparent(self) -> str | None:
        """The caller's position in its trace, as W3C Trace Context has it; None if it has told none."""
        return self._told("traceparent")

    @property
    def tracestate(self) -> str | None:
        """What tracing systems have added to `traceparent`; None if there is nothing."""
        return self._told("tracestate")

    def progress(self, value: Any) -> None:
        """Send `value` to the caller's `onProgress`, at once; free if the caller did not ask.

        Raises:
            EncodeError: the value cannot travel.
        """
        if self._wants_progress:
            self._reports.progress(self.call_id, value)

    def settle(self) -> None:
        """Note that the call has ended; what it printed last is a line, if need be without an end."""
        self.settled = True
        if self.unfinished_lines is not None:
            self._reports.end_lines(self)

    def _told(self, name: str) -> str | None:
        value = None if self._meta is None else self._meta.get(name)
        return value if isinstance(value, str) else None

    def log(self, message: object, *, level: object = "INFO", **extra: Any) -> None:
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


enter: Final = _current.set
"""Make a context the current one here."""


def running_call() -> Context | None:
    """Return the call that is running here and has not settled, if there is one."""
    context = _current.get(None)
    return None if context is None or context.settled else context


def current_call_id() -> int:
    """Return the id of the running call, or 0."""
    context = _current.get(None)
    return 0 if context is None else context.call_id
