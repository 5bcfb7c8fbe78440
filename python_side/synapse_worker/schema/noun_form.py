"""The nouns of a schema as plain JSON data and back.

What equals its default is left out, so that the form is small and grows without breaking readers.
"""

from __future__ import annotations

import types
import typing
from functools import cache
from typing import Any, TypeVar

from synapse_worker.frozen import Field, Frozen, fields
from synapse_worker.plain_json import dumps

from . import definitions as nouns
from . import types as kinds

FORMAT = 1

T = TypeVar("T")


def canonical(data: object) -> str:
    """Return JSON text that is the same for the same data: sorted keys, no spaces, ASCII."""
    return dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_json(value: Any) -> Any:
    """Return a noun of the schema (or a container of them) as JSON data."""
    if isinstance(value, Frozen):
        return {
            **({"kind": value.kind} if isinstance(value, KINDS) else {}),
            **{
                field.name: to_json(item)
                for field in _described(type(value))
                if (item := getattr(value, field.name)) != field.make_default()
            },
        }
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in sorted(value.items())}
    return value


def from_json(cls: type[T], data: Any) -> T:
    """Return the noun of class `cls` that JSON data describes."""
    found: Any = cls
    if issubclass(cls, KINDS):
        found = _kinds(kinds.Type if issubclass(cls, kinds.Type) else nouns.Definition)[
            data["kind"]
        ]
    hints = _hints(found)
    built = {
        field.name: _read(hints[field.name], data[field.name])
        for field in _described(found)
        if field.name in data
    }
    return typing.cast("T", found(**built))


KINDS = (kinds.Type, nouns.Definition)


def _described(cls: type[Frozen]) -> tuple[Field, ...]:
    """Return the fields of a noun that belong to the description."""
    return tuple(field for field in fields(cls) if not field.is_local)


def _is_noun(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Frozen)


@cache
def _kinds(root: Any) -> dict[str, Any]:
    return {cls.kind: cls for cls in root.__subclasses__()}


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _read(hint: Any, data: Any) -> Any:
    """Return the value of a field annotated `hint`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if data is None:
        return None
    if origin in (typing.Union, types.UnionType):
        structured = [
            option for option in arguments if typing.get_origin(option) or _is_noun(option)
        ]
        # Unions of plain values only, and Json: as they are.
        return _read(structured[0], data) if len(structured) == 1 and len(arguments) == 2 else data
    if origin is tuple:
        if arguments[-1:] == (Ellipsis,):
            return tuple(_read(arguments[0], item) for item in data)
        return tuple(_read(option, item) for option, item in zip(arguments, data, strict=True))
    if origin is dict:
        return {key: _read(arguments[1], item) for key, item in data.items()}
    return from_json(hint, data) if _is_noun(hint) else data
