"""Send the segments of a frame through shared memory: they are put there a piece at a time, while the other end reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from synapse_worker.protocol.shared_segments import marked_as_shared, pieces_of, shared_end
from synapse_worker.transport.descriptors import Announcement
from synapse_worker.transport.shared_memory import SharedMemory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.protocol.segments import SegmentedFrame


class SharedSending:
    """Uses the shared memory that this end writes; one thread at a time."""

    def __init__(self, fd: int) -> None:
        self._memory = SharedMemory(fd)
        self.trim = self._memory.trim

    def parts_of(self, frame: SegmentedFrame) -> Iterator[bytes] | None:
        """Return what is to be written for a frame, part by part, or None where its segments had better follow it.

        They are too small for shared memory or too large, or it is in use or cannot be had.
        """
        end = shared_end(frame.segments)
        if end is None or not self._memory.claim(end):
            return None
        return self._parts(frame)

    def _parts(self, frame: SegmentedFrame) -> Iterator[bytes]:
        yield marked_as_shared(frame, len(frame.segments))
        for number, piece, at in pieces_of(frame.segments, self._memory):
            announcement = Announcement(number)
            announcement.put = partial(self._memory.put, piece, at)
            yield announcement
