"""Errors about a value: it cannot travel, did not come whole, or is not of the type it should be.

Each says where in the value. Implements the section "Errors" of `docs/protocol.md`.
"""

from __future__ import annotations

from .error_classes import SynapseError


class EncodeError(SynapseError):
    """A value cannot travel. `path` says where in it the trouble is, as in `$.items[3].fn`."""

    def __init__(
        self,
        message: str,
        *,
        path: str = "$",
        code: str = "ENCODE_FAILED",
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(code, message, details={"path": path}, cause=cause)
        self.path = path


class DecodeError(SynapseError):
    """Bytes that are not the value they should be."""

    def __init__(
        self, message: str, *, code: str = "DECODE_FAILED", cause: BaseException | None = None
    ) -> None:
        super().__init__(code, message, cause=cause)


class ValidationError(SynapseError):
    """The arguments of a call are not what the method takes; no line of the method ran.

    `VALIDATION_FAILED`: one is not of the annotated type. `INVALID_ARGUMENTS`: one is missing, unknown, given twice
    or too many; `parameter` and `path` are empty where no single one is at fault. `path` says where in the arguments, as in `order.items[3].price`; `expected` and `got` are types in Python's words.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "VALIDATION_FAILED",
        method: str = "",
        parameter: str = "",
        path: str = "$",
        expected: str = "",
        got: str = "",
        cause: BaseException | None = None,
    ) -> None:
        details = {
            "method": method,
            "parameter": parameter,
            "path": path,
            "expected": expected,
            "got": got,
        }
        super().__init__(code, message, details=details, cause=cause)
        self.method = method
        self.parameter = parameter
        self.path = path
        self.expected = expected
        self.got = got


class ResultError(SynapseError):
    """A method returned what its annotations do not allow; `path` says where in the result."""

    def __init__(
        self,
        message: str,
        *,
        method: str = "",
        path: str = "$",
        expected: str = "",
        got: str = "",
        cause: BaseException | None = None,
    ) -> None:
        details = {"method": method, "path": path, "expected": expected, "got": got}
        super().__init__("RESULT_INVALID", message, details=details, cause=cause)
        self.method = method
        self.path = path
        self.expected = expected
        self.got = got
