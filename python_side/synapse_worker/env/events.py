"""What a build says while it runs: phases, counted progress and the tools' own lines.

The same dictionaries go to a callback in this process and, as JSON lines, to Node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Event = dict[str, object]
EventSink = Callable[[Event], None]
PhaseName = Literal[
    "lock",
    "python",
    "create",
    "tools",
    "resolve",
    "download",
    "install",
    "runtime",
    "codec",
    "verify",
]


def discard(_event: Event) -> None:
    """Take an event and forget it: the sink of a caller that does not watch."""


class Reporter:
    """Turns what happens in a build into events for one sink."""

    def __init__(self, sink: EventSink = discard) -> None:
        self._sink = sink
        self._last_progress: tuple[str, int, int] | None = None

    def phase(self, phase: PhaseName, message: str) -> None:
        """Announce that a phase begins."""
        self._sink({"event": "phase", "phase": phase, "message": message})

    def progress(self, phase: PhaseName, done: int, total: int, unit: str = "packages") -> None:
        """Report how much of a phase is done; a repeated figure is said once."""
        figure = (phase, done, total)
        if figure != self._last_progress:
            self._last_progress = figure
            self._sink(
                {"event": "progress", "phase": phase, "done": done, "total": total, "unit": unit}
            )

    def warning(self, message: str) -> None:
        """Say what may be wrong and does not stop the build."""
        self._sink({"event": "warning", "message": message})

    def log(self, line: str) -> None:
        """Pass on one line of a tool's output (already redacted)."""
        self._sink({"event": "log", "line": line})
