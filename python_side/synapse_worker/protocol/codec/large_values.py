"""Values whose large buffers are to travel beside them: found, and encoded as references to segments.

Nearly every value is small, so it is encoded as if it held no such buffers, and looked at only when it turned out
large. Where a value did hold some, the next of its type is taken to do so too and looked at first: modules return the
same kinds of things again and again, and encoding one twice would cost a copy.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from ..limits import MAX_C_RECURSION, MAX_SEGMENTS, MIN_SEGMENT_BYTES
from .binding import bounded_recursion
from .segment_references import (
    LargeArrayError,
    LargeBytes,
    OutgoingSegments,
    SegmentedBody,
    lone_segment,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .binding import Binding

# Places looked at in search of large bytes, at least; and bytes of an encoded value that pay for one more.
MIN_PLACES: Final = 256
BYTES_PER_PLACE: Final = 1024
# Asked for every value: compiled, they would be looked up by their names each time.
_recursion_limit: Final = sys.getrecursionlimit
_View: Final = memoryview

_WITHOUT_PARTS: Final = frozenset({type(None), bool, int, float, str, bytes, bytearray, memoryview})
# Formats that a memoryview can be turned from into bytes; others name their byte order.
_CASTABLE: Final = frozenset("cbB?hHiIlLqQnNfdP")


class LargeValueEncoder:
    """Encodes the values of one connection whose other end reads segments."""

    __slots__ = ("_binding", "_encode_small", "_type_with_segments")

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._encode_small = binding.encode_small
        # Of the last value that held some.
        self._type_with_segments: type[Any] | None = None

    def encode(self, value: object) -> bytes:
        """Return the MessagePack of a value, a `SegmentedBody` if it has segments. Raises `EncodeError`."""
        kind = type(value)
        if kind is bytes or kind is bytearray or kind is _View:
            lone = _as_lone_segment(value)
            if lone is not None:
                return lone
        elif kind is self._type_with_segments:
            return self._encode_with_segments(value, None)
        try:
            if _recursion_limit() <= MAX_C_RECURSION:
                encoded = self._encode_small(value)
            else:
                with bounded_recursion():
                    encoded = self._encode_small(value)
        except LargeArrayError:
            return self._encode_with_segments(value, None)
        except Exception:  # the slow way round finds out what does not travel, or how it does
            return self._binding.encode(value)
        if len(encoded) < MIN_SEGMENT_BYTES:
            return encoded
        return self._encode_with_segments(value, encoded)

    def _encode_with_segments(self, value: object, encoded: bytes | None) -> bytes:
        """Look for segments in `value`; `encoded` is what it is without, if that is known."""
        places = MIN_PLACES + len(encoded or b"") // BYTES_PER_PLACE
        marked = _with_large_bytes_marked(value, self._binding.record, places)
        if encoded is not None and marked is value:
            return encoded
        segments = OutgoingSegments()
        try:
            body = self._binding.encode_with(marked, segments.extension_of)
        except Exception:  # the slow way round finds out what does not travel, or how it does
            return self._binding.encode(value)
        self._type_with_segments = type(value) if segments.data else None
        if not segments.data:
            return body
        segmented = SegmentedBody(body)
        segmented.segments = segments.data
        return segmented


class _Place:
    """A value, what it holds, where it stands, and what it is replaced by."""

    __slots__ = ("key", "new", "owner", "parts", "value")

    def __init__(self, value: Any, owner: _Place | None, key: Any) -> None:
        self.value = self.new = value
        self.parts: Any = None
        self.owner = owner
        self.key = key


def _with_large_bytes_marked(
    value: Any, record: Callable[[Any], Any | None], most_places: int
) -> Any:
    """Return `value` with `LargeBytes` in the place of large bytes; itself where there are none.

    Looks at the outermost places first, for large things stand near the top, and at no more than
    `most_places`. The containers around what it finds are copied, nothing else.
    """
    root = _Place(value, None, None)
    places = [root]
    found: list[_Place] = []
    for place in places:  # it grows meanwhile
        large = _large_bytes(place.value)
        if large is not None:
            place.new = large
            found.append(place)
        elif type(place.value) not in _WITHOUT_PARTS:
            _add_parts(place, record, places, most_places)
    for place in found[:MAX_SEGMENTS]:
        _put_in_place(place)
    return root.new


def _as_lone_segment(value: Any) -> SegmentedBody | None:
    large = _large_bytes(value)
    return None if large is None else lone_segment(large.data)


def _large_bytes(value: Any) -> LargeBytes | None:
    kind = type(value)
    if kind is bytes or kind is bytearray:
        return LargeBytes(memoryview(value)) if len(value) >= MIN_SEGMENT_BYTES else None
    if kind is memoryview and value.nbytes >= MIN_SEGMENT_BYTES:
        plain = value.c_contiguous and value.format in _CASTABLE
        return LargeBytes(value.cast("B") if plain else memoryview(value.tobytes()))
    return None


def _add_parts(
    place: _Place, record: Callable[[Any], Any | None], places: list[_Place], most_places: int
) -> None:
    value = place.value
    parts = value if isinstance(value, dict | list | tuple) else record(value)
    room = most_places - len(places)
    if room <= 0 or parts is None:
        return
    if isinstance(parts, dict):
        entries: Iterable[tuple[Any, Any]] = parts.items()
    elif isinstance(parts, list | tuple):
        entries = enumerate(parts)
    else:
        return
    place.parts = parts
    places.extend(_Place(part, place, key) for key, part in islice(entries, room))


def _put_in_place(place: _Place) -> None:
    """Put what replaces a value into copies of the containers around it."""
    owner = place.owner
    while owner is not None:
        copied = owner.new is not owner.value
        if not copied:
            owner.new = dict(owner.parts) if isinstance(owner.parts, dict) else list(owner.parts)
        owner.new[place.key] = place.new
        if copied:
            return
        place, owner = owner, owner.owner
