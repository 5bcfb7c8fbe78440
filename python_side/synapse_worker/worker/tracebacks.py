"""Tracebacks as a user wants them: from their own code on, and the one place in it to look at."""

from __future__ import annotations

from synapse_worker.protocol.errors import is_machinery

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any


def trim_chain(error: BaseException) -> None:
    """Drop, in place, the runtime's leading frames from `error` and all it was raised from."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        kept = current.__traceback__
        while kept is not None and is_machinery(kept.tb_frame.f_code.co_filename):
            kept = kept.tb_next
        current.__traceback__ = kept
        pending += [current.__cause__, current.__context__]


def user_location(error: BaseException, directory: str | None = None) -> dict[str, Any] | None:
    """Return `{file, line}` of the place in user code that an error is about, or None.

    That is what a SyntaxError names; else the innermost line that ran inside `directory`, or, where none
    did, the innermost that is not ours.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return {"file": error.filename, "line": error.lineno}
    nearest: dict[str, Any] | None = None
    inside: dict[str, Any] | None = None
    step: TracebackType | None = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not (is_machinery(file) or file.startswith("<")):
            nearest = {"file": file, "line": step.tb_lineno}
            if directory is not None and _is_own(file, directory):
                inside = nearest
        step = step.tb_next
    return inside or nearest


def _is_own(file: str, directory: str) -> bool:
    """Whether a file is the module's own, and not of the packages installed beside it."""
    return file.startswith(directory.rstrip("/") + "/") and "/site-packages/" not in file


def suspended_at(error: BaseException) -> str | None:
    """Say where the coroutine was that `error` ended, as `faulthandler` prints stacks; None where it had not begun.

    The stack of a thread does not show coroutines that wait: the exception that was thrown into one does.
    """
    frames: list[str] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if not is_machinery(code.co_filename):
            frames.append(f'  File "{code.co_filename}", line {step.tb_lineno} in {code.co_name}')
        step = step.tb_next
    if not frames:
        return None
    return "\n".join(["Task of the call (most recent call first):", *reversed(frames)])
