"""Shows a running build on stderr: one line that redraws itself in a terminal, one line a step elsewhere.

In CI, and in a terminal that cannot move its cursor (TERM=dumb), the steps are plain lines, too.

Ctrl-C and SIGTERM raise in the main thread, between any two of its steps, and the display has to end all the same: what
the threads share is a lock of the interpreter's own. An Event is Python; it stays locked when its `set` is left midway.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from .build_line import BuildLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .terminal_line import TerminalLine

_REDRAW_S = 0.12


def draws_lines(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Say whether a line can be drawn over itself: in a terminal that is watched by a person."""
    in_ci = environment.get("CI", "") not in {"", "false"}
    return stream.isatty() and not in_ci and environment.get("TERM") != "dumb"


class BuildDisplay:
    """Shows the events of one build after another."""

    def __init__(
        self,
        line: TerminalLine,
        note: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._note = note
        self._clock = clock
        self._state: BuildLine | None = None
        self._started = 0.0
        self._turn = 0
        self._ticker: threading.Thread | None = None
        self._is_ended = False
        # Held by the display; let go, it wakes the ticker for its end.
        self._running = threading.Lock()
        self._said: set[str] = set()

    def show(self, event: Mapping[str, object]) -> None:
        """Show one event."""
        if event.get("event") == "warning":
            self._warn(str(event["message"]))
        elif self._line.is_drawn:
            self._draw_from(event)
        elif event.get("event") == "phase":
            self._say(f"synapse: {_prefix(event)}{event['message']}")

    def end(self) -> None:
        """Take the line away; the next event begins another build."""
        self._is_ended = True
        with suppress(RuntimeError):  # none runs, or an end that was interrupted has let go already
            self._running.release()
        if self._ticker is not None:
            self._ticker.join()
        self._ticker = self._state = None
        self._said.clear()
        self._line.clear()

    def _say(self, text: str) -> None:
        # Phases may alternate; a log needs each step once.
        if text not in self._said:
            self._said.add(text)
            self._note(text)

    def _warn(self, message: str) -> None:
        self._line.put_aside(lambda: self._note(f"synapse: warning: {message}"))

    def _draw_from(self, event: Mapping[str, object]) -> None:
        if self._state is None:
            if event.get("event") != "phase":
                return
            self._state = BuildLine(ascii_only=not self._line.speaks_unicode)
            self._started = self._clock()
            self._is_ended = False
        self._state.take(event)
        if event.get("event") == "phase":
            self._draw()
        if self._ticker is None:
            # Another one: what an end has interrupted, or was interrupted in, tells nothing of the next build.
            self._running = running = threading.Lock()
            running.acquire()
            ticker = threading.Thread(
                target=self._tick, args=(running,), name="synapse-display", daemon=True
            )
            ticker.start()
            # Only now: one that Ctrl-C kept from starting could not be joined.
            self._ticker = ticker

    def _tick(self, running: threading.Lock) -> None:
        while not running.acquire(timeout=_REDRAW_S):
            self._turn += 1
            self._draw()

    def _draw(self) -> None:
        state = self._state
        if state is not None and not self._is_ended:
            elapsed_s = self._clock() - self._started
            self._line.draw(lambda width: state.text(width, self._turn, elapsed_s))


def _prefix(event: Mapping[str, object]) -> str:
    return f"{event['module']}: " if event.get("module") else ""
