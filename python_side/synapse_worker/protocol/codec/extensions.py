"""The extension types of ours, by number: what stands for each in Python, and its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import EXT_ARRAY, WireArray, array_from_numpy, array_from_payload, is_numpy_array
from .references import (
    EXT_CALLBACK,
    EXT_STREAM,
    CallbackReference,
    StreamReference,
    callback_from_payload,
    stream_from_payload,
)
from .scalars import EXT_BIG_INT, big_int_from_bytes

if TYPE_CHECKING:
    from collections.abc import Callable


def extension_of(value: object) -> tuple[int, bytes] | None:
    """Return the type and the data of the extension that a value travels as, or None if it is none.

    Raises:
        RefusedError: it cannot be.
    """
    if isinstance(value, WireArray):
        return EXT_ARRAY, value.to_payload()
    if is_numpy_array(value):
        return EXT_ARRAY, array_from_numpy(value).to_payload()
    if isinstance(value, CallbackReference):
        return EXT_CALLBACK, value.to_payload()
    if isinstance(value, StreamReference):
        return EXT_STREAM, value.to_payload()
    return None


def decode_extension(code: int, data: bytes | memoryview) -> Any:
    """Return what stands for an extension: an int, a `WireArray` or a `Reference`.

    Raises:
        ValueError: its type is unknown, or its data are malformed.
    """
    decode = _DECODERS.get(code)
    if decode is None:
        raise ValueError(
            f"unknown extension type {code}; both ends must know an extension to use it"
        )
    return decode(data)


def decode_native_extension(code: int, data: bytes | memoryview) -> Any:
    """Do the same, with an array as one of numpy, or a memoryview where there is no numpy."""
    value = decode_extension(code, data)
    return value.to_native() if code == EXT_ARRAY else value


def decode_unbound_extension(code: int, data: bytes | memoryview) -> Any:
    """Do the same where nothing could be done with a reference.

    Raises:
        ValueError: as `decode_extension`, and of a reference.
    """
    if code in (EXT_CALLBACK, EXT_STREAM):
        raise ValueError("a reference, which is bound to the call that it came with")
    return decode_native_extension(code, data)


_DECODERS: dict[int, Callable[[bytes | memoryview], Any]] = {
    EXT_BIG_INT: big_int_from_bytes,
    EXT_ARRAY: array_from_payload,
    EXT_CALLBACK: callback_from_payload,
    EXT_STREAM: stream_from_payload,
}
