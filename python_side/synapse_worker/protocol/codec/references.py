"""What stays at the other end, as it travels: numbers that it is known by there.

Functions are extension 3, streams of items extension 4.

Implements "References" in the section "Values" of `docs/protocol.md`.

    offset  size  field
    0       4     id, unsigned, little-endian, from 1 on
"""

from __future__ import annotations

from _thread import get_ident

EXT_CALLBACK = 3
"""Extension type of references to callbacks."""

EXT_STREAM = 4
"""Extension type of references to streams."""

REFERENCE_ATTRIBUTE = "__synapse_reference__"
"""Under this name what was made of a reference has that."""

_ID_BYTES = 4
# Threads that have decoded a reference and were not asked about it since.
_met: set[int] = set()


class Reference:
    """Something that lives at the other end: valid until the call it came with has settled."""

    # No dataclass: msgspec would write its fields as a map, unasked.
    __slots__ = ("id",)

    def __init__(self, id: int) -> None:  # noqa: A002 (it is the id of the protocol)
        self.id = id

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    def to_payload(self) -> bytes:
        """Return the data of the extension."""
        return self.id.to_bytes(_ID_BYTES, "little")


class CallbackReference(Reference):
    """A function of the other end's."""

    __slots__ = ()


class StreamReference(Reference):
    """Items that the other end has; they can be read once."""

    __slots__ = ()


def callback_from_payload(payload: bytes | memoryview) -> CallbackReference:
    """Return the callback of an extension's data.

    Raises:
        ValueError: they are none.
    """
    reference = CallbackReference(_id_from_payload(payload, "callback"))
    _met.add(get_ident())
    return reference


def stream_from_payload(payload: bytes | memoryview) -> StreamReference:
    """Return the stream of an extension's data.

    Raises:
        ValueError: they are none.
    """
    reference = StreamReference(_id_from_payload(payload, "stream"))
    _met.add(get_ident())
    return reference


def met_references() -> bool:
    """Whether this thread has decoded a reference since it asked last.

    To be asked of what was decoded just now: hardly any value has references, and to look for them in all its
    parts takes longer than to decode it.
    """
    thread = get_ident()
    if thread not in _met:
        return False
    _met.discard(thread)
    return True


def _id_from_payload(payload: bytes | memoryview, kind: str) -> int:
    number = int.from_bytes(payload, "little") if len(payload) == _ID_BYTES else 0
    if number == 0:
        raise ValueError(f"a {kind} extension of the bytes {bytes(payload[:16]).hex() or 'none'}")
    return number
