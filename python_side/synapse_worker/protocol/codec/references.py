"""Functions of the other end, as they travel (extension 3): numbers that the other end knows them by.

Implements "References" in the section "Values" of `docs/protocol.md`.

    offset  size  field
    0       4     id, unsigned, little-endian, from 1 on
"""

from __future__ import annotations

EXT_CALLBACK = 3
"""Extension type of references to callbacks."""

REFERENCE_ATTRIBUTE = "__synapse_reference__"
"""Under this name a function that was made of a reference has that."""

_ID_BYTES = 4


class CallbackReference:
    """A function that lives at the other end: valid until the call it came with has settled."""

    # No dataclass: msgspec would write its fields as a map, unasked.
    __slots__ = ("id",)

    def __init__(self, id: int) -> None:  # noqa: A002 (it is the id of the protocol)
        self.id = id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CallbackReference) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"CallbackReference({self.id})"

    def to_payload(self) -> bytes:
        """Return the data of the extension."""
        return self.id.to_bytes(_ID_BYTES, "little")


def reference_from_payload(payload: bytes | memoryview) -> CallbackReference:
    """Return the reference of an extension's data.

    Raises:
        ValueError: they are none.
    """
    callback_id = int.from_bytes(payload, "little") if len(payload) == _ID_BYTES else 0
    if callback_id == 0:
        raise ValueError(f"a callback extension of the bytes {bytes(payload[:16]).hex() or 'none'}")
    return CallbackReference(callback_id)
