"""The annotations by which msgspec means what we mean by our types, for those that it knows."""

from __future__ import annotations

import datetime as dt
import sys
import typing
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .enums import is_plain_enum
from .record_fields import defaults_of_class, is_carried_whole
from .straight import class_runs_user_code, has_own_constructor, has_slots

if TYPE_CHECKING:
    from .interface import Decoding

_SCALARS = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "datetime": dt.datetime,
    "date": dt.date,
    "none": type(None),
    "unknown": Any,
}

_APART = (t.Scalar("bool"), t.Scalar("int"), t.Scalar("str"), t.NONE)
"""Options of a union of which each takes values that none of the others takes."""


def msgspec_type(
    type_: t.Type, decoders: Decoding, seen: frozenset[str] = frozenset(), *, fills: bool = False
) -> Any:
    """Return the annotation by which msgspec means what we mean by a type, or None.

    Args:
        type_: the type.
        decoders: where its definitions are found.
        seen: the names that it stands within.
        fills: whether `default_filler` takes care of defaults that it leaves to a class.
    """
    type_ = decoders.resolved(type_)
    if getattr(type_, "constraints", None) is not None:
        return None
    match type_:
        case t.Scalar(name=name, python=None):
            return _SCALARS.get(name)
        case t.Array(items=items, python=python) if python in (None, list, tuple):
            inner = msgspec_type(items, decoders, seen, fills=fills and python is not tuple)
            if inner is None:
                return None
            return (
                tuple.__class_getitem__((inner, ...))
                if python is tuple
                else list.__class_getitem__(inner)
            )
        case t.Tuple(items=items):
            inners = tuple(msgspec_type(item, decoders, seen) for item in items)
            return None if None in inners else tuple.__class_getitem__(inners)
        case t.Map(keys=t.Scalar(name="str", constraints=None, python=None), values=values):
            inner = msgspec_type(values, decoders, seen)
            if inner is None or type_.python not in (None, dict):
                return None
            return dict.__class_getitem__((str, inner))
        case t.Literal(values=values, python=python) if _are_of_one_kind(python or values):
            return typing.Literal.__getitem__(values)
        case t.Union(options=(option, t.Scalar(name="none"))):
            inner = msgspec_type(option, decoders, seen, fills=fills)
            return None if inner is None or inner is Any else inner | None
        case t.Union(options=options) if all(_is_told_apart(option) for option in options):
            kinds = tuple(msgspec_type(option, decoders, seen) for option in options)
            return None if None in kinds else reduce(or_, kinds)
        case t.Reference(name=name, arguments=()):
            definition = decoders.definitions[name]
            fills = fills and not seen
            return _class(definition, decoders, seen | {name}, is_known=name in seen, fills=fills)
    return None


def _are_of_one_kind(values: tuple[object, ...]) -> bool:
    return {*map(type, values)} in ({str}, {int})


def _is_told_apart(option: t.Type) -> bool:
    """Whether an option of a union is a scalar that no other is mistaken for."""
    return isinstance(option, t.Scalar) and option in _APART


def _class(
    definition: d.Definition,
    decoders: Decoding,
    seen: frozenset[str],
    *,
    is_known: bool,
    fills: bool,
) -> Any:
    python = getattr(definition, "python", None)
    if isinstance(definition, d.EnumDefinition):
        return python if is_plain_enum(definition) else None
    if not isinstance(definition, d.ObjectDefinition):
        return None
    if definition.style != "typed_dict" and not is_carried_whole(definition):
        return None
    if definition.style not in ("dataclass", "msgspec", "typed_dict") or definition.type_parameters:
        return None
    if definition.style == "dataclass" and has_own_constructor(python):
        return None
    has_defaults = definition.style != "typed_dict" and defaults_of_class(definition)
    if has_defaults and (not fills or has_slots(python) or class_runs_user_code(python)):
        # msgspec leaves a default to the class, where vars(), pickle and the codec do not look for it.
        return None
    if is_known:
        return python
    same = all(
        field.direction == "both" and msgspec_type(field.type, decoders, seen) is not None
        for field in definition.fields
    )
    if not same or definition.unknown_fields != "ignore" or "pydantic" in _families(python):
        return None
    return python


def _families(python: Any) -> set[str]:
    is_pydantic = "pydantic" in sys.modules and hasattr(python, "__pydantic_validator__")
    return {"pydantic"} if is_pydantic else set()
