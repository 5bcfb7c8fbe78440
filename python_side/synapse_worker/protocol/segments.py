"""Large buffers that travel behind a frame as they are: not encoded, and copied nowhere on the way.

Implements the section "Segments" of `docs/protocol.md`. What refers to them from within the payload is the codec's
business (`codec/segment_references.py`).

    offset    size  field
    0         4     length n of the payload, plus 2**31
    4         n     payload
    4+n       4     number s of the segments, from 1 on
    8+n       4 s   length of each segment
    8+n+4s    …     the segments, one after another

With 2**31 added to their number they lie in memory that both ends have open: `shared_segments.py`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from .errors import FrameError, ProtocolError
from .frame_size import SEGMENTED, check_frame_size
from .limits import MAX_SEGMENTS, SEGMENT_BYTES_PER_FRAME_BYTE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from .shared_segments import SharedSource

IN_SHARED_MEMORY = 2**31
"""Added to the number of a frame's segments: they lie in shared memory."""

_NUMBER = struct.Struct("<I")


def takes_segments(max_frame_bytes: int) -> bool:
    """Whether an end with this limit reads segments: their mark is a bit of the length of a frame."""
    return max_frame_bytes < SEGMENTED


class SegmentMemory(Protocol):
    """Room for one segment: `view` is where it is read to."""

    view: memoryview

    def take_bytes(self) -> bytes:
        """Return the memory as bytes; `view` cannot be used any more."""


class SegmentedPayload(bytes):
    """A payload that segments came with."""

    segments: list[SegmentMemory]


class SegmentedFrame(bytes):
    """A whole frame but for the segments, which are to be written behind it."""

    segments: Sequence[memoryview]


if TYPE_CHECKING:
    Rooms = Generator[memoryview, None, SegmentedPayload]


def encode_segmented_frame(
    payload: bytes, segments: Sequence[memoryview], max_frame_bytes: int
) -> SegmentedFrame:
    """Return a frame of `payload`, which is within the limit, and `segments`.

    Raises:
        FrameError: the segments are larger together than they may be (`FRAME_TOO_LARGE`).
    """
    sizes = [segment.nbytes for segment in segments]
    check_segments_size(sum(sizes), max_frame_bytes)
    head = _NUMBER.pack(len(payload) + SEGMENTED)
    table = struct.pack(f"<{1 + len(sizes)}I", len(sizes), *sizes)
    frame = SegmentedFrame(b"".join((head, payload, table)))
    frame.segments = segments
    return frame


def check_segments_size(size: int, max_frame_bytes: int) -> None:
    """Refuse segments of `size` bytes together if they are over the limit that goes with that of frames.

    Raises:
        FrameError: `FRAME_TOO_LARGE`.
    """
    limit = max_frame_bytes * SEGMENT_BYTES_PER_FRAME_BYTE
    if size > limit:
        raise FrameError(
            f"Buffers of {size:,} bytes in one message exceed the limit of {limit:,} bytes. Send the data in "
            "parts (a stream).",
            code="FRAME_TOO_LARGE",
            details={"size": size, "limit": limit},
        )


class SegmentedFrameReader:
    """Reads frames with segments, of at most a size; what is announced is held against it before there is room."""

    __slots__ = ("_allocate", "_max_frame_bytes", "_shared")

    def __init__(
        self,
        max_frame_bytes: int,
        allocate: Callable[[int], SegmentMemory],
        shared: Callable[[], SharedSource] | None = None,
    ) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._allocate = allocate
        self._shared = shared

    def rooms(self, payload_bytes: int) -> Rooms:
        """Give the memory to be filled next, part by part, and at last the payload with its segments.

        Raises:
            FrameError: the payload or the segments together are over their limit (`FRAME_TOO_LARGE`).
            ProtocolError: there are no segments, or too many, or in memory that is not shared.
        """
        check_frame_size(payload_bytes, self._max_frame_bytes)
        payload_and_count = memoryview(bytearray(payload_bytes + _NUMBER.size))
        yield payload_and_count
        count, is_shared = _checked_count(payload_and_count, payload_bytes)
        table = memoryview(bytearray(_NUMBER.size * count))
        yield table
        payload = SegmentedPayload(payload_and_count[:payload_bytes])
        sizes = struct.unpack(f"<{count}I", table)
        return (yield from self._rooms_of_segments(payload, sizes, is_shared))

    def rooms_behind(self, data: bytes, start: int, payload_bytes: int) -> tuple[int, Rooms] | None:
        """Return where the first segment starts and the rooms for all, if `data` have from `start` on all before it.

        They nearly always have, as it leaves together. Raises what `rooms` does.
        """
        table = start + payload_bytes + _NUMBER.size
        if table > len(data):
            return None
        if payload_bytes > self._max_frame_bytes:
            check_frame_size(payload_bytes, self._max_frame_bytes)
        count, is_shared = _checked_count(data, start + payload_bytes)
        first = table + _NUMBER.size * count
        if first > len(data):
            return None
        payload = SegmentedPayload(data[start : start + payload_bytes])
        sizes = struct.unpack_from(f"<{count}I", data, table)
        return first, self._rooms_of_segments(payload, sizes, is_shared)

    def _rooms_of_segments(
        self, payload: SegmentedPayload, sizes: Sequence[int], is_shared: bool
    ) -> Rooms:
        check_segments_size(sum(sizes), self._max_frame_bytes)
        payload.segments = []
        if is_shared:
            yield from self._rooms_of_shared(payload, sizes)
            return payload
        for size in sizes:
            memory = self._allocate(size)
            payload.segments.append(memory)
            if size:
                yield memory.view
        return payload

    def _rooms_of_shared(
        self, payload: SegmentedPayload, sizes: Sequence[int]
    ) -> Generator[memoryview]:
        if self._shared is None:
            raise ProtocolError("A frame with segments in shared memory, on a channel without any.")
        shared = self._shared()
        from .shared_segments import shared_rooms  # as rarely as such segments come

        payload.segments = [self._allocate(size) for size in sizes]
        yield from shared_rooms([memory.view for memory in payload.segments], shared)


def _checked_count(data: bytes | memoryview, at: int) -> tuple[int, bool]:
    """Return how many segments there are, and whether they lie in shared memory."""
    (marked,) = _NUMBER.unpack_from(data, at)
    count = marked & ~IN_SHARED_MEMORY
    if not 0 < count <= MAX_SEGMENTS:
        raise ProtocolError(f"A frame with {count:,} segments; 1 to {MAX_SEGMENTS:,} are allowed.")
    return count, marked != count
