"""`JavaScriptError`: what a JavaScript function raised when Python called it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import PythonError, SynapseError

if TYPE_CHECKING:
    from typing_extensions import Self


class JavaScriptError(SynapseError):
    """An error raised by a callback. `name` is that of its class, `stack` what JavaScript prints of it."""

    def __init__(
        self,
        message: str,
        *,
        name: str = "Error",
        stack: str = "",
        code: str = "PYTHON_EXCEPTION",
        details: object = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(code, message, details=details, cause=cause)
        self.name = name
        self.stack = stack

    @classmethod
    def or_ours(cls, error: SynapseError) -> SynapseError:
        """Return what to raise for an error of the other end: this, if JavaScript code raised it."""
        return cls.of(error) if error.code in ("INTERNAL", "PYTHON_EXCEPTION") else error

    @classmethod
    def of(cls, error: SynapseError) -> Self:
        """Return the error that an error map from the JavaScript end was read as."""
        theirs = error if isinstance(error, PythonError) else PythonError(error.code, error.message)
        return cls(
            error.message,
            name=theirs.python_type,
            stack=theirs.traceback,
            details=error.details,
            cause=error.__cause__,
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"
