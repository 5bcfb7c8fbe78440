"""Annotations of the standard library's containers: arrays, sets, tuples and maps; and of streams."""

from __future__ import annotations

import collections
import collections.abc as abc
import functools
from typing import Any, get_origin

from . import types as kinds
from .walk import Place, Walker, schema_invalid

_ARRAYS: dict[Any, Any] = {
    list: list,
    collections.deque: collections.deque,
    abc.Sequence: list,
    abc.MutableSequence: list,
    abc.Collection: list,
    abc.Iterable: list,
    abc.Reversible: list,
    abc.Container: list,
    abc.Iterator: iter,
    abc.Generator: iter,
    abc.ValuesView: list,
}
_SETS: dict[Any, Any] = {
    set: set,
    frozenset: frozenset,
    abc.Set: frozenset,
    abc.MutableSet: set,
    abc.KeysView: frozenset,
}
_MAPS: dict[Any, Any] = {
    dict: dict,
    collections.OrderedDict: collections.OrderedDict,
    collections.defaultdict: collections.defaultdict,
    abc.Mapping: dict,
    abc.MutableMapping: dict,
}
# Keys that JavaScript can hold by value, or that travel as text.
_KEYS = {
    *("str", "int", "bigint", "float", "date", "naive_datetime", "time", "timedelta"),
    *("uuid", "decimal", "path", "unknown"),
}
ASYNC = (abc.AsyncIterator, abc.AsyncGenerator, abc.AsyncIterable)
# As parameters these are read item by item; elsewhere iterators are lists, and the async ones nothing.
_STREAMS = (abc.Iterator, abc.Generator, *ASYNC)


def container_of(
    origin: Any, arguments: tuple[Any, ...], place: Place, walker: Walker
) -> kinds.Type | None:
    """Return the type of a container, or None for anything else."""
    if origin is tuple:
        return _tuple(arguments, place, walker)
    if origin in _STREAMS and place.direction == "input":
        return kinds.Stream(_item(arguments, place, walker), is_async=origin in ASYNC)
    if origin in _ARRAYS:
        return kinds.Array(_item(arguments, place, walker), python=_ARRAYS[origin])
    if origin in _SETS:
        return kinds.Set(_item(arguments, place, walker), python=_SETS[origin])
    if origin is collections.Counter:
        return _map(collections.Counter, (*(arguments or (Any,)), int), place, walker)
    if origin in _MAPS:
        # A bare `dict` is what JSON calls an object; `dict[Any, Any]` says otherwise.
        return _map(_MAPS[origin], arguments or (str, Any), place, walker)
    if origin in ASYNC:
        raise schema_invalid(
            place,
            "an asynchronous iterator cannot stand here: streams are what functions return, and parameters.",
            "Take or give a list[…], or return the iterator itself from the function.",
        )
    return None


def is_container(origin: Any) -> bool:
    """Say whether `container_of` knows it."""
    known = origin in _ARRAYS or origin in _SETS or origin in _MAPS or origin in ASYNC
    return known or origin is tuple or origin is collections.Counter


def _item(arguments: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    return walker.describe(arguments[0], place) if arguments else kinds.UNKNOWN


def _tuple(arguments: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    if arguments == ((),):  # tuple[()] on Python 3.10
        arguments = ()
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return kinds.Array(walker.describe(arguments[0], place), python=tuple)
    # Before, and after, the part of any length.
    first: list[kinds.Type] = []
    last: list[kinds.Type] = []
    rest: kinds.Type | None = None
    for argument in arguments:
        ends = first if rest is None else last
        inner = unpacked_argument(argument)
        if inner is None:
            ends.append(walker.describe(argument, place))
            continue
        described = walker.describe(inner, place) if get_origin(inner) is tuple else kinds.UNKNOWN
        if isinstance(described, kinds.Tuple):
            ends.extend(described.items)
        elif rest is None and isinstance(described, kinds.Array):
            rest = described.items
        elif rest is None and isinstance(described, kinds.OpenTuple):
            first.extend(described.first)
            rest = described.rest
            last.extend(described.last)
        else:
            return kinds.Array(_unknown_items(place, walker), python=tuple)
    if rest is None:
        return kinds.Tuple(tuple(first))
    if not first and not last:
        return kinds.Array(rest, python=tuple)
    return kinds.OpenTuple(tuple(first), rest, tuple(last))


def _unknown_items(place: Place, walker: Walker) -> kinds.Type:
    return walker.unknown(
        place,
        "a tuple of which a part is open says what each item is by its position.",
        "Give it a fixed length, or one type for all: tuple[T, ...].",
    )


def unpacked_argument(argument: Any) -> Any:
    """Return what `*X` or `Unpack[X]` unpacks, or None for anything else."""
    if getattr(argument, "__unpacked__", False):
        return argument.__origin__[argument.__args__]
    if getattr(getattr(argument, "__origin__", None), "_name", None) == "Unpack" or (
        str(getattr(argument, "__origin__", "")).endswith(".Unpack")
    ):
        return argument.__args__[0]
    return None


def _map(python: Any, arguments: tuple[Any, ...], place: Place, walker: Walker) -> kinds.Type:
    keys = walker.describe(arguments[0], place)
    values = walker.describe(arguments[1], place) if len(arguments) > 1 else kinds.UNKNOWN
    _check_keys(keys, place, walker)
    if python is collections.defaultdict:
        python = functools.partial(collections.defaultdict, _factory(values))
    return kinds.Map(keys, values, python=python)


def _factory(values: kinds.Type) -> Any:
    """Return what a defaultdict of these values makes where one is missing."""
    if isinstance(values, (kinds.Array, kinds.Set, kinds.Map)):
        return values.python if values.python is not iter else list
    scalars = {"int": int, "float": float, "str": str, "bool": bool, "bytes": bytes}
    return scalars.get(values.name) if isinstance(values, kinds.Scalar) else None


def _check_keys(keys: kinds.Type, place: Place, walker: Walker) -> None:
    """Refuse keys that would be compared by identity, or lose what they are, in JavaScript."""
    for key in keys.options if isinstance(keys, kinds.Union) else (keys,):
        inner = _underneath(key, walker)
        if isinstance(inner, kinds.Scalar) and inner.name in _KEYS:
            continue
        if isinstance(inner, (kinds.TypeVariable, kinds.Custom)):
            continue
        if isinstance(inner, kinds.Literal) and all(
            isinstance(value, (str, int)) and not isinstance(value, bool) for value in inner.values
        ):
            continue
        raise schema_invalid(
            place,
            "the keys of a dict must be str, int, float, or something that travels as text.",
            "Use a list of pairs, list[tuple[K, V]], or one of those keys.",
        )


def _underneath(key: kinds.Type, walker: Walker) -> kinds.Type:
    """Return what a named key is on the wire: the base of a NewType, the values of an Enum."""
    from .definitions import AliasDefinition, EnumDefinition, NewTypeDefinition

    definition = walker.definitions.get(key.name) if isinstance(key, kinds.Reference) else None
    if isinstance(definition, NewTypeDefinition):
        return _underneath(definition.base, walker)
    if isinstance(definition, AliasDefinition):
        return _underneath(definition.type, walker)
    if isinstance(definition, EnumDefinition):
        if definition.is_flag:
            return kinds.Scalar("int")
        values = tuple(member.value for member in definition.members)
        if all(isinstance(value, float) for value in values):
            return kinds.Scalar("float")
        return kinds.Literal(values)  # type: ignore[arg-type]  # floats among others are refused
    return key
