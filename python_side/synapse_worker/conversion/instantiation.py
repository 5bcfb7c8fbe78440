"""Generic types made concrete: type variables replaced by arguments, and a key that tells instances apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..frozen import fields, replace
from ..schema import types as t

if TYPE_CHECKING:
    from collections.abc import Mapping


def substitute(type_: t.Type, bindings: Mapping[str, t.Type]) -> t.Type:
    """Return a type with its variables replaced; one that nothing is bound to can be anything."""
    if isinstance(type_, t.TypeVariable):
        return bindings.get(type_.name, t.UNKNOWN)
    changes: dict[str, Any] = {}
    for field in fields(type_):
        if field.is_local:
            continue
        value = getattr(type_, field.name)
        new = _substitute_part(value, bindings)
        if new is not value:
            changes[field.name] = new
    return replace(type_, **changes) if changes else type_


def _substitute_part(value: Any, bindings: Mapping[str, t.Type]) -> Any:
    if isinstance(value, t.Type):
        return substitute(value, bindings)
    if isinstance(value, tuple) and any(isinstance(part, t.Type) for part in value):
        parts = tuple(_substitute_part(part, bindings) for part in value)
        return parts if any(a is not b for a, b in zip(parts, value, strict=True)) else value
    return value


def bindings_of(parameters: tuple[str, ...], arguments: tuple[t.Type, ...]) -> dict[str, t.Type]:
    """Return the arguments of a reference by the names of its definition's parameters."""
    return dict(zip(parameters, arguments, strict=False))


def type_key(value: Any) -> object:
    """Return a key under which only types with the same Python side are equal.

    Types compare by what they describe, and `list[int]` and `tuple[int, ...]` describe the same.
    """
    if isinstance(value, t.Type):
        parts = (getattr(value, field.name) for field in fields(value))
        return (type(value), *map(type_key, parts))
    if isinstance(value, tuple):
        return tuple(map(type_key, value))
    try:
        hash(value)
    except TypeError:
        return id(value)
    return (type(value), value)
