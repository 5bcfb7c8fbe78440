"""Maps: keys and values of any type; keys without a form of their own on the wire travel as their text."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .mismatch import Mismatch, unlike
from .naming import type_name
from .texts import PARSERS, duration_to_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interface import Decoding, Encoding


def map_decoder(map_: t.Map, decoders: Decoding) -> Callable[[Any], Any]:
    """Return what makes a map a dict with decoded keys and values."""
    decode_key, decode_value = decoders.of(map_.keys), decoders.of(map_.values)
    expected, build = type_name(map_), _builder(map_.python)

    def decode_map(value: Any) -> Any:
        if type(value) is not dict:
            raise unlike(expected, value)
        result = {}
        for key, item in value.items():
            try:
                decoded_key = decode_key(key)
            except Mismatch as mismatch:
                problem = f"has a key that {mismatch.problem}"
                raise Mismatch(problem, expected=mismatch.expected, got=mismatch.got) from None
            try:
                result[decoded_key] = decode_value(item)
            except Mismatch as mismatch:
                raise mismatch.within(key) from None
        if len(result) != len(value):
            raise Mismatch("has two keys that are the same in Python", expected=expected)
        return result if build is None else build(result)

    return decode_map


def map_encoder(map_: t.Map, encoders: Encoding) -> Callable[[Any], Any]:
    """Return what makes keys and values plain, where they need it."""
    encode_key = _key_encoder(encoders.resolved(map_.keys), encoders)
    encode_value, expected = encoders.of(map_.values), type_name(map_)

    def encode_map(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise unlike(expected, value)
        if encode_key is None and encode_value is None:
            return value
        result = {}
        for key, item in value.items():
            plain_key = key if encode_key is None else encode_key(key)
            try:
                result[plain_key] = item if encode_value is None else encode_value(item)
            except Mismatch as mismatch:
                raise mismatch.within(plain_key) from None
        return result

    return encode_map


def _builder(python: Any) -> Callable[[dict[Any, Any]], Any] | None:
    if python is defaultdict:  # annotated without its values, so nobody knows what it makes
        return lambda items: defaultdict(None, items)
    # Else what builds one of a dict: a class, or a partial that has the factory of a defaultdict.
    return None if python is dict or not callable(python) else python


def _key_encoder(keys: t.Type, encoders: Encoding) -> Callable[[Any], Any] | None:
    if isinstance(keys, t.Scalar) and keys.name in PARSERS:
        return _encode_text_key
    if isinstance(keys, t.Reference) and isinstance(
        encoders.definitions.get(keys.name), d.EnumDefinition
    ):
        return _encode_enum_key
    if isinstance(keys, t.Literal) and keys.python is not None:
        return _encode_enum_key
    return encoders.of(keys)


def _encode_enum_key(key: Any) -> Any:
    return key.value if isinstance(key, enum.Enum) else key


def _encode_text_key(key: Any) -> Any:
    if hasattr(key, "isoformat"):
        return key.isoformat()
    return duration_to_text(key) if hasattr(key, "total_seconds") else str(key)
