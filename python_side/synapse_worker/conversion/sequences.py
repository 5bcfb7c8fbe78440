"""Arrays on the wire: list, tuple, deque, set, frozenset, and tuples of a fixed length."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .mismatch import Mismatch, unlike
from .naming import type_name
from .scalars import encode_float

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import types as t
    from .interface import Decoding, Encoding

_FLOATS = frozenset({float})
_MANY_FLOATS = 64
"""From this length on a copy made in C is quicker than a look at each item."""

_BUILDERS: tuple[Any, ...] = (tuple, deque, iter)


def decode_items(value: Any, decode: Callable[[Any], Any]) -> list[Any]:
    """Return the items of a list decoded, or say which one does not fit."""
    items: list[Any] = []
    try:
        for item in value:
            items.append(decode(item))  # noqa: PERF401  # its length names the item that failed
    except Mismatch as mismatch:
        raise mismatch.within(len(items)) from mismatch.__cause__
    return items


def array_decoder(array: t.Array, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes an array the annotated kind of sequence."""
    decode, expected = decoders.of(array.items), type_name(array)
    build = array.python if array.python in _BUILDERS else None

    def decode_array(value: Any) -> Any:
        if type(value) is not list:
            raise unlike(expected, value)
        items = decode_items(value, decode)
        return items if build is None else build(items)

    return decode_array


def set_decoder(set_: t.Set, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes an array a set; items that are there twice count once."""
    decode, expected = decoders.of(set_.items), type_name(set_)
    build = frozenset if set_.python is frozenset else set

    def decode_set(value: Any) -> Any:
        if type(value) is not list:
            raise unlike(expected, value)
        items = decode_items(value, decode)
        try:
            return build(items)
        except TypeError as failure:
            problem = f"cannot be a set: {failure}"
            raise Mismatch(problem, expected=expected, got="such an item") from None

    return decode_set


def tuple_decoder(tuple_: t.Tuple, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes an array of exactly these items a tuple."""
    decode_each = [decoders.of(item) for item in tuple_.items]
    count, expected = len(decode_each), type_name(tuple_)

    def decode_tuple(value: Any) -> Any:
        if type(value) is not list or len(value) != count:
            raise unlike(expected, value)
        items = []
        for index, decode in enumerate(decode_each):
            try:
                items.append(decode(value[index]))
            except Mismatch as mismatch:
                raise mismatch.within(index) from None
        return tuple(items)

    return decode_tuple


def open_tuple_decoder(tuple_: t.OpenTuple, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes an array of at least the items around the open part a tuple."""
    first = [decoders.of(item) for item in tuple_.first]
    rest = decoders.of(tuple_.rest)
    last = [decoders.of(item) for item in tuple_.last]
    least, expected = len(first) + len(last), type_name(tuple_)

    def decode_open_tuple(value: Any) -> Any:
        if type(value) is not list or len(value) < least:
            raise unlike(expected, value)
        return tuple(_each(value, [*first, *[rest] * (len(value) - least), *last]))

    return decode_open_tuple


def _each(value: Any, convert_each: list[Callable[[Any], Any] | None]) -> list[Any]:
    """Return the items, each converted by its own, or say which one does not fit."""
    items = []
    for index, (item, convert) in enumerate(zip(value, convert_each, strict=True)):
        try:
            items.append(item if convert is None else convert(item))
        except Mismatch as mismatch:
            raise mismatch.within(index) from None
    return items


def encode_items(value: Any, encode: Callable[[Any], Any]) -> list[Any]:
    """Return the items encoded, or say which one cannot be."""
    items = []
    try:
        for item in value:
            items.append(encode(item))  # noqa: PERF401  # its length names the item that failed
    except Mismatch as mismatch:
        raise mismatch.within(len(items)) from None
    return items


def array_encoder(array: t.Array, encoders: Encoding) -> Callable[[Any], Any]:
    """Return what lists an iterable and encodes its items where they need it."""
    encode, expected = encoders.of(array.items), type_name(array)
    are_floats = _float_test() if encode is encode_float else None

    def encode_array(value: Any) -> Any:
        if type(value) is not list:
            _refuse_no_sequence(value, expected)
            value = list(value)
        if encode is None:
            return value
        if are_floats is not None and (floats := are_floats(value)) is not None:
            return floats
        return encode_items(value, encode)

    return encode_array


def _float_test() -> Callable[[list[Any]], list[Any] | None]:
    """Return what makes a list of numbers one of floats at once, or gives up with None."""
    convert: Callable[..., list[float]] | None = None
    with suppress(ImportError):
        from ..protocol.codec.msgspec_core import convert

    def all_floats(value: list[Any]) -> list[Any] | None:
        if convert is None or len(value) < _MANY_FLOATS:
            return value if _FLOATS.issuperset(map(type, value)) else None
        try:
            return convert(value, list[float])
        except Exception:  # something in it is no number, or a subclass of one
            return None

    return all_floats


def set_encoder(set_: t.Set, encoders: Encoding) -> Callable[[Any], Any]:
    """Return what lists a set and encodes its items where they need it."""
    encode, expected = encoders.of(set_.items), type_name(set_)

    def encode_set(value: Any) -> Any:
        if not isinstance(value, (AbstractSet, list, tuple)) or isinstance(value, Mapping):
            raise unlike(expected, value)
        items = value if type(value) is list else list(value)
        return items if encode is None else encode_items(items, encode)

    return encode_set


def tuple_encoder(tuple_: t.Tuple, encoders: Encoding) -> Callable[[Any], Any]:
    """Return what encodes exactly these items."""
    encode_each = [encoders.of(item) for item in tuple_.items]
    count, expected = len(encode_each), type_name(tuple_)
    as_it_is = not any(encode_each)

    def encode_tuple(value: Any) -> Any:
        if not isinstance(value, (tuple, list)) or len(value) != count:
            raise unlike(expected, value)
        if as_it_is:
            return value
        return _each(value, encode_each)

    return encode_tuple


def open_tuple_encoder(tuple_: t.OpenTuple, encoders: Encoding) -> Callable[[Any], Any]:
    """Return what encodes the items around the open part, and those in it."""
    first = [encoders.of(item) for item in tuple_.first]
    rest = encoders.of(tuple_.rest)
    last = [encoders.of(item) for item in tuple_.last]
    least, expected = len(first) + len(last), type_name(tuple_)

    def encode_open_tuple(value: Any) -> Any:
        if not isinstance(value, (tuple, list)) or len(value) < least:
            raise unlike(expected, value)
        return _each(value, [*first, *[rest] * (len(value) - least), *last])

    return encode_open_tuple


def _refuse_no_sequence(value: Any, expected: str) -> None:
    """Refuse what can be iterated over but is no sequence of items to a reader of the annotation."""
    if not isinstance(value, Iterable) and not hasattr(type(value), "__getitem__"):
        raise unlike(expected, value)
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping)):
        raise unlike(expected, value)
