"""What a failure reads like: the cause first, then what to do, then where everything stands."""

from __future__ import annotations

import re
from typing import Any

from synapse_worker.protocol.errors import PythonError, SynapseError, error_to_wire

from .usage import UsageError


def failure_sentence(error: BaseException) -> str:
    """Return one clear sentence, the tool's lines where one failed, the advice, and the log's path."""
    if not isinstance(error, SynapseError):
        return f"{type(error).__name__}: {error} (use --debug for the traceback)"
    details: dict[str, Any] = error.details if isinstance(error.details, dict) else {}
    parts = [_remote_sentence(error) or error.message]
    parts += [f"  | {line}" for line in details.get("lines") or ()]
    if details.get("hint"):
        parts.append(f"What to do: {details['hint']}")
    if details.get("log_path"):
        parts.append(f"Full log: {details['log_path']}")
    return "\n".join(parts)


def failure_map(error: BaseException, *, debug: bool) -> dict[str, Any]:
    """Return the error for JSON; our own frames are in it with `debug` alone."""
    wire = error_to_wire(error)
    is_ours = isinstance(error, SynapseError)
    one: dict[str, Any] | None = wire
    cause: BaseException | None = error
    while one is not None and cause is not None:
        if isinstance(cause, PythonError):
            # What was raised over there, not the class that carries it here.
            one["type"], one["module"] = cause.python_type, cause.python_module
            one["traceback"], one["notes"] = cause.traceback, list(cause.notes)
        elif is_ours and not debug:
            one["traceback"] = ""  # our own frames say nothing to a user
        one = one["cause"]
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, UsageError) and not debug:
        wire["cause"] = None
    return wire


def _remote_sentence(error: SynapseError) -> str:
    """Return type, message and place of an exception that the module's own code raised."""
    if error.code != "PYTHON_EXCEPTION":
        return ""
    frames = re.findall(r'File "(.+)", line (\d+), in (\S+)', getattr(error, "traceback", ""))
    place = f" ({frames[-1][0]}, line {frames[-1][1]}, in {frames[-1][2]})" if frames else ""
    return f"{getattr(error, 'python_type', 'Exception')}: {error.message}{place}"
