"""The errors of Synapse. One base with a stable code; a handful of classes that a caller handles differently.

Those about a single value are in `value_errors`; how all of them travel is the room `error_maps`. Implements the section "Errors" of `docs/protocol.md`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the launcher of raw scripts starts here, and typing is slow to import
if TYPE_CHECKING:
    from typing import Any

RETRYABLE_CODES = frozenset(
    {
        "WORKER_EXITED",
        "QUEUE_FULL",
        "CIRCUIT_OPEN",
        "NETWORK_UNAVAILABLE",
        "ENVIRONMENT_LOCKED",
    }
)
"""Codes of failures that the same call may not meet again a moment later."""


def _revive(cls: type[SynapseError], args: tuple[Any, ...], state: dict[str, Any]) -> SynapseError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class SynapseError(Exception):
    """A failure that Synapse knows by name.

    User code may raise it too: `code`, `retryable` and `details` then reach the caller as they are.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool | None = None,
        details: object = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = code in RETRYABLE_CODES if retryable is None else retryable
        self.details = details
        if cause is not None:
            self.__cause__ = cause

    @property
    def cause(self) -> BaseException | None:
        """The exception this one was made from, if any."""
        return self.__cause__

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args`, which holds the message alone.
        return _revive, (type(self), self.args, dict(self.__dict__))


class FrameError(SynapseError):
    """A frame is too large (`FRAME_TOO_LARGE`), or the stream ended or stopped inside it (`FRAME_TRUNCATED`, `FRAME_STALLED`)."""

    def __init__(self, message: str, *, code: str, details: object = None) -> None:
        super().__init__(code, message, details=details)


class ProtocolError(SynapseError):
    """The other end broke the protocol; the connection cannot go on."""

    def __init__(self, message: str, *, details: object = None) -> None:
        super().__init__("PROTOCOL_ERROR", message, details=details)


class PythonError(SynapseError):
    """An exception raised by Python code at the other end, with what is known of it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        python_type: str = "Exception",
        python_module: str = "builtins",
        bases: tuple[str, ...] = (),
        traceback: str = "",
        notes: tuple[str, ...] = (),
        retryable: bool | None = None,
        details: object = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(code, message, retryable=retryable, details=details, cause=cause)
        self.python_type = python_type
        self.python_module = python_module
        self.bases = bases
        self.traceback = traceback
        self.notes = notes
