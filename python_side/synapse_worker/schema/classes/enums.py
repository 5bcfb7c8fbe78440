"""Enums: the union of their values. Flags: a number."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

from synapse_worker.schema.defaults import LARGEST_INTEGER
from synapse_worker.schema.definitions import EnumDefinition, EnumMember
from synapse_worker.schema.docstrings import class_documentation
from synapse_worker.schema.types import Reference, Type

if TYPE_CHECKING:
    from synapse_worker.schema.walk import Place, Walker


def recognise(cls: Any) -> bool:
    """Say whether a class is an Enum with members."""
    return isinstance(cls, type) and issubclass(cls, enum.Enum)


def describe(cls: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to an enum; `unknown` where its values cannot travel."""
    members = [(name, m.value) for name, m in cls.__members__.items() if m.name == name]
    strange = [name for name, value in members if not _can_travel(value)]
    if strange or not members:
        problem = (
            f"{cls.__name__}.{strange[0]} has the value {cls[strange[0]].value!r}."
            if strange
            else f"the enum {cls.__name__} has no members."
        )
        return walker.unknown(
            place, problem, "Values of str, int, float, bool and None can travel."
        )

    unsafe = [name for name, value in members if not _is_safe(value)]
    if unsafe:
        problem = f"{cls.__name__}.{unsafe[0]} is an integer that JavaScript's numbers cannot hold."
        if not issubclass(cls, enum.Flag):
            return walker.unknown(place, problem, "Members within ±(2**53 - 1) are typed.")
        walker.warn(place, f"{problem} The client's constant {cls.__name__} lacks it.")

    def build(key: str) -> EnumDefinition:
        documentation = class_documentation(cls)
        told = documentation.parameters
        return EnumDefinition(
            key,
            members=tuple(
                EnumMember(name, _plain(value), told.get(name, "")) for name, value in members
            ),
            is_flag=issubclass(cls, enum.Flag),
            documentation=documentation,
            python=cls,
        )

    return Reference(walker.define(cls, cls.__name__, build), python=cls)


def _can_travel(value: Any) -> bool:
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    return value is None or isinstance(value, (str, int))


def _is_safe(value: Any) -> bool:
    return not isinstance(value, int) or abs(value) <= LARGEST_INTEGER


def _plain(value: Any) -> Any:
    """Return a value without its subclass: the repr of one would get into signatures."""
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
