"""Type variables of a function: those that relate what it gives to what it takes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import fields

from . import types as kinds
from .definitions import AliasDefinition, ObjectDefinition, TupleDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .definitions import Definition, Parameter


def free_variables(annotations: Iterable[Any], owner: Any) -> tuple[Any, ...]:
    """Return the variables in some annotations that may be anything, and are the function's own."""
    found = dict.fromkeys(
        variable
        for annotation in annotations
        for variable in (
            (annotation,) if _is_variable(annotation) else getattr(annotation, "__parameters__", ())
        )
        if _is_variable(variable) and variable not in getattr(owner, "__parameters__", ())
    )
    # What converts a value knows its bound only: the value that comes back may be less than was given.
    open_ones = [v for v in found if v.__bound__ is None and not v.__constraints__]
    names = [variable.__name__ for variable in open_ones]
    return tuple(variable for variable in open_ones if names.count(variable.__name__) == 1)


def problem_with(
    name: str,
    parameters: Sequence[Parameter],
    returns: kinds.Type,
    definitions: Mapping[str, Definition],
) -> str | None:
    """Return why TypeScript cannot have a variable; empty where it would say nothing."""
    given = sum(_count(parameter.type, name) for parameter in parameters)
    if not given:
        return f"nothing that it is given says what {name} is."
    types = [*(parameter.type for parameter in parameters), returns]
    if not all(_stands_well(type_, definitions, set()) for type_ in types):
        return f"{name} is one option of several, which nothing tells apart."
    return "" if given + _count(returns, name) < 2 else None


def _is_variable(annotation: Any) -> bool:
    return type(annotation).__name__ == "TypeVar"


def _inside(type_: kinds.Type) -> Iterator[kinds.Type]:
    values = (getattr(type_, field.name) for field in fields(type_))
    parts = itertools.chain.from_iterable(v if isinstance(v, tuple) else (v,) for v in values)
    return (part for part in parts if isinstance(part, kinds.Type))


def _count(type_: kinds.Type, name: str) -> int:
    own = isinstance(type_, kinds.TypeVariable) and type_.name == name
    return own + sum(_count(part, name) for part in _inside(type_))


def _stands_well(type_: kinds.Type, definitions: Mapping[str, Definition], seen: set[str]) -> bool:
    """Say whether no variable is an option of a union with anything but None."""
    if isinstance(type_, kinds.Union):
        options = [option for option in type_.options if option != kinds.NONE]
        if len(options) > 1 and any(isinstance(one, kinds.TypeVariable) for one in options):
            return False
    inner = list(_inside(type_))
    if isinstance(type_, kinds.Reference) and type_.arguments and type_.name not in seen:
        seen.add(type_.name)
        definition = definitions[type_.name]
        if isinstance(definition, ObjectDefinition | TupleDefinition):
            inner.extend(field.type for field in definition.fields)
        elif isinstance(definition, AliasDefinition):
            inner.append(definition.type)
    return all(_stands_well(part, definitions, seen) for part in inner)
