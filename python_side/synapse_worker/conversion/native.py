"""The short way for arguments: one call of msgspec converts them all, where its rules and ours are the same.

What it takes, our own decoders would take and make the same of; whatever it refuses goes to them, for the message
or, where they are more lenient, for the value.
"""

from __future__ import annotations

import datetime as dt
import sys
import typing
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .enums import is_plain_enum
from .record_fields import defaults_of_class, is_carried_whole
from .straight import is_made_straight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .binding import Binder
    from .interface import Decoding

_MAX_SHAPES = 64
"""Shapes of calls to one function that are remembered; more would be a caller's game."""

_SCALARS = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "datetime": dt.datetime,
    "none": type(None),
    "unknown": Any,
}

_AS_THEY_ARE = (dt.datetime,)
"""Classes of which msgspec takes instances alone: no text that it would read by rules of its own."""


def native_arguments(
    function: d.Function, binder: Binder, decoders: Decoding
) -> NativeArguments | None:
    """Return what converts a call's arguments at once or gives up; None if it never could."""
    try:
        import msgspec  # noqa: F401
    except ImportError:
        return None
    parameters = [p for p in function.parameters if not p.kind.startswith("var_")]
    annotations = {p.name: _annotation(p.type, decoders, frozenset()) for p in parameters}
    if any(p.required and annotations[p.name] is None for p in parameters):
        return None
    described = {p.name: p.type for p in parameters}
    straight = frozenset(name for name in described if is_made_straight(described[name], decoders))
    return NativeArguments(binder, annotations, straight)


class NativeArguments:
    """Converts the arguments of one function's calls by msgspec's rules, where they are ours too.

    A call's shape is how many arguments it has by position and which by name. For each there is a struct with a
    field an argument: what msgspec knows of a struct it keeps, a tuple's types it would look at in every call.
    """

    def __init__(
        self, binder: Binder, annotations: dict[str, Any], straight: frozenset[str]
    ) -> None:
        self._binder = binder
        self._annotations = annotations
        # Parameters whose values can be decoded as what they are, before the call begins.
        self._straight = straight
        self._structs: dict[Any, Any] = {}
        # Imported by now, and only where there is such a function.
        from msgspec import convert
        from msgspec.structs import astuple

        self._convert, self._astuple = convert, astuple

    def convert(
        self, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """Return the arguments converted, or None where the own decoders have to look at them."""
        count = len(args)
        shape = (count, *kwargs) if kwargs else count
        structs = self._structs
        struct = structs.get(shape, structs)
        if struct is structs:
            if len(structs) == _MAX_SHAPES:
                return None
            self._binder.check(args, kwargs)
            struct = structs[shape] = self._struct_of(count, kwargs)
        if struct is None:
            return None
        try:
            if not kwargs:
                return self._astuple(
                    self._convert(args, struct, builtin_types=_AS_THEY_ARE)
                ), kwargs
            given = [*args, *kwargs.values()]
            values = self._astuple(self._convert(given, struct, builtin_types=_AS_THEY_ARE))
        except Exception:  # also what __post_init__ raised: the own decoders say where
            return None
        return values[:count], dict(zip(kwargs, values[count:]))  # noqa: B905  # twice as slow with `strict`

    def types(self, count: int) -> Any:
        """Return the tuple type of `count` arguments by position, or None if they are not to be decoded as such.

        Decoding them runs no code of the user's: that has its place in the call, which has not begun by then.
        """
        binder = self._binder
        names = binder.positional[:count]
        fits = binder.least <= count <= len(binder.positional) and not binder.needs_keywords
        if not fits or not self._straight.issuperset(names):
            return None
        kinds = tuple(self._annotations[name] for name in names)
        if None in kinds:  # to msgspec that is the type of None
            return None
        return tuple.__class_getitem__(kinds)

    def _struct_of(self, count: int, kwargs: Iterable[str]) -> Any:
        if count > len(self._binder.positional):
            return None
        return _struct([*self._binder.positional[:count], *kwargs], self._annotations)


def _struct(names: list[str], annotations: dict[str, Any]) -> Any:
    """Return the struct of a call with arguments for these parameters, or None."""
    from msgspec import defstruct, json

    kinds = [annotations.get(name) for name in names]
    if None in kinds:
        return None
    fields = [(f"argument_{index}", kind) for index, kind in enumerate(kinds)]
    struct = defstruct("Arguments", fields, array_like=True)
    try:
        json.Decoder(struct)  # has it look at the types, and say now what it cannot do
    except Exception:
        return None
    return struct


def _annotation(type_: t.Type, decoders: Decoding, seen: frozenset[str]) -> Any:
    """Return the annotation by which msgspec means what we mean by a type, or None."""
    type_ = decoders.resolved(type_)
    if getattr(type_, "constraints", None) is not None:
        return None
    match type_:
        case t.Scalar(name=name, python=None):
            return _SCALARS.get(name)
        case t.Array(items=items, python=python) if python in (None, list, tuple):
            inner = _annotation(items, decoders, seen)
            if inner is None:
                return None
            return (
                tuple.__class_getitem__((inner, ...))
                if python is tuple
                else list.__class_getitem__(inner)
            )
        case t.Tuple(items=items):
            inners = tuple(_annotation(item, decoders, seen) for item in items)
            return None if None in inners else tuple.__class_getitem__(inners)
        case t.Map(keys=t.Scalar(name="str", constraints=None, python=None), values=values):
            inner = _annotation(values, decoders, seen)
            if inner is None or type_.python not in (None, dict):
                return None
            return dict.__class_getitem__((str, inner))
        case t.Literal(values=values, python=None) if {*map(type, values)} in ({str}, {int}):
            return typing.Literal.__getitem__(values)
        case t.Union(options=(option, t.Scalar(name="none"))):
            inner = _annotation(option, decoders, seen)
            return None if inner is None or inner is Any else inner | None
        case t.Reference(name=name, arguments=()):
            return _class(decoders.definitions[name], decoders, seen | {name}, name in seen)
    return None


def _class(
    definition: d.Definition, decoders: Decoding, seen: frozenset[str], is_known: bool
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
    if is_known:
        return python
    if definition.style != "typed_dict" and defaults_of_class(definition):
        # msgspec leaves a default to the class, where vars(), pickle and the codec do not look for it.
        return None
    same = all(
        field.direction == "both" and _annotation(field.type, decoders, seen) is not None
        for field in definition.fields
    )
    if not same or definition.unknown_fields != "ignore" or "pydantic" in _families(python):
        return None
    return python


def _families(python: Any) -> set[str]:
    is_pydantic = "pydantic" in sys.modules and hasattr(python, "__pydantic_validator__")
    return {"pydantic"} if is_pydantic else set()
