"""What travels behind the frame instead of in it: large bytes and arrays (extension 5).

Implements "Segments" in the section "Values" of `docs/protocol.md`. Within the value stands:

    offset  size  field
    0       4     number of the segment, from 0 on, unsigned, little-endian
    4       …     for an array what precedes its numbers in extension 2; for bytes nothing
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import DecodeError
from ..limits import MAX_SEGMENTS, MIN_SEGMENT_BYTES
from .arrays import (
    WireArray,
    array_from_header,
    array_from_numpy,
    array_header,
    is_numpy_array,
)
from .extensions import decode_extension, extension_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..segments import SegmentMemory

EXT_SEGMENT = 5
"""Extension type of what travels as a segment."""

_NUMBER_BYTES = 4
# As MessagePack has an extension of four bytes: here the number 0.
_LONE_SEGMENT = bytes((0xD6, EXT_SEGMENT)) + bytes(_NUMBER_BYTES)


class LargeArrayError(Exception):
    """An array was met that had better travel as a segment."""


class LargeBytes:
    """Stands for bytes that are to travel as a segment, in a value about to be encoded."""

    __slots__ = ("data",)

    def __init__(self, data: memoryview) -> None:
        self.data = data


class SegmentedBody(bytes):
    """An encoded value that refers to segments."""

    segments: list[memoryview]


def lone_segment(data: memoryview) -> SegmentedBody:
    """Return a value that is one segment, and nothing around it."""
    body = SegmentedBody(_LONE_SEGMENT)
    body.segments = [data]
    return body


def refuse_large_array(value: object) -> None:
    """Raise `LargeArrayError` if `value` is an array that had better travel as a segment."""
    if is_numpy_array(value):
        size = value.nbytes  # type: ignore[attr-defined]
    elif isinstance(value, WireArray):
        size = value.data.nbytes
    else:
        return
    if size >= MIN_SEGMENT_BYTES:
        raise LargeArrayError


class OutgoingSegments:
    """Collects the segments of one value while that is encoded; `data` are their bytes."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data: list[memoryview] = []

    def extension_of(self, value: object) -> tuple[int, bytes] | None:
        """Return the type and the data of the extension that a value travels as, or None if it is none.

        Raises:
            RefusedError: it cannot be.
        """
        if type(value) is LargeBytes:
            return EXT_SEGMENT, self._add(value.data)
        array = array_from_numpy(value) if is_numpy_array(value) else value
        if not isinstance(array, WireArray):
            return extension_of(value)
        if array.data.nbytes < MIN_SEGMENT_BYTES or len(self.data) >= MAX_SEGMENTS:
            return extension_of(array)
        header = array_header(array.dtype, array.shape)
        return EXT_SEGMENT, self._add(array.data) + header

    def _add(self, data: memoryview) -> bytes:
        number = len(self.data).to_bytes(_NUMBER_BYTES, "little")
        self.data.append(data)
        return number


class ArrivedSegments:
    """Gives the segments that came with one value to the places that refer to them, each once."""

    __slots__ = ("_left", "_native_arrays")

    def __init__(self, segments: Sequence[SegmentMemory], native_arrays: bool) -> None:
        self._left = dict(enumerate(segments))
        self._native_arrays = native_arrays

    def decode_extension(self, code: int, data: bytes | memoryview) -> Any:
        """Return what stands for an extension.

        Raises:
            ValueError: its type is unknown, or its data are malformed.
        """
        if code != EXT_SEGMENT:
            value = decode_extension(code, data)
        elif len(data) == _NUMBER_BYTES:
            return self._take(data).take_bytes()
        else:
            memory = self._take(data)
            value = array_from_header(memoryview(data)[_NUMBER_BYTES:], memory.view)
        return value.to_native() if self._native_arrays and type(value) is WireArray else value

    def check_all_taken(self) -> None:
        """Make sure that each was referred to.

        Raises:
            DecodeError: some were not.
        """
        if self._left:
            raise DecodeError(
                f"The value refers to none of {len(self._left)} segments it came with."
            )

    def _take(self, data: bytes | memoryview) -> SegmentMemory:
        number = int.from_bytes(data[:_NUMBER_BYTES], "little")
        memory = self._left.pop(number, None) if len(data) >= _NUMBER_BYTES else None
        if memory is None:
            raise ValueError(
                f"a segment extension of {bytes(data[:16]).hex()}: there is none, or not any more"
            )
        return memory
