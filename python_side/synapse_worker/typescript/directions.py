"""Which definitions read differently as an argument than as a result.

Only what a caller would notice counts: members that may be left out or exist one way only. That an
argument's arrays may be readonly is no reason for a second interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import (
    AliasDefinition,
    ObjectDefinition,
    TupleDefinition,
)
from synapse_worker.schema.types import Callback, NdArray, Reference, Union

from .walking import all_types, everything, functions, members, parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.schema.definitions import Definition, Field, Schema
    from synapse_worker.schema.types import Type


class Directions:
    """Which definitions need two forms."""

    def __init__(self, schema: Schema) -> None:
        self._tags = _tags(schema)
        self.differing = {
            key
            for key, definition in schema.definitions.items()
            if _differs_itself(definition, self)
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

    def may_be_left_out(self, owner: str, field: Field) -> bool:
        """Say whether an argument may lack a field: what tells a union's options apart it must have."""
        return not field.required and (owner, field.name) not in self._tags

    def leaves_out(self, definition: Definition) -> bool:
        """Say whether an argument may lack what a result has."""
        if not isinstance(definition, ObjectDefinition | TupleDefinition):
            return False
        return any(
            self.may_be_left_out(definition.name, field) and not may_be_absent(field)
            for field in definition.fields
        )

    def _mentions_differing(self, type_: Type) -> bool:
        return any(
            isinstance(part, Reference) and part.name in self.differing
            for part in everything(type_)
        )


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


def _tags(schema: Schema) -> set[tuple[str, str]]:
    """Return the fields, with their definitions, that tell the options of a union apart."""
    return {
        (option.name, part.discriminator)
        for type_ in all_types(schema)
        for part in everything(type_)
        if isinstance(part, Union) and part.discriminator is not None
        for option in _options(part, schema)
    }


def _options(type_: Type, schema: Schema) -> Iterator[Reference]:
    """Yield the records that a union's options are, looking through aliases."""
    todo, seen = list(parts(type_)), set()
    while todo:
        option = todo.pop()
        if isinstance(option, Union):
            todo.extend(option.options)
        elif isinstance(option, Reference) and option.name not in seen:
            seen.add(option.name)
            definition = schema.definitions[option.name]
            if isinstance(definition, AliasDefinition):
                todo.append(definition.type)
            else:
                yield option


def _differs_itself(definition: Definition, directions: Directions) -> bool:
    if not isinstance(definition, ObjectDefinition | TupleDefinition):
        return any(_takes_more(part) for part in members(definition))
    return directions.leaves_out(definition) or any(
        field.direction != "both" or _takes_more(field.type) for field in definition.fields
    )


def _takes_more(type_: Type) -> bool:
    return any(isinstance(part, NdArray) and accepts_bare_array(part) for part in everything(type_))
