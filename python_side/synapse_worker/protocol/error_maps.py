"""How errors travel: as maps with the fields of the section "Errors" of `docs/protocol.md`.

Standard library only, and `traceback` only when there is something to report.
"""

from __future__ import annotations

from os.path import abspath, dirname

from .error_classes import FrameError, ProtocolError, PythonError, SynapseError
from .limits import MAX_ERROR_BASES, MAX_ERROR_CAUSES, MAX_ERROR_NOTES, MAX_ERROR_TEXT_CHARS
from .value_errors import DecodeError, EncodeError, ResultError, ValidationError

TYPE_CHECKING = False  # typing is slow to import, and the launcher of raw scripts comes by here
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Trim = Callable[[str], bool]
    """Says of a source file whether it belongs to the machinery that called the user's code."""

_PACKAGE = dirname(dirname(abspath(__file__))) + "/"
# Compiled code names its sources from there on, wherever it is.
_PACKAGE_NAME = _PACKAGE[len(dirname(_PACKAGE[:-1])) + 1 :]


def is_machinery(filename: str) -> bool:
    """Whether frames of this file are ours or the import system's, and of no interest to a user."""
    return filename.startswith((_PACKAGE, _PACKAGE_NAME, "<frozen importlib", "<frozen runpy"))


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
    return {
        "code": _text(ours.code) if ours else "PYTHON_EXCEPTION",
        "message": _text(ours.message if ours else exc),
        "type": _text(type(exc).__qualname__),
        "module": _text(type(exc).__module__),
        "bases": _bases(type(exc)),
        "traceback": _formatted(exc, trim, chained=chained),
        "retryable": bool(ours.retryable) if ours else False,
        "details": ours.details if ours else None,
        "notes": _notes(exc),
        "cause": None if cause is None else _to_map(cause, trim, seen, chained=False),
    }


def _bases(kind: type[BaseException]) -> list[str]:
    """Return the names of an exception's ancestors, nearest first, without those of every exception."""
    names = [
        _text(one.__qualname__)
        for one in kind.__mro__[1:]
        if issubclass(one, BaseException) and one not in (Exception, BaseException)
    ]
    return names[:MAX_ERROR_BASES]


def _formatted(exc: BaseException, trim: Trim, *, chained: bool) -> str:
    """Format the traceback; an exception that was never raised has none to show."""
    if exc.__traceback__ is None:
        return ""
    try:
        import traceback

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
        is_alone = exc.__cause__ is None and exc.__context__ is None
        if (
            isinstance(exc, SynapseError)
            and is_alone
            and all(trim(f.filename) for f in report.stack)
        ):
            return ""  # raised by us, not by anything that a user wrote
        return _text("".join(report.format(chain=chained)))
    except BaseException as failure:
        # Neither a broken __str__ or __repr__ of the user's nor a file of theirs that is named like
        # one of the standard library's may hide that there was an error.
        return f"(the traceback could not be formatted: {type(failure).__name__})"


def _drop_leading(stack: list[Any], trim: Trim) -> None:
    """Drop the frames above user code; a stack of machinery alone stays, for then the fault is ours."""
    for index, frame in enumerate(stack):
        if not trim(frame.filename):
            del stack[:index]
            return


def _notes(exc: BaseException) -> list[str]:
    try:
        notes = getattr(exc, "__notes__", None)
        return [_text(note) for note in notes[:MAX_ERROR_NOTES]] if isinstance(notes, list) else []
    except BaseException:  # a property of the user's own
        return []


def _text(value: object) -> str:
    """Return `str(value)`, made encodable and cut in the middle if it is long."""
    try:
        text = str(value)
    except BaseException:  # also a SystemExit: a report of an error must not end the process
        text = f"<unprintable {type(value).__name__}>"
    if len(text) > MAX_ERROR_TEXT_CHARS:
        half = MAX_ERROR_TEXT_CHARS // 2 - 50
        text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def error_from_wire(body: object) -> SynapseError:
    """Return the error that an error map describes; missing or odd fields get plain defaults, it never fails."""
    return _from_map(body, MAX_ERROR_CAUSES)


def _from_map(body: object, causes_left: int) -> SynapseError:
    if not isinstance(body, dict):
        return SynapseError(
            "INTERNAL", "The other end reported an error that is not a map.", details=body
        )
    code, message = _string(body, "code") or "INTERNAL", _string(body, "message")
    inner = body.get("cause")
    cause = (
        _from_map(inner, causes_left - 1) if isinstance(inner, dict) and causes_left > 0 else None
    )
    error = _of_code(code, message, body)
    error.retryable = body.get("retryable") is True
    error.details = body.get("details")
    if cause is not None:
        error.__cause__ = cause
    return error


def _of_code(code: str, message: str, body: dict[Any, Any]) -> SynapseError:
    """Return an error of the class that a caller handles this code by."""
    if code == "ENCODE_FAILED":
        details = body.get("details")
        path = _string(details, "path") if isinstance(details, dict) else ""
        return EncodeError(message, path=path or "$")
    if code == "DECODE_FAILED":
        return DecodeError(message)
    if code == "PROTOCOL_ERROR":
        return ProtocolError(message)
    if code in ("FRAME_TOO_LARGE", "FRAME_TRUNCATED", "FRAME_STALLED"):
        return FrameError(message, code=code)
    if code in ("VALIDATION_FAILED", "INVALID_ARGUMENTS"):
        return ValidationError(
            message, code=code, **_strings(body, "method", "parameter", "path", "expected", "got")
        )
    if code == "RESULT_INVALID":
        return ResultError(message, **_strings(body, "method", "path", "expected", "got"))
    traceback = _string(body, "traceback")
    if not traceback and code != "PYTHON_EXCEPTION":
        return SynapseError(code, message)
    return PythonError(
        code,
        message,
        python_type=_string(body, "type") or "Exception",
        python_module=_string(body, "module"),
        bases=_list_of_strings(body, "bases"),
        traceback=traceback,
        notes=_list_of_strings(body, "notes"),
    )


def _strings(body: dict[Any, Any], *keys: str) -> dict[str, Any]:
    """Return those of an error's details that are there as text."""
    details = body.get("details")
    if not isinstance(details, dict):
        return {}
    return {key: details[key] for key in keys if isinstance(details.get(key), str)}


def _list_of_strings(body: dict[Any, Any], key: str) -> tuple[str, ...]:
    items = body.get(key)
    return tuple(item for item in items if isinstance(item, str)) if isinstance(items, list) else ()


def _string(body: dict[Any, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""
