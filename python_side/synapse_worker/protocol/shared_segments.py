"""Segments in memory that both ends have open: only how many bytes of them lie there travels with the frame.

Implements "Segments in shared memory" of `docs/protocol.md`. The segments stand in the memory one after another; behind
the frame come numbers of four bytes, each when as many bytes more of the current segment lie there, so that one end
reads while the other still writes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Protocol

from .errors import ProtocolError
from .limits import MAX_SHARED_BYTES, MIN_PIECE_BYTES, MIN_SHARED_BYTES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

FIRST_SHARED_BYTE = 4096
"""Where the first segment lies; the byte at 0 says whether the memory is free."""
SHARED_ALIGNMENT = 64
"""Each segment begins at a multiple of it: copies of bytes that lie askew take several times as long."""
PIECE_BYTES = 512 * 1024
"""Most that one number tells of when we write it: small, so that the other end soon has something to read."""
LARGE_FROM_BYTES = 32 * 1024 * 1024
"""From here on, all segments together, Node reads them to memory that is always new: more is work for its threads."""
LARGE_PIECE_BYTES = 4 * 1024 * 1024
"""Most that one number tells of then, as a thread takes its time to begin, and behind a piece that was slow."""

_NUMBER = struct.Struct("<I")


class MeasuredMemory(Protocol):
    """Memory that segments go through, either way, and that notes whether the last took long."""

    was_slow: bool
    """Of what was put or taken last, whatever its size."""


class SharedSource(MeasuredMemory, Protocol):
    """The memory that segments come through."""

    def take(self, view: memoryview, at: int) -> None:
        """Fill `view`, or raise `ProtocolError`."""

    def release(self) -> None:
        """All has been taken: the other end may write again."""


def shared_end(segments: Sequence[memoryview]) -> int | None:
    """Return where the last of the segments would end in shared memory; None if they had better not go there."""
    if not MIN_SHARED_BYTES <= sum(segment.nbytes for segment in segments) <= MAX_SHARED_BYTES:
        return None
    at = end = FIRST_SHARED_BYTE
    for segment in segments:
        end = at + segment.nbytes
        at = _aligned(end)
    return end


def pieces_of(
    segments: Sequence[memoryview], shared: MeasuredMemory
) -> Iterator[tuple[bytes, memoryview, int]]:
    """Give the pieces that segments are put into shared memory in: the number that tells of one, it, and where it goes.

    Each is to be put there and told of before the next is asked for.
    """
    is_large = sum(segment.nbytes for segment in segments) >= LARGE_FROM_BYTES
    at = FIRST_SHARED_BYTE
    for segment in segments:
        start = 0
        while start < segment.nbytes:
            piece_bytes = LARGE_PIECE_BYTES if is_large or shared.was_slow else PIECE_BYTES
            piece = segment[start : start + piece_bytes]
            yield _NUMBER.pack(len(piece)), piece, at + start
            start += len(piece)
        at = _aligned(at + segment.nbytes)


def marked_as_shared(frame: bytes, segments: int) -> bytes:
    """Return a frame of so many segments with the mark that they lie in shared memory: the highest bit of their number."""
    marked = bytearray(frame)
    marked[-_NUMBER.size * segments - 1] |= 0x80
    return bytes(marked)


def shared_rooms(views: Sequence[memoryview], shared: SharedSource) -> Generator[memoryview]:
    """Give room for each number that comes, and fill `views` with what it tells of.

    Raises:
        ProtocolError: a number is none that can be, or what it tells of cannot be read.
    """
    at = FIRST_SHARED_BYTE
    for view in views:
        told = filled = 0
        while told < view.nbytes:
            number = memoryview(bytearray(_NUMBER.size))
            yield number
            (count,) = _NUMBER.unpack(number)
            left = view.nbytes - told
            if not min(left, MIN_PIECE_BYTES) <= count <= left:
                raise ProtocolError(
                    f"{count:,} bytes of a segment are said to lie in shared memory, of which {left:,} are left."
                )
            told += count
            if told == view.nbytes or told - filled >= LARGE_PIECE_BYTES or not shared.was_slow:
                shared.take(view[filled:told], at + filled)
                filled = told
        at = _aligned(at + view.nbytes)
    shared.release()


def _aligned(at: int) -> int:
    return -(-at // SHARED_ALIGNMENT) * SHARED_ALIGNMENT
