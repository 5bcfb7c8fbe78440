"""How far the producer of a stream may run ahead of its reader: the reader's side of credit.

At most a window of items is on its way or waits to be taken. The window opens as items arrive and
turn out to be small: of large ones fewer are let in, so that a slow reader costs little memory. One
thread uses it: the reader's. `js/src/core/client/stream.ts` has the same rules and numbers.
"""

from __future__ import annotations

from synapse_worker.protocol.limits import STREAM_WINDOW_ITEMS

# Items a producer may send before anything is known of their size.
INITIAL_ITEMS = 16
# What may be on its way or wait, in bytes on the wire, as far as sizes can be foreseen.
WINDOW_BYTES = 8 * 1024 * 1024
# The window of very large items: one is read while the next is made.
MIN_ITEMS = 2


class Window:
    """Counts items in and out, and says when to give credit, and how much."""

    __slots__ = ("_arrived", "_item_bytes", "_size", "_taken")

    def __init__(self) -> None:
        self._size = INITIAL_ITEMS
        # Since the window last opened, and since credit was last given.
        self._arrived = 0
        self._taken = 0
        # Size of an item, on the safe side: quick to rise, slow to fall.
        self._item_bytes = 0.0

    def arrived(self, items: int, payload_bytes: int) -> int:
        """Note a message of items; return the credit to give for it, by which the window opens."""
        item_bytes = payload_bytes / items
        self._item_bytes = max(item_bytes, (self._item_bytes + item_bytes) / 2)
        self._arrived += items
        granted, wanted = 0, self._wanted()
        while self._size < wanted and self._arrived >= self._size >> 1:
            self._arrived -= self._size >> 1
            wider = min(wanted, self._size * 2)
            granted += wider - self._size
            self._size = wider
        return granted

    def took_one(self) -> int:
        """Note that an item was taken; return the credit to give, half a window at a time."""
        self._taken += 1
        if self._taken < max(1, self._size >> 1):
            return 0
        kept = min(self._taken, max(0, self._size - self._wanted()))
        granted = self._taken - kept
        self._taken = 0
        self._size -= kept
        return granted

    def _wanted(self) -> int:
        fitting = int(WINDOW_BYTES / max(1.0, self._item_bytes))
        return min(STREAM_WINDOW_ITEMS, max(MIN_ITEMS, fitting))
