"""Which definitions read differently as an argument than as a result.

Only what a caller would notice counts: members that may be left out or exist one way only. That an
argument's arrays may be readonly is no reason for a second interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import ObjectDefinition, TupleDefinition
from synapse_worker.schema.types import Callback, NdArray, Reference

from .walking import everything, functions, members, parts

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Definition, Field, Schema
    from synapse_worker.schema.types import Type


class Directions:
    """Which definitions need two forms."""

    def __init__(self, schema: Schema) -> None:
        self.differing = {
            key for key, definition in schema.definitions.items() if _differs_itself(definition)
        }
        grew = True
        while grew:
            more = {
                key
                for key, definition in schema.definitions.items()
                if key not in self.differing
                and any(self._mentions_differing(part) for part in members(definition))
            }
            self.differing |= more
            grew = bool(more)
        self.differing &= _reached_by_arguments(schema)

    def _mentions_differing(self, type_: Type) -> bool:
        return any(
            isinstance(part, Reference) and part.name in self.differing
            for part in everything(type_)
        )


def leaves_out(definition: Definition) -> bool:
    """Say whether an argument may lack what a result has."""
    fields = definition.fields if isinstance(definition, ObjectDefinition | TupleDefinition) else ()
    return any(not field.required and not may_be_absent(field) for field in fields)


def may_be_absent(field: Field) -> bool:
    """Say whether a result can lack a field: nothing requires it and no default fills it in."""
    return not field.required and field.default is None


def accepts_bare_array(type_: NdArray) -> bool:
    """Say whether a typed array will do as an argument: it has one dimension."""
    return type_.shape is None or len(type_.shape) == 1


def _reached_by_arguments(schema: Schema) -> set[str]:
    """Return the definitions that a value from JavaScript can be of."""
    todo: list[Type] = []
    for _, function in functions(schema):
        todo.extend(parameter.type for parameter in function.parameters)
        for overload in function.overloads:
            todo.extend(parameter.type for parameter in overload.parameters)
    found: set[str] = set()
    while todo:
        type_ = todo.pop()
        if isinstance(type_, Reference) and type_.name not in found:
            found.add(type_.name)
            todo.extend(members(schema.definitions[type_.name]))
        todo.extend([type_.returns] if isinstance(type_, Callback) else parts(type_))
    return found


def _differs_itself(definition: Definition) -> bool:
    if not isinstance(definition, ObjectDefinition | TupleDefinition):
        return any(_takes_more(part) for part in members(definition))
    return any(
        field.direction != "both"
        or (not field.required and not may_be_absent(field))
        or _takes_more(field.type)
        for field in definition.fields
    )


def _takes_more(type_: Type) -> bool:
    return any(isinstance(part, NdArray) and accepts_bare_array(part) for part in everything(type_))
