"""Frames: length-delimited bytes on a transport. They know nothing of what they carry.

Implements the section "Frames" of `docs/protocol.md`; standard library only.

    offset  size  field
    0       4     length of the payload, unsigned, little-endian
    4       n     payload

A frame with segments is a longer one: `segments.py`, which raw scripts, where there are none, need not import.
"""

from __future__ import annotations

import struct

from .errors import FrameError
from .frame_size import SEGMENTED, check_frame_size
from .limits import MAX_FRAME_BYTES

TYPE_CHECKING = False  # the launcher of raw scripts imports this, and typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Final

    from .segments import SegmentedFrameReader, SegmentedPayload, SegmentMemory
    from .shared_segments import SharedSource

Payload = bytes | memoryview

LENGTH_BYTES: Final = 4
# Up to here copying a payload out of its chunk costs less than a view on it (45 against 150 ns).
COPIED_BYTES: Final = 4096
_LENGTH: Final = struct.Struct("<I")
_unpack_length: Final = _LENGTH.unpack_from


def encode_frame(
    payload: bytes | bytearray | memoryview, max_frame_bytes: int = MAX_FRAME_BYTES
) -> bytes:
    """Return `payload` with its length in front.

    Raises:
        FrameError: the payload is larger than a frame may be (`FRAME_TOO_LARGE`).
    """
    size = payload.nbytes if isinstance(payload, memoryview) else len(payload)
    check_frame_size(size, max_frame_bytes)
    return b"".join((_LENGTH.pack(size), payload))


