"""Values by msgpack, where no msgspec can be had. The walker's rules serve as its hook for unknown types."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]

from ..errors import DecodeError, EncodeError
from .binding import (
    Binding,
    Bytes,
    Extension,
    bounded_recursion,
    collector_at_rest,
    decode_depth_error,
    enough_recursion,
)
from .extensions import decode_extension, decode_native_extension, extension_of
from .refusals import refusal
from .scalars import EXT_BIG_INT, big_int_to_bytes, plain_scalar
from .segment_references import refuse_large_array
from .walker import Walker, record_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .binding import ExtHook

_UTC = dt.timezone.utc
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=_UTC)


def _timestamp(value: dt.datetime) -> msgpack.Timestamp:
    since = value - _EPOCH
    return msgpack.Timestamp(since.days * 86_400 + since.seconds, since.microseconds * 1000)


def _record(value: Any) -> Any | None:
    if isinstance(value, msgpack.ExtType | msgpack.Timestamp):
        return value
    if type(value) is dt.datetime and value.tzinfo is not None:
        return _timestamp(value)
    return record_fields(value)


def _plain_once(
    value: Any, extension_of: Callable[[object], Extension | None] = extension_of
) -> Any:
    """Replace what msgpack does not know: one step, then it asks again."""
    if type(value) is int:
        return msgpack.ExtType(EXT_BIG_INT, big_int_to_bytes(value))
    extension = extension_of(value)
    if extension is not None:
        return msgpack.ExtType(*extension)
    if isinstance(value, set | frozenset):
        return list(value)
    record = _record(value)
    if record is not None:
        return record
    return plain_scalar(value)


def _plain_if_small(value: Any) -> Any:
    refuse_large_array(value)
    return _plain_once(value)


_walker = Walker(msgpack.ExtType, _record)


def encode(value: object) -> bytes:
    """Return the MessagePack of a value. Raises `EncodeError`."""
    try:
        return bytes(msgpack.packb(value, default=_plain_once))
    except Exception:
        return _encode_slowly(value)


def encode_small(value: object) -> bytes:
    """Do the same for a value without large arrays. Raises anything."""
    return bytes(msgpack.packb(value, default=_plain_if_small))


def encode_with(value: object, extension_of: Callable[[object], Extension | None]) -> bytes:
    """Return the MessagePack of a value, with these extensions in it. Raises anything."""
    return bytes(msgpack.packb(value, default=partial(_plain_once, extension_of=extension_of)))


def _encode_slowly(value: object) -> bytes:
    try:
        with enough_recursion():
            return bytes(msgpack.packb(_walker.plain(value)))
    except EncodeError:
        raise
    except Exception as failure:
        raise refusal(f"{type(failure).__name__}: {failure!s:.200}", "$", failure) from failure


def _unpack(data: Bytes, ext_hook: ExtHook, **options: Any) -> Any:
    with enough_recursion(), bounded_recursion(), collector_at_rest(data):
        return msgpack.unpackb(
            data, raw=False, strict_map_key=False, timestamp=3, ext_hook=ext_hook, **options
        )


def _map_with_any_keys(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    return {_hashable(key): item for key, item in pairs}


def _hashable(key: Any) -> Any:
    return tuple(map(_hashable, key)) if isinstance(key, list) else key


def decode(data: Bytes, native_arrays: bool = False) -> Any:
    """Return the value of one MessagePack document. Raises `DecodeError`."""
    ext_hook = decode_native_extension if native_arrays else decode_extension
    with _decode_errors():
        try:
            return _unpack(data, ext_hook)
        except (
            TypeError
        ):  # an array as a map's key: a tuple, as msgspec gives; rare, so only then asked for
            return _unpack(data, ext_hook, object_pairs_hook=_map_with_any_keys)


def decode_with(data: Bytes, ext_hook: ExtHook) -> Any:
    """Do the same, with what the hook makes of extensions; it is asked once. Raises `DecodeError`."""
    with _decode_errors():
        return _unpack(data, ext_hook, object_pairs_hook=_map_with_any_keys)


@contextmanager
def _decode_errors() -> Iterator[None]:
    try:
        yield
    except (RecursionError, msgpack.StackError) as failure:
        raise decode_depth_error(failure) from None
    except Exception as failure:
        raise DecodeError(
            f"The value cannot be decoded: {str(failure) or 'it is not MessagePack'}.",
            cause=failure,
        ) from None


def argument_decoder(types: Any) -> None:
    """Return None: msgpack knows no types."""


binding = Binding(
    "msgpack", encode, encode_small, encode_with, decode, decode_with, _record, argument_decoder
)
