"""Values by msgspec. Its encoder knows most of our rules; what it refuses goes through the walker."""

from __future__ import annotations

from functools import partial
from sys import getrecursionlimit
from typing import TYPE_CHECKING, Any

from ..errors import DecodeError, EncodeError
from ..limits import MAX_C_RECURSION
from .binding import (
    Binding,
    Bytes,
    Extension,
    bounded_recursion,
    collector_at_rest,
    decode_depth_error,
    enough_recursion,
    has_room,
)
from .extensions import (
    decode_extension,
    decode_native_extension,
    decode_unbound_extension,
    extension_of,
)
from .msgspec_core import Decoder, Encoder, Ext, Raw, Struct
from .refusals import refusal
from .scalars import plain_scalar
from .segment_references import refuse_large_array
from .walker import Walker, record_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from .binding import ExtHook


class _HashableExt:
    """An extension where it stands as a key: msgspec's own cannot be hashed."""

    __slots__ = ("code", "data")

    def __init__(self, code: int, data: bytes) -> None:
        self.code = code
        self.data = data


def _simpler(value: Any, extension_of: Callable[[object], Extension | None] = extension_of) -> Any:
    if type(value) is _HashableExt:
        return Ext(value.code, value.data)
    extension = extension_of(value)
    if extension is not None:
        return Ext(*extension)
    return plain_scalar(value)


def _simpler_if_small(value: Any) -> Any:
    refuse_large_array(value)
    return _simpler(value)


def _record(value: Any) -> Any | None:
    if not isinstance(value, Struct):
        return value if isinstance(value, Ext | Raw | _HashableExt) else record_fields(value)
    config = value.__struct_config__
    fields = [getattr(value, name) for name in value.__struct_fields__]
    if config.array_like:
        return fields if config.tag is None else [config.tag, *fields]
    tag = {} if config.tag is None else {config.tag_field: config.tag}
    return {**tag, **dict(zip(value.__struct_encode_fields__, fields, strict=True))}


_encode = Encoder(enc_hook=_simpler).encode
_encode_small = Encoder(enc_hook=_simpler_if_small).encode
_decode = Decoder(ext_hook=decode_extension).decode
_decode_native = Decoder(ext_hook=decode_native_extension).decode
_walker = Walker(_HashableExt, _record)


def encode(value: object) -> bytes:
    """Return the MessagePack of a value. Raises `EncodeError`."""
    try:
        if getrecursionlimit() <= MAX_C_RECURSION:
            return _encode(value)
        with bounded_recursion():
            return _encode(value)
    except Exception:
        return _encode_slowly(value)


def encode_with(value: object, extension_of: Callable[[object], Extension | None]) -> bytes:
    """Return the MessagePack of a value, with these extensions in it. Raises anything."""
    encode = Encoder(enc_hook=partial(_simpler, extension_of=extension_of)).encode
    if getrecursionlimit() <= MAX_C_RECURSION:
        return encode(value)
    with bounded_recursion():
        return encode(value)


def _encode_slowly(value: object) -> bytes:
    try:
        with enough_recursion():
            plain = _walker.plain(value)
            with bounded_recursion():
                return _encode(plain)
    except EncodeError:
        raise
    except Exception as failure:
        raise refusal(f"{type(failure).__name__}: {failure!s:.200}", "$", failure) from failure


def decode(data: Bytes, native_arrays: bool = False) -> Any:
    """Return the value of one MessagePack document. Raises `DecodeError`."""
    decode = _decode_native if native_arrays else _decode
    try:
        if len(data) <= MAX_C_RECURSION:  # it cannot nest more deeply than it is long
            return decode(data)
        with bounded_recursion(), collector_at_rest(data):
            return decode(data)
    except RecursionError:
        return _decode_with_room(data, decode)
    except Exception as failure:
        raise DecodeError(f"The value cannot be decoded: {failure}.", cause=failure) from None


def decode_with(data: Bytes, ext_hook: ExtHook) -> Any:
    """Do the same, with what the hook makes of extensions. Raises `DecodeError`."""
    return _decode_with_room(data, Decoder(ext_hook=ext_hook).decode)


def _decode_with_room(data: Bytes, decode: Callable[[Bytes], Any]) -> Any:
    try:
        if has_room(len(data)):  # it cannot nest more deeply than it is long
            return decode(data)
        with enough_recursion(), bounded_recursion(), collector_at_rest(data):
            return decode(data)
    except RecursionError as failure:
        raise decode_depth_error(failure) from None
    except Exception as failure:
        raise DecodeError(f"The value cannot be decoded: {failure}.", cause=failure) from None


def argument_decoder(types: Any) -> Callable[[Bytes], Any] | None:
    """Return what decodes arguments of these types, or None if msgspec cannot do that."""
    try:
        return Decoder(types, ext_hook=decode_unbound_extension).decode
    except Exception:  # it evaluates annotations, which are the user's
        return None


binding = Binding(
    "msgspec", encode, _encode_small, encode_with, decode, decode_with, _record, argument_decoder
)