class FrameDecoder:
    """Cut a stream of bytes into payloads, in linear time whatever the sizes of the chunks.

    A length is checked before room for it is made. A frame that is spread over several chunks is collected in
    a buffer of exactly its size. After a `FrameError` the stream has lost its meaning: drop the connection.
    """

    __slots__ = (
        "_earlier",
        "_filled",
        "_head",
        "_max_frame_bytes",
        "_rooms",
        "_segmented",
        "collected",
    )

    def __init__(
        self,
        max_frame_bytes: int = MAX_FRAME_BYTES,
        allocate: Callable[[int], SegmentMemory] | None = None,
        shared: Callable[[], SharedSource] | None = None,
    ) -> None:
        self._max_frame_bytes = max_frame_bytes
        # Reads frames with segments; without it none may come.
        self._segmented: SegmentedFrameReader | None = None
        if allocate is not None:
            from .segments import SegmentedFrameReader

            self._segmented = SegmentedFrameReader(max_frame_bytes, allocate, shared)
        self._head = b""  # the first one to three bytes of a length prefix
        # The payload, or the part of a frame with segments, that has come in part; None between frames.
        # To be read only.
        self.collected: bytearray | memoryview | None = None
        self._filled = 0
        # Bytes in the parts that are complete of a frame with segments.
        self._earlier = 0
        # Gives the parts of the frame with segments that has come in part.
        self._rooms: Generator[memoryview, None, SegmentedPayload] | None = None

    @property
    def buffered_bytes(self) -> int:
        """Bytes received of the frame that is not complete yet, its length prefix included."""
        if self.collected is None:
            return len(self._head)
        return LENGTH_BYTES + self._earlier + self._filled

    @property
    def vacancy(self) -> memoryview | None:
        """The part of a half-received payload still to be filled, or None between frames.

        A transport may read straight into it (`os.readv`) and then tell `advance` how many bytes came.
        """
        if self.collected is None:
            return None
        return memoryview(self.collected)[self._filled :]

    def advance(self, count: int) -> Payload | None:
        """Count bytes that were read into `vacancy`; return the payload if they complete it."""
        if self.collected is None or not 0 <= count <= len(self.collected) - self._filled:
            raise ValueError(f"cannot advance by {count} bytes: no such room was given out")
        self._filled += count
        if self._filled < len(self.collected):
            return None
        self._filled = 0
        if self._rooms is not None:
            self._earlier += len(self.collected)
            return self._next_room(self._rooms)
        payload = memoryview(self.collected)
        self.collected = None
        return payload

    def feed(self, data: bytes) -> list[Payload]:
        """Return the payloads that `data` completes, in order; they may be views on `data`.

        Raises:
            FrameError: a length prefix is over the limit (`FRAME_TOO_LARGE`).
        """
        payloads: list[Payload] = []
        position = 0
        if self.collected is not None or self._head:
            position = self._go_on(data, payloads)
        end = len(data)
        while end - position >= LENGTH_BYTES:
            size: int = _unpack_length(data, position)[0]
            start = position + LENGTH_BYTES
            position = start + size
            if position > end:
                position = self._begin(size, data, start, payloads)
                continue
            if size > self._max_frame_bytes:
                check_frame_size(size, self._max_frame_bytes)
            if size <= COPIED_BYTES:
                payloads.append(data[start:position])
            else:
                payloads.append(memoryview(data)[start:position])
        if position < end:
            self._head = data[position:]
        return payloads

    def _go_on(self, data: bytes, payloads: list[Payload]) -> int:
        """Add to what an earlier chunk began, a length or a payload; return where the next frame starts."""
        position = 0
        if self.collected is None:
            position = min(LENGTH_BYTES - len(self._head), len(data))
            self._head += data[:position]
            if len(self._head) < LENGTH_BYTES:
                return position
            (size,) = _unpack_length(self._head)
            self._head = b""
            return self._begin(size, data, position, payloads)
        return self._fill(data, position, payloads)

    def _begin(self, size: int, data: bytes, start: int, payloads: list[Payload]) -> int:
        """Make room for a payload of which not all has come, if it may be that large, and fill it from `start` on.

        Return where the next frame starts.
        """
        if size > self._max_frame_bytes:
            start = self._begin_segmented(size, data, start, payloads)
        else:  # zeroed lazily by the system: an empty claim costs no memory
            self.collected = bytearray(size)
        return self._fill(data, start, payloads)

    def _fill(self, data: bytes, position: int, payloads: list[Payload]) -> int:
        """Add what `data` hold from `position` on to what was begun; return where the next frame starts."""
        while self.collected is not None:
            count = min(len(self.collected) - self._filled, len(data) - position)
            stop = position + count
            self.collected[self._filled : self._filled + count] = memoryview(data)[position:stop]
            position = stop
            payload = self.advance(count)
            if payload is not None:
                payloads.append(payload)
            elif position == len(data):
                break
        return position

    def _begin_segmented(self, size: int, data: bytes, start: int, payloads: list[Payload]) -> int:
        """Begin a frame with segments; return where the bytes of the part that is to be filled first start."""
        segmented = self._segmented
        if segmented is None or size < SEGMENTED:
            check_frame_size(size, self._max_frame_bytes)
        assert segmented is not None  # such a size is over any limit
        payload_bytes = size - SEGMENTED
        behind = segmented.rooms_behind(data, start, payload_bytes)
        if behind is None:
            first, self._rooms = start, segmented.rooms(payload_bytes)
        else:
            first, self._rooms = behind
        self._earlier = first - start
        payload = self._next_room(self._rooms)
        if payload is not None:  # no segment has any bytes
            payloads.append(payload)
        return first

    def _next_room(
        self, rooms: Generator[memoryview, None, SegmentedPayload]
    ) -> SegmentedPayload | None:
        """Go on with the next part of a frame with segments; return its payload after the last."""
        try:
            self.collected = next(rooms)
        except StopIteration as finished:
            self.collected = self._rooms = None
            self._earlier = 0
            payload: SegmentedPayload = finished.value
            return payload
        return None

    def end(self) -> None:
        """Accept the end of the stream.

        Raises:
            FrameError: it came in the middle of a frame (`FRAME_TRUNCATED`).
        """
        if self.buffered_bytes:
            if self.collected is None:
                expected = "its length"
            else:
                expected = f"{LENGTH_BYTES + self._earlier + len(self.collected):,} bytes"
                if self._rooms is not None:  # more parts may come
                    expected = f"at least {expected}"
            raise FrameError(
                f"The stream ended inside a frame: {self.buffered_bytes:,} bytes of {expected} had arrived. "
                "The other end died or closed while it was writing.",
                code="FRAME_TRUNCATED",
                details={"received": self.buffered_bytes},
            )
