"""Failures as an editor likes them: `file:line: message`, and the line itself.

Where a failure happened is in its details, or in the traceback that came with it; of a traceback
the innermost frame of the user's own code counts.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAME = re.compile(r'^\s*File "(?P<file>.+)", line (?P<line>\d+)', re.MULTILINE)


@dataclass(frozen=True)
class Diagnostic:
    """One failure or warning, and where it is, as far as that is known."""

    message: str
    file: str | None = None
    line: int | None = None
    hint: str | None = None
    severity: str = "error"

    def text(self) -> str:
        """Return it for a person or an editor, the source line below."""
        label = "" if self.severity == "error" else f"{self.severity}: "
        place = short_path(self.file) if self.file else "synapse"
        place += f":{self.line}" if self.file and self.line else ""
        lines = [f"{place}: {label}{self.message}"]
        source = self._source_line()
        if source is not None:
            lines.append(f"{self.line:>6} | {source}")
        if self.hint:
            lines.append(f"       {self.hint}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return it for a program."""
        place = {"file": self.file, "line": self.line}
        return {"severity": self.severity, "message": self.message, **place, "hint": self.hint}

    def _source_line(self) -> str | None:
        if self.file is None or self.line is None:
            return None
        try:
            lines = Path(self.file).read_text(encoding="utf-8", errors="replace").splitlines()
            return lines[self.line - 1].rstrip()
        except (OSError, IndexError):
            return None


def diagnose(error: BaseException, directory: Path) -> Diagnostic:
    """Say what went wrong with the module in `directory`, and where."""
    details = getattr(error, "details", None)
    details = details if isinstance(details, dict) else {}
    message = str(getattr(error, "message", "")) or str(error) or type(error).__name__
    file, line = details.get("file"), details.get("line")
    if not file:
        file, line = _place_in_tracebacks(error, directory)
    if file:
        file = os.path.join(os.path.realpath(directory), str(file))
        message = _without_place(message)
    hint = details.get("hint")
    return Diagnostic(message.strip(), file, line, str(hint) if hint else None)


def _place_in_tracebacks(error: BaseException, directory: Path) -> tuple[str | None, int | None]:
    own = os.path.realpath(directory) + os.sep
    innermost: tuple[str | None, int | None] = (None, None)
    for text in _tracebacks(error):
        for frame in _FRAME.finditer(text):
            path = os.path.realpath(frame["file"])
            if path.startswith(own) and f"{os.sep}.venv{os.sep}" not in path:
                innermost = (path, int(frame["line"]))
    return innermost


def _tracebacks(error: BaseException) -> Iterator[str]:
    """Yield the tracebacks that came over the wire, the cause's last."""
    seen: BaseException | None = error
    while seen is not None:
        yield str(getattr(seen, "traceback", "") or "")
        seen = seen.__cause__


def _without_place(message: str) -> str:
    """Drop what only repeats the place, as in `invalid syntax (main.py, line 3)`."""
    return re.sub(r" \([^()]+\.py, line \d+\)(?=$|\n)", "", message)


def short_path(path: str | Path) -> str:
    """Return the path as the user would type it here."""
    try:
        relative = os.path.relpath(path)
    except (ValueError, OSError):
        return str(path)
    return str(path) if relative.startswith("..") else relative
