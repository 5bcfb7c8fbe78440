"""Where the command line's words go: results to stdout, everything else to stderr.

With --json stdout carries exactly one JSON document, also when the command fails: the error then
stands in one line, so that it can be the last line of a stream's items.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import PythonError, SynapseError, error_to_wire

from .plain import plain
from .usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BAR_CELLS = 24


class Output:
    """Prints for people, or for programs."""

    def __init__(self, *, as_json: bool, debug: bool) -> None:
        self.as_json = as_json
        self._debug = debug
        self._in_terminal = sys.stderr.isatty() and not as_json
        self._line_is_open = False

    def result(self, value: object, text: str) -> None:
        """Print a command's result in the form asked for."""
        self._close_line()
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, indent=2))
        elif text:
            print(text)

    def note(self, text: str) -> None:
        """Tell a person something that is not the result."""
        if not self.as_json:
            self._close_line()
            print(text, file=sys.stderr)

    def status(self, text: str) -> None:
        """Show what is going on: in place in a terminal, as a line elsewhere."""
        if self._in_terminal:
            print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)
            self._line_is_open = True
        else:
            self.note(text)

    def progress(self, done: int, total: int, text: str) -> None:
        """Draw a bar in a terminal; elsewhere a bar would only fill the log."""
        if self._in_terminal and total > 0:
            cells = _BAR_CELLS * done // total
            self.status(f"[{'█' * cells}{'·' * (_BAR_CELLS - cells)}] {text}")

    def call_progress(self, value: object) -> None:
        """Show what a running call reports: in place in a terminal, as a line elsewhere."""
        self.status(f"progress {json.dumps(plain(value), ensure_ascii=False)}")

    def clear(self) -> None:
        """Take away the line that says what is going on."""
        self._close_line()

    def event(self, event: Mapping[str, object]) -> None:
        """Show one event of an environment build."""
        match event.get("event"):
            case "phase":
                self.status(str(event["message"]))
            case "progress":
                done, total = int(str(event["done"])), int(str(event["total"]))
                self.progress(done, total, f"{done}/{total} {event['unit']}")

    def failure(self, error: BaseException) -> None:
        """Print one clear sentence, what to do, and the tool's lines where a tool failed."""
        self._close_line()
        if self.as_json:
            print(json.dumps({"error": self._error_map(error)}, ensure_ascii=False), flush=True)
        elif self._debug:
            traceback.print_exception(error)
            sys.stderr.write(getattr(error, "traceback", ""))
        print(f"synapse: {self._sentence(error)}", file=sys.stderr)

    def _sentence(self, error: BaseException) -> str:
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

    def _error_map(self, error: BaseException) -> dict[str, Any]:
        wire = error_to_wire(error)
        is_ours = isinstance(error, SynapseError)
        one: dict[str, Any] | None = wire
        cause: BaseException | None = error
        while one is not None and cause is not None:
            if isinstance(cause, PythonError):
                # What was raised over there, not the class that carries it here.
                one["type"], one["module"] = cause.python_type, cause.python_module
                one["traceback"], one["notes"] = cause.traceback, list(cause.notes)
            elif is_ours and not self._debug:
                one["traceback"] = ""  # our own frames say nothing to a user
            one = one["cause"]
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, UsageError) and not self._debug:
            wire["cause"] = None
        return wire

    def _close_line(self) -> None:
        if self._line_is_open:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
            self._line_is_open = False


def _remote_sentence(error: SynapseError) -> str:
    """Return type, message and place of an exception that the module's own code raised."""
    if error.code != "PYTHON_EXCEPTION":
        return ""
    frames = re.findall(r'File "(.+)", line (\d+), in (\S+)', getattr(error, "traceback", ""))
    place = f" ({frames[-1][0]}, line {frames[-1][1]}, in {frames[-1][2]})" if frames else ""
    return f"{getattr(error, 'python_type', 'Exception')}: {error.message}{place}"
