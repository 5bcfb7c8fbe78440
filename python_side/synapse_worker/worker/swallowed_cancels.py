"""Cancels that Python itself swallowed: what a destructor or a callback of the collector raises is dropped.

The hook that Python calls with what it drops notices a cancel among it, and soon afterwards a signal makes the
main thread look again, when the destructor is over.
"""

from __future__ import annotations

import sys
from _thread import get_ident, start_new_thread
from time import sleep
from typing import TYPE_CHECKING

from synapse_worker.worker.plain_signal import signal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# How soon a cancel that was swallowed is raised again.
SWALLOWED_SECONDS = 0.001


class SwallowedCancels:
    """Keeps what was raised in vain on the main thread until it can be raised again."""

    def __init__(self, kind: type[BaseException], running: Callable[[], int]) -> None:
        self._kind = kind
        self._running = running
        self._main_thread = get_ident()
        # The call whose cancel was swallowed; 0 for none.
        self.call_id = 0
        self._report = sys.unraisablehook

    def watch(self) -> None:
        """Take part in what Python does with exceptions that nobody can catch."""
        if sys.unraisablehook != self._on_unraisable:
            self._report, sys.unraisablehook = sys.unraisablehook, self._on_unraisable

    def take(self, frame: FrameType | None) -> int:
        """Return the call whose cancel is to be raised again in `frame`, and forget it; 0 for none yet."""
        while frame is not None:
            if frame.f_code is SwallowedCancels._on_unraisable.__code__:
                self._signal_soon()  # raised here, it would be swallowed once more
                return 0
            frame = frame.f_back
        call_id, self.call_id = self.call_id, 0
        return call_id

    def _on_unraisable(self, unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not self._kind:
            self._report(unraisable)
        elif get_ident() == self._main_thread and (call_id := self._running()):
            self.call_id = call_id
            self._signal_soon()

    def _signal_soon(self) -> None:
        """Have the handler of SIGURG run on the main thread, after what runs there now."""

        def signal_main_thread() -> None:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG, signal.SIGTERM, signal.SIGINT})
            sleep(SWALLOWED_SECONDS)
            signal.pthread_kill(self._main_thread, signal.SIGURG)

        start_new_thread(signal_main_thread, ())
