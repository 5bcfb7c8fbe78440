"""The short way for arguments: one call of msgspec converts them all, where its rules and ours are the same.

What it takes, our own decoders would take and make the same of; whatever it refuses goes to them, for the message
or, where they are more lenient, for the value.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .msgspec_types import msgspec_type
from .own_defaults import default_filler
from .straight import is_made_straight

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .binding import Binder
    from .interface import Decoding
    from .own_defaults import Fill

_MAX_SHAPES = 64
"""Shapes of calls to one function that are remembered; more would be a caller's game."""

_AS_THEY_ARE = (dt.datetime,)
"""Classes of which msgspec takes instances alone: no text that it would read by rules of its own."""


def native_arguments(
    function: d.Function, binder: Binder, decoders: Decoding
) -> NativeArguments | None:
    """Return what converts a call's arguments at once or gives up; None if it never could."""
    try:
        from ..protocol.codec import msgspec_core  # noqa: F401
    except ImportError:
        return None
    parameters = [p for p in function.parameters if not p.kind.startswith("var_")]
    annotations = {p.name: msgspec_type(p.type, decoders, fills=True) for p in parameters}
    if any(p.required and annotations[p.name] is None for p in parameters):
        return None
    described = {p.name: p.type for p in parameters}
    straight = frozenset(name for name in described if is_made_straight(described[name], decoders))
    fillers = {p.name: default_filler(p.type, decoders) for p in parameters}
    lenient = frozenset(n for n in described if _can_be_made_of_nothing(described[n], decoders))
    return NativeArguments(binder, annotations, straight, lenient, fillers)


def _can_be_made_of_nothing(
    type_: t.Type, decoders: Decoding, seen: frozenset[str] = frozenset()
) -> bool:
    """Whether a type is, or holds, a class none of whose fields has to be given.

    Of a value msgspec makes one of those out of whatever can be indexed, an array of numbers for one: it finds no
    field in it and misses none. Of bytes it makes them out of maps alone.
    """
    type_ = decoders.resolved(type_)
    match type_:
        case t.Array(items=inner) | t.Map(values=inner):
            return _can_be_made_of_nothing(inner, decoders, seen)
        case t.Tuple(items=inners) | t.Union(options=inners):
            return any(_can_be_made_of_nothing(inner, decoders, seen) for inner in inners)
        case t.Reference(name=name) if name not in seen:
            definition = decoders.definitions[name]
            if not isinstance(definition, d.ObjectDefinition):
                return False
            if definition.style != "typed_dict" and not any(f.required for f in definition.fields):
                return True
            return any(
                _can_be_made_of_nothing(field.type, decoders, seen | {name})
                for field in definition.fields
            )
    return False


class NativeArguments:
    """Converts the arguments of one function's calls by msgspec's rules, where they are ours too.

    A call's shape is how many arguments it has by position and which by name. For each there is a struct with a
    field an argument: what msgspec knows of a struct it keeps, a tuple's types it would look at in every call.
    """

    def __init__(
        self,
        binder: Binder,
        annotations: dict[str, Any],
        straight: frozenset[str],
        lenient: frozenset[str],
        fillers: Mapping[str, Fill | None],
    ) -> None:
        self._binder = binder
        self._annotations = annotations
        # Parameters whose values can be decoded as what they are, before the call begins.
        self._straight = straight
        # Parameters whose values msgspec would make of more than we do.
        self._lenient = lenient
        self._fillers = {name: fill for name, fill in fillers.items() if fill is not None}
        self._structs: dict[Any, Any] = {}
        # Imported by now, and only where there is such a function.
        from ..protocol.codec.msgspec_core import astuple, convert

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
        given = [*args, *kwargs.values()] if kwargs else args
        try:
            values = self._astuple(self._convert(given, struct, builtin_types=_AS_THEY_ARE))
        except Exception:  # also what __post_init__ raised: the own decoders say where
            return None
        if self._fillers:
            self._fill([*self._binder.positional[:count], *kwargs], values)
        if not kwargs:
            return values, kwargs
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

    def fills(self, count: int) -> list[tuple[int, Fill]]:
        """Return what is to be done with which of that many arguments when they have been decoded as their types."""
        names = self._binder.positional[:count]
        return [(at, self._fillers[name]) for at, name in enumerate(names) if name in self._fillers]

    def _fill(self, names: list[str], values: tuple[Any, ...]) -> None:
        for name, value in zip(names, values, strict=True):
            if name in self._fillers:
                self._fillers[name](value)

    def _struct_of(self, count: int, kwargs: Iterable[str]) -> Any:
        if count > len(self._binder.positional):
            return None
        names = [*self._binder.positional[:count], *kwargs]
        return _struct(names, self._annotations) if self._lenient.isdisjoint(names) else None


def _struct(names: list[str], annotations: dict[str, Any]) -> Any:
    """Return the struct of a call with arguments for these parameters, or None."""
    from ..protocol.codec.msgspec_core import JsonDecoder, defstruct

    kinds = [annotations.get(name) for name in names]
    if None in kinds:
        return None
    fields = [(f"argument_{index}", kind) for index, kind in enumerate(kinds)]
    struct = defstruct("Arguments", fields, array_like=True)
    try:
        JsonDecoder(struct)  # has it look at the types, and say now what it cannot do
    except Exception:
        return None
    return struct
