"""Cancel async calls while the main thread is inside C code, where it cannot handle a signal.

The thread of the event loop watches the cancel pipe as well. What it finds there for its own calls it
cancels; every other id it hands to the main thread, with the signal that makes that look.
"""

from __future__ import annotations

import select
from _thread import get_ident
from collections import deque
from typing import TYPE_CHECKING

from synapse_worker.worker.plain_signal import signal

if TYPE_CHECKING:
    from collections.abc import Callable


class CancelRelay:
    """Takes ids of cancelled calls on either thread, each id on one of them."""

    def __init__(
        self,
        fd: int,
        take_ids: Callable[[], list[int]],
        cancel_async: Callable[[int], bool],
        wake_main_thread: Callable[[], None],
    ) -> None:
        """Take ids from `fd` by `take_ids`; `cancel_async` says whether an id was an async call's."""
        self._fd = fd
        self._take_ids = take_ids
        self._cancel_async = cancel_async
        self._wake_main_thread = wake_main_thread
        self._handed_over: deque[int] = deque()
        self._main_thread = get_ident()

    def take(self) -> list[int]:
        """Return the ids that have arrived; on the main thread, also in its signal handlers."""
        ids = self._take_ids()
        while self._handed_over:
            ids.append(self._handed_over.popleft())
        return ids

    def on_readable(self) -> bool:
        """Act on the ids that have arrived, on the event loop's thread; return whether more may come."""
        ids = self._take_ids()
        others = [call_id for call_id in ids if not self._cancel_async(call_id)]
        if others:
            self._handed_over.extend(others)
            self._wake_main_thread()
            signal.pthread_kill(self._main_thread, signal.SIGURG)
        return bool(ids) or not self._is_closed()

    def _is_closed(self) -> bool:
        poller = select.poll()
        poller.register(self._fd, 0)
        return bool(poller.poll(0))
