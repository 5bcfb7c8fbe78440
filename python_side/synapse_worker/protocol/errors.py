"""The errors of Synapse. One base with a stable code; a handful of classes that a caller handles differently.

Also how an error becomes a map on the wire, and back. Implements the section "Errors" of `docs/protocol.md`;
standard library only, and `traceback` only when there is something to report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .limits import MAX_ERROR_CAUSES, MAX_ERROR_NOTES, MAX_ERROR_TEXT_CHARS

RETRYABLE_CODES = frozenset(
    {"WORKER_EXITED", "QUEUE_FULL", "NETWORK_UNAVAILABLE", "ENVIRONMENT_LOCKED"}
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


class FrameError(SynapseError):
    """A frame is larger than allowed (`FRAME_TOO_LARGE`) or the stream ended inside it (`FRAME_TRUNCATED`)."""

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
        traceback: str = "",
        notes: tuple[str, ...] = (),
        retryable: bool | None = None,
        details: object = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(code, message, retryable=retryable, details=details, cause=cause)
        self.python_type = python_type
        self.python_module = python_module
        self.traceback = traceback
        self.notes = notes


Trim = Callable[[str], bool]
"""Says of a source file whether it belongs to the machinery that called the user's code."""

_PACKAGE = str(Path(__file__).resolve().parent.parent) + "/"


def is_machinery(filename: str) -> bool:
    """Whether frames of this file are ours or the import system's, and of no interest to a user."""
    return filename.startswith((_PACKAGE, "<frozen importlib", "<frozen runpy"))


def error_to_wire(exc: BaseException, *, trim: Trim = is_machinery) -> dict[str, Any]:
    """Return the error map of an exception, with its causes.

    `traceback` of the outermost map is what Python would print, chained exceptions included, without the
    leading frames for which `trim(filename)` holds; a cause carries its own alone. Never raises, and every
    text in it can be encoded; `details` are passed on as they are.
    """
    return _to_map(exc, trim, frozenset(), chained=True)


def _to_map(
    exc: BaseException, trim: Trim, seen: frozenset[int], *, chained: bool
) -> dict[str, Any]:
    seen = seen | {id(exc)}
    cause = (
        exc.__cause__ if exc.__cause__ is not None or exc.__suppress_context__ else exc.__context__
    )
    if cause is not None and (id(cause) in seen or len(seen) > MAX_ERROR_CAUSES):
        cause = None
    ours = exc if isinstance(exc, SynapseError) else None
    notes = getattr(exc, "__notes__", None)
    return {
        "code": _text(ours.code) if ours else "PYTHON_EXCEPTION",
        "message": _text(ours.message if ours else exc),
        "type": _text(type(exc).__qualname__),
        "module": _text(type(exc).__module__),
        "traceback": _formatted(exc, trim, chained=chained),
        "retryable": bool(ours.retryable) if ours else False,
        "details": ours.details if ours else None,
        "notes": [_text(note) for note in notes[:MAX_ERROR_NOTES]]
        if isinstance(notes, list)
        else [],
        "cause": None if cause is None else _to_map(cause, trim, seen, chained=False),
    }


def _formatted(exc: BaseException, trim: Trim, *, chained: bool) -> str:
    """Format the traceback; an exception that was never raised has none to show."""
    if exc.__traceback__ is None:
        return ""
    import traceback

    try:
        report = traceback.TracebackException.from_exception(exc)
        pending, done = [report], set[int]()
        while pending:
            one = pending.pop()
            done.add(id(one))
            _drop_leading(one.stack, trim)
            following = (one.__cause__, one.__context__, *(getattr(one, "exceptions", None) or ()))
            pending += [
                next_one
                for next_one in following
                if next_one is not None and id(next_one) not in done
            ]
        return _text("".join(report.format(chain=chained)))
    except Exception as failure:  # a broken __str__ or __repr__ of the user's must not hide that there was an error
        return f"(the traceback could not be formatted: {type(failure).__name__})"


def _drop_leading(stack: list[Any], trim: Trim) -> None:
    """Drop the frames above user code; a stack of machinery alone stays, for then the fault is ours."""
    for index, frame in enumerate(stack):
        if not trim(frame.filename):
            del stack[:index]
            return


def _text(value: object) -> str:
    """Return `str(value)`, made encodable and cut in the middle if it is long."""
    try:
        text = str(value)
    except Exception:
        text = f"<unprintable {type(value).__name__}>"
    if len(text) > MAX_ERROR_TEXT_CHARS:
        half = MAX_ERROR_TEXT_CHARS // 2 - 50
        text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def error_from_wire(body: object) -> SynapseError:
    """Return the error that an error map describes; missing or odd fields get plain defaults, it never fails."""
    return _from_map(body, MAX_ERROR_CAUSES)


def _from_map(body: object, causes_left: int) -> SynapseError:
    if not isinstance(body, Mapping):
        return SynapseError(
            "INTERNAL", f"The other end reported an error that is not a map: {body!r:.200}"
        )
    code = body.get("code")
    code = code if isinstance(code, str) and code else "INTERNAL"
    inner = body.get("cause")
    notes = body.get("notes")
    return PythonError(
        code,
        _string(body, "message"),
        python_type=_string(body, "type") or "Exception",
        python_module=_string(body, "module"),
        traceback=_string(body, "traceback"),
        notes=tuple(note for note in notes if isinstance(note, str))
        if isinstance(notes, list)
        else (),
        retryable=body.get("retryable") is True,
        details=body.get("details"),
        cause=_from_map(inner, causes_left - 1)
        if isinstance(inner, Mapping) and causes_left > 0
        else None,
    )


def _string(body: Mapping[Any, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
