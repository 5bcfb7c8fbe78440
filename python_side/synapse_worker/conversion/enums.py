"""Enums, flags and literals: exact values on the wire, members in Python."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from ..schema import types as t
from .mismatch import unlike
from .naming import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.definitions import EnumDefinition


def literal_decoder(literal: t.Literal) -> Callable[[Any], Any]:
    """Return what takes one of the exact values."""
    members = literal.values if literal.python is None else literal.python
    return _choice(dict(zip(map(_exact, literal.values), members, strict=True)), type_name(literal))


def enum_decoder(definition: EnumDefinition) -> Callable[[Any], Any]:
    """Return what makes a value the member it belongs to; a flag takes any sum of its members."""
    if definition.is_flag:
        return _flag_decoder(definition)
    values = tuple(member.value for member in definition.members)
    members = [definition.python[member.name] for member in definition.members]
    expected = f"{definition.name} ({type_name(t.Literal(values))})"  # type: ignore[arg-type]
    return _choice(dict(zip(map(_exact, values), members, strict=True)), expected)


def enum_encoder(definition: EnumDefinition) -> Callable[[Any], Any]:
    """Return what makes a member its value; a bare value is let through if it is a member's."""
    python = definition.python
    values = {_exact(member.value) for member in definition.members}

    def encode_enum(value: Any) -> Any:
        if isinstance(value, python):
            return value.value
        if (definition.is_flag and type(value) is int) or _exact(value) in values:
            return value
        raise unlike(definition.name, value)

    return encode_enum


def is_plain_enum(definition: EnumDefinition) -> bool:
    """Whether the codec knows what its members are as well as we do: texts or integers, found in no way of its own."""
    python = definition.python
    kinds = {type(member.value) for member in definition.members}
    return (
        not definition.is_flag
        and (kinds == {str} or kinds == {int})
        and getattr(python._missing_, "__func__", None) is enum.Enum._missing_.__func__  # type: ignore[attr-defined]
    )


def _exact(value: Any) -> tuple[type, Any]:
    """Return a key that tells True from 1 and 1 from 1.0."""
    try:
        hash(value)
    except TypeError:
        return (object, id(value))
    return (type(value), value)


def _choice(members: dict[tuple[type, Any], Any], expected: str) -> Callable[[Any], Any]:
    def decode_choice(value: Any) -> Any:
        member = members.get(_exact(value), members)
        if member is members and type(value) is float and value.is_integer():
            member = members.get((int, int(value)), members)
        elif member is members and type(value) is int:  # JavaScript writes 1.0 as 1
            member = members.get((float, value), members)
        if member is members:
            raise unlike(expected, value)
        return member

    return decode_choice


def _flag_decoder(definition: EnumDefinition) -> Callable[[Any], Any]:
    python = definition.python
    bits = 0
    for member in definition.members:
        bits |= member.value if isinstance(member.value, int) else 0
    expected = f"{definition.name} (an int of the bits {bits:#x})"

    def decode_flag(value: Any) -> Any:
        number = int(value) if type(value) is float and value.is_integer() else value
        if type(number) is not int or number & ~bits:
            raise unlike(expected, value)
        return python(number)

    return decode_flag
