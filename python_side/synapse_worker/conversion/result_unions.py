"""Unions in results: the option a Python value belongs to says how it is encoded."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import os
import uuid
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .mismatch import Mismatch, unlike
from .naming import type_name
from .unions import flat_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interface import Encode, Encoding

    Test = Callable[[Any], bool]

_CLASSES: dict[str, tuple[type, ...]] = {
    "none": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "bigint": (int,),
    "float": (float,),
    "complex": (complex,),
    "str": (str,),
    "bytes": (bytes, bytearray, memoryview),
    "time": (dt.time,),
    "timedelta": (dt.timedelta,),
    "uuid": (uuid.UUID,),
    "decimal": (decimal.Decimal,),
    "path": (os.PathLike,),
}


def union_encoder(union: t.Union, encoders: Encoding) -> Encode | None:
    """Return what encodes a value by the option it belongs to, or None where none needs it."""
    options = flat_options(union, encoders.resolved)
    table = [(_test(option, encoders), encoders.of(option)) for option in options]
    if not any(encode for _, encode in table):
        return None
    expected = type_name(union)

    def encode_union(value: Any) -> Any:
        for belongs, encode in table:
            if belongs(value):
                try:
                    return value if encode is None else encode(value)
                except Mismatch:
                    if _is_last(table, value, belongs):
                        raise
        for _, encode in table:
            if encode is not None:
                try:
                    return encode(value)
                except Mismatch:
                    continue
        raise unlike(expected, value)

    return encode_union


def _is_last(table: list[tuple[Test, Encode | None]], value: Any, belongs: Test) -> bool:
    """Whether no other option claims the value: then what this one says of it is the reason."""
    return sum(test(value) for test, _ in table) == 1


def _test(option: t.Type, encoders: Encoding) -> Test:
    match option:
        case t.Scalar(name=name):
            return _scalar_test(name)
        case t.Literal(values=values):
            return lambda value: any(
                type(known) is type(plain) and known == plain
                for plain in [value.value if isinstance(value, enum.Enum) else value]
                for known in values
            )
        case t.Array() | t.Tuple() | t.OpenTuple():
            return lambda value: (
                isinstance(value, Iterable)
                and not isinstance(value, (str, bytes, bytearray, Mapping))
            )
        case t.Set():
            return lambda value: isinstance(value, AbstractSet) and not isinstance(value, Mapping)
        case t.Map():
            return lambda value: isinstance(value, Mapping)
        case t.Reference(name=name):
            return _definition_test(encoders.definitions[name])
        case t.Custom(python=python) if isinstance(python, type):
            return lambda value: isinstance(value, python)
        case t.NdArray():
            return lambda value: type(value).__module__.partition(".")[0] == "numpy"
        case t.Table(library=library):
            return lambda value: type(value).__module__.partition(".")[0] == library
    return lambda value: False


def _scalar_test(name: str) -> Test:
    if name == "unknown":
        return lambda value: True
    if name == "date":
        return lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    if name in ("datetime", "naive_datetime"):
        is_naive = name == "naive_datetime"
        return lambda value: isinstance(value, dt.datetime) and (value.tzinfo is None) is is_naive
    classes = _CLASSES.get(name, ())
    if name in ("int", "bigint", "float", "str"):
        return lambda value: (
            isinstance(value, classes)
            and not isinstance(value, bool)
            and not isinstance(value, enum.Enum)
        )
    return lambda value: isinstance(value, classes)


def _definition_test(definition: d.Definition) -> Test:
    python = getattr(definition, "python", None)
    if isinstance(definition, d.ObjectDefinition) and definition.style == "typed_dict":
        required = [field.name for field in definition.fields if field.required]
        return lambda value: isinstance(value, Mapping) and all(name in value for name in required)
    if isinstance(python, type):
        return lambda value: isinstance(value, python)
    return lambda value: False
