"""What a build says while it runs: phases, counted progress and the tools' own lines.

The same dictionaries go to a callback in this process and, as JSON lines, to Node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Event = dict[str, object]
EventSink = Callable[[Event], None]
PhaseName = Literal[
    "lock", "python", "create", "tools", "resolve", "download", "build", "install", "runtime",
    "codec", "verify",
]  # fmt: skip
Unit = Literal["packages", "bytes"]


def discard(_event: Event) -> None:
    """Take an event and forget it: the sink of a caller that does not watch."""


class Reporter:
    """Turns what happens in a build into events for one sink."""

    def __init__(self, sink: EventSink = discard, *, module: str = "") -> None:
        self._sink = sink
        # The name of the module's folder: one sink may watch the builds of many.
        self._module = module
        # What was last said of each figure; a tool that counts backwards is not believed.
        self._figures: dict[tuple[PhaseName, Unit], tuple[int, int, str]] = {}

    def phase(self, phase: PhaseName, message: str) -> None:
        """Announce what goes on now; phases that overlap are announced more than once."""
        event: Event = {"event": "phase", "phase": phase, "message": message}
        if self._module:
            event["module"] = self._module
        self._sink(event)

    def progress(
        self,
        phase: PhaseName,
        done: int,
        total: int,
        unit: Unit = "packages",
        package: str = "",
    ) -> None:
        """Report how much of a phase is done, and the package it is at, where that is known.

        A figure never goes backwards and is never above its total; a repeated one is said once.
        """
        before_done, before_total, _ = before = self._figures.get((phase, unit), (0, 0, ""))
        total = max(total, before_total)
        done = max(min(done, total), before_done)
        if (phase, unit) in self._figures and before == (done, total, package):
            return
        self._figures[phase, unit] = (done, total, package)
        event: Event = {"event": "progress", "phase": phase, "done": done, "total": total}
        event["unit"] = unit
        if package:
            event["package"] = package
        self._sink(event)

    def warning(self, message: str) -> None:
        """Say what may be wrong and does not stop the build."""
        self._sink({"event": "warning", "message": message})

    def log(self, line: str) -> None:
        """Pass on one line of a tool's output (already redacted)."""
        self._sink({"event": "log", "line": line})
