"""Items of one stream on their way: encoded one by one as they are yielded, sent together.

Encoded at once, an item is what it was when it was yielded: generators often yield one object
again and again, changed in between. The first goes alone; then up to 256 travel together, or as
many as one millisecond yields: array frames of 64 to 256 items reach several times the rate of
one frame an item.
"""

from __future__ import annotations

import threading
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import encode_value
from synapse_worker.protocol.frame_size import check_frame_size
from synapse_worker.protocol.limits import MAX_ITEMS_PER_MESSAGE
from synapse_worker.worker.replies import LONE_ITEM_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.worker.replies import Replies

MAX_BATCH_AGE_NS = 1_000_000
# Batches of large items stay near this size, so that a stream never builds a giant frame.
TARGET_BATCH_BYTES = 256 * 1024
# A full batch of items up to this size is below that; only larger ones are added up.
SMALL_ITEM_BYTES = TARGET_BATCH_BYTES // MAX_ITEMS_PER_MESSAGE


class ItemBatch:
    """The items of one stream that were yielded and not sent yet.

    One thread adds; any thread may send, so a guard can when the adding one is busy in user code.
    """

    __slots__ = (
        "_first_at_ns",
        "_items",
        "_large_bytes",
        "_most",
        "_on_waiting",
        "_post",
        "_replies",
        "_sending",
        "_small_bytes",
        "_stream_id",
    )

    def __init__(
        self,
        stream_id: int,
        replies: Replies,
        post: Callable[[bytes], None],
        on_waiting: Callable[[ItemBatch], None] | None = None,
    ) -> None:
        self._stream_id = stream_id
        self._replies = replies
        self._post = post
        # Told when an item waits for others: the generator may take long over the next.
        self._on_waiting = on_waiting
        self._small_bytes = min(SMALL_ITEM_BYTES, replies.max_frame_bytes - LONE_ITEM_BYTES)
        self._items: list[bytes] = []
        self._large_bytes = 0
        self._first_at_ns = 0
        self._most = 1
        # Never held while user code runs: a cancel raised inside would leave it locked.
        self._sending = threading.Lock()

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Any) -> bool:
        """Encode an item and keep it; return whether the batch should be sent now.

        Raises:
            SynapseError: the item cannot travel.
        """
        try:
            encoded = encode_value(item)
        except Exception:
            encoded = self._replies.item(item)  # which says why it cannot travel
        size = len(encoded)
        is_large = size > self._small_bytes
        if is_large:
            check_frame_size(LONE_ITEM_BYTES + size, self._replies.max_frame_bytes)
        items = self._items
        items.append(encoded)
        if len(items) == 1:
            self._begin()
        if is_large:
            self._large_bytes += size
            if self._large_bytes >= TARGET_BATCH_BYTES:
                return True
        return len(items) >= self._most or perf_counter_ns() - self._first_at_ns >= MAX_BATCH_AGE_NS

    def _begin(self) -> None:
        """Note the first item of a batch."""
        self._first_at_ns = perf_counter_ns()
        self._large_bytes = 0
        if self._most > 1 and self._on_waiting is not None:
            self._on_waiting(self)

    def age_ns(self) -> int:
        """How long the oldest waiting item has waited."""
        return perf_counter_ns() - self._first_at_ns if self._items else 0

    def send(self) -> None:
        """Post what is collected."""
        with self._sending:
            # Another thread may be adding: take what is there now, and leave what comes.
            taken = self._items[:]
            if not taken:
                return
            del self._items[: len(taken)]
            self._most = MAX_ITEMS_PER_MESSAGE
            for frame in self._replies.items(self._stream_id, taken):
                self._post(frame)

    def drop(self) -> None:
        """Forget what was not sent: nothing may follow the message that ends a stream."""
        with self._sending:
            self._items.clear()
