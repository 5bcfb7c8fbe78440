"""Messages of the native dialect: a frame's payload is an eight-byte header and a body.

Implements the section "Messages" of `docs/protocol.md`. What a message means, and when, is the peer's and the
state table's business.

    offset  size  field
    0       1     kind
    1       1     flags
    2       6     id, unsigned, little-endian
    8       n     body: one MessagePack value, or nothing
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from .codec import ArrivedSegments, SegmentedBody, decode_value, decode_value_with, encode_value
from .errors import DecodeError, EncodeError, ProtocolError
from .frame_size import check_frame_size
from .limits import MAX_FRAME_BYTES, MAX_ID
from .segments import SegmentedPayload, encode_segmented_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .frames import Payload

HEADER_BYTES: Final = 8
FLAG_WANTS_PROGRESS: Final = 0x01
"""On CALL and OPEN: the caller wants PROGRESS."""
FLAG_TIMING: Final = 0x02
"""On CALL: the caller wants to know how long the method runs. On RESULT: the answer to that."""
FIRST_IGNORED_KIND: Final = 128
TRIM: Final = 128
"""A kind that may be ignored: the worker may give back what memory it shares and does not use. No body."""
# The longest array whose length MessagePack puts into its first byte.
MAX_FIXARRAY: Final = 15
PAIR_HEADER: Final = b"\x92"

unpack_header: Final = struct.Struct("<Q").unpack_from
pack_frame_and_header: Final = struct.Struct("<IQ").pack


class Kind(IntEnum):
    """The kinds of messages; numbers from 128 on are ignored by whoever does not know them."""

    HELLO = 1
    CALL = 2
    RESULT = 3
    ERROR = 4
    OPEN = 5
    ITEMS = 6
    END = 7
    CREDIT = 8
    CANCEL = 9
    PROGRESS = 10
    LOG = 11
    PING = 12
    PONG = 13
    DRAIN = 14
    FAIL = 15


# Plain ints are twice as fast as enum members looked up on their class.
_RESULT: Final = int(Kind.RESULT)
_TIMED_RESULT: Final = _RESULT | FLAG_TIMING << 8
_ITEMS: Final = int(Kind.ITEMS)

CONNECTION_KINDS: Final = frozenset({Kind.HELLO, Kind.PING, Kind.PONG, Kind.DRAIN, Kind.FAIL})
"""Kinds that concern the connection itself; their id is 0."""

EMPTY_KINDS: Final = frozenset({Kind.END, Kind.CANCEL, Kind.DRAIN})
"""Kinds without a body."""


VITAL_KINDS: Final = CONNECTION_KINDS | {Kind.CREDIT}
"""Kinds whose body, when it does not decode, costs the connection: no call would fail by it."""


class _NoBody:
    """The absence of a body, which is not the same as a body of None."""

    def __repr__(self) -> str:
        return "NO_BODY"


NO_BODY: Final = _NoBody()


def encode_message(
    kind: int,
    call_id: int,
    body: object = NO_BODY,
    flags: int = 0,
    max_frame_bytes: int = MAX_FRAME_BYTES,
    encode: Callable[[object], bytes] = encode_value,
) -> bytes:
    """Return a whole frame that holds one message, a `SegmentedFrame` if `encode` gives a `SegmentedBody`.

    An error map whose `details` cannot travel goes without them: an error must always get through.

    Raises:
        EncodeError: the body cannot be encoded; its path starts at the body.
        FrameError: the frame would be larger than allowed (`FRAME_TOO_LARGE`).
    """
    header = kind | flags << 8 | call_id << 16
    if body is NO_BODY:
        return pack_frame_and_header(HEADER_BYTES, header)
    try:
        encoded = encode(body)
    except EncodeError as failure:
        if kind not in (Kind.ERROR, Kind.FAIL) or not isinstance(body, dict):
            raise
        encoded = encode_value(_without_details(body, str(failure)))
    return frame_of(header, encoded, max_frame_bytes)


def frame_of(header: int, body: bytes, max_frame_bytes: int) -> bytes:
    """Return a whole frame of a header (`kind | flags << 8 | id << 16`) and a body that is encoded already.

    Raises:
        FrameError: it would be larger than allowed (`FRAME_TOO_LARGE`).
    """
    size = HEADER_BYTES + len(body)
    if size > max_frame_bytes:
        check_frame_size(size, max_frame_bytes)
    if type(body) is SegmentedBody:
        return encode_segmented_frame(
            header.to_bytes(HEADER_BYTES, "little") + body, body.segments, max_frame_bytes
        )
    return pack_frame_and_header(size, header) + body


def encode_timed_result(
    call_id: int,
    run_ns: int,
    value: object,
    max_frame_bytes: int = MAX_FRAME_BYTES,
    encode: Callable[[object], bytes] = encode_value,
) -> bytes:
    """Return a whole frame that holds one RESULT of a call that ran for `run_ns` nanoseconds.

    Raises:
        EncodeError: the value cannot be encoded; its path starts at the value.
        FrameError: the frame would be larger than allowed (`FRAME_TOO_LARGE`).
    """
    encoded = encode(value)
    body = b"".join((PAIR_HEADER, encode_value(run_ns), encoded))
    if type(encoded) is SegmentedBody:
        body = SegmentedBody(body)
        body.segments = encoded.segments
    return frame_of(_TIMED_RESULT | call_id << 16, body, max_frame_bytes)


def encode_items(
    stream_id: int, items: Sequence[bytes], max_frame_bytes: int = MAX_FRAME_BYTES
) -> bytes:
    """Return a whole frame that holds one ITEMS message, of items that are encoded already.

    Raises:
        FrameError: the frame would be larger than allowed (`FRAME_TOO_LARGE`).
    """
    count = len(items)
    if count <= MAX_FIXARRAY:
        array_header = bytes((0x90 | count,))
    else:
        array_header = b"\xdd" + count.to_bytes(4, "big")
    body = b"".join((array_header, *items))
    return frame_of(_ITEMS | stream_id << 16, body, max_frame_bytes)


def _without_details(error_map: dict[str, Any], reason: str) -> dict[str, Any]:
    cause = error_map.get("cause")
    return {
        **error_map,
        "details": None,
        "notes": [
            *error_map.get("notes", []),
            f"The details of this error could not be sent: {reason}",
        ],
        "cause": _without_details(cause, reason) if isinstance(cause, dict) else None,
    }


def decode_header(payload: Payload) -> tuple[int, int, int]:
    """Return kind, flags and id of a message.

    A kind from 128 on is returned as it is: whoever does not know it ignores the message.

    Raises:
        ProtocolError: the header is short, its kind, flags or id are not what the protocol allows, or a
            body follows where none belongs.
    """
    if len(payload) < HEADER_BYTES:
        raise ProtocolError(
            f"A message needs a header of {HEADER_BYTES} bytes; this one has {len(payload)}."
        )
    header: int = unpack_header(payload)[0]
    kind, flags, call_id = header & 0xFF, header >> 8 & 0xFF, header >> 16
    if kind < FIRST_IGNORED_KIND:
        least, most, refused, is_empty = _HEADER_RULES[kind]
        if not least <= call_id <= most or flags & refused:
            _refuse_header(kind, flags, call_id)
        if is_empty and len(payload) > HEADER_BYTES:
            raise ProtocolError(f"{Kind(kind).name} carries no body, but bytes follow its header.")
    return kind, flags, call_id


_ALLOWED_FLAGS: Final[dict[int, int]] = {
    Kind.CALL: FLAG_WANTS_PROGRESS | FLAG_TIMING,
    Kind.OPEN: FLAG_WANTS_PROGRESS,
    Kind.RESULT: FLAG_TIMING,
}


def _header_rule(kind: int) -> tuple[int, int, int, bool]:
    """Return the least and the greatest id of a kind, the flags it must not have, and whether it has no body.

    An unknown kind allows no id.
    """
    if kind not in Kind.__members__.values():
        return 1, 0, 0xFF, False
    return (
        0 if kind in CONNECTION_KINDS or kind == Kind.LOG else 1,
        0 if kind in CONNECTION_KINDS else MAX_ID,
        0xFF & ~_ALLOWED_FLAGS.get(kind, 0),
        kind in EMPTY_KINDS,
    )


_HEADER_RULES: Final = [_header_rule(kind) for kind in range(FIRST_IGNORED_KIND)]


def _refuse_header(kind: int, flags: int, call_id: int) -> None:
    least, most, refused, _ = _HEADER_RULES[kind]
    if least > most:
        raise ProtocolError(
            f"Unknown message kind {kind}. Do both ends speak the same version of the protocol?"
        )
    name = Kind(kind).name
    if flags & refused:
        raise ProtocolError(f"{name} message with undefined flags 0x{flags:02x}.")
    raise ProtocolError(
        f"{name} message with id {call_id}: "
        + ("it must be 0." if most == 0 else "ids start at 1.")
    )


def decode_body(payload: Payload, native_arrays: bool = False) -> Any:
    """Return the body of a message whose header was accepted; `NO_BODY` for the kinds that have none.

    CALL gives `[method, args, kwargs]` and OPEN `[method, args, kwargs, credit]`, both checked and maybe
    with one more part, a dict of words about the call; a timed RESULT `[run_ns, value]`; ITEMS a non-empty list; CREDIT a positive int; HELLO, ERROR, LOG and FAIL a dict. Arrays in it are `WireArray`s, or
    with `native_arrays` numpy's, if numpy can be imported, else memoryviews.

    Raises:
        DecodeError: the body is no value, or not of the shape its kind asks for; that id fails by it.
        ProtocolError: the same, of a kind by which no single id would fail.
    """
    kind = payload[0]
    if kind in EMPTY_KINDS:
        if type(payload) is SegmentedPayload:
            raise ProtocolError(f"{Kind(kind).name} carries no body, but segments follow it.")
        return NO_BODY
    try:
        return _decode_shaped(kind, payload, native_arrays)
    except DecodeError as error:
        if kind in VITAL_KINDS:
            raise ProtocolError(f"The body of this {Kind(kind).name} message: {error}") from error
        raise


def _decode_shaped(kind: int, payload: Payload, native_arrays: bool) -> Any:
    body = payload[HEADER_BYTES:]
    if type(payload) is SegmentedPayload:
        segments = ArrivedSegments(payload.segments, native_arrays)
        value = decode_value_with(body, segments.decode_extension)
        segments.check_all_taken()
    else:
        value = decode_value(body, native_arrays)
    check = _SHAPES.get(kind)
    if check is not None and not check(value):
        raise DecodeError(f"The body of this {Kind(kind).name} message is not {_EXPECTED[kind]}.")
    if kind == _RESULT and payload[1] and not _is_timed(value):
        raise DecodeError("The body of this timed RESULT message is not [nanoseconds, value].")
    return value


def _is_call(body: Any) -> bool:
    if type(body) is not list or (len(body) != 3 and not _has_more(body, 3)):
        return False
    return _is_request(body)


def _is_open(body: Any) -> bool:
    if type(body) is not list or (len(body) != 4 and not _has_more(body, 4)):
        return False
    return _is_request(body) and _is_count(body[3], least=0)


def _has_more(body: list[Any], parts: int) -> bool:
    return len(body) == parts + 1 and _is_keyed_by_text(body[parts])


def _is_timed(body: Any) -> bool:
    return type(body) is list and len(body) == 2 and _is_count(body[0], least=0)


def _is_request(body: list[Any]) -> bool:
    return type(body[0]) is str and type(body[1]) is list and _is_keyed_by_text(body[2])


def _is_keyed_by_text(value: Any) -> bool:
    return type(value) is dict and (not value or {*map(type, value)} == {str})


def _is_count(value: Any, least: int) -> bool:
    return type(value) is int and least <= value <= MAX_ID


_SHAPES: Final[dict[int, Callable[[Any], bool]]] = {
    Kind.HELLO: _is_keyed_by_text,
    Kind.CALL: _is_call,
    Kind.ERROR: _is_keyed_by_text,
    Kind.OPEN: _is_open,
    Kind.ITEMS: lambda body: type(body) is list and len(body) > 0,
    Kind.CREDIT: lambda body: _is_count(body, least=1),
    Kind.LOG: _is_keyed_by_text,
    Kind.FAIL: _is_keyed_by_text,
}

_EXPECTED: Final[dict[int, str]] = {
    Kind.HELLO: "a map",
    Kind.CALL: "[method, arguments, keyword arguments] and maybe a map",
    Kind.ERROR: "an error map",
    Kind.OPEN: "[method, arguments, keyword arguments, credit] and maybe a map",
    Kind.ITEMS: "a non-empty array",
    Kind.CREDIT: "a positive integer",
    Kind.LOG: "a map",
    Kind.FAIL: "an error map",
}
