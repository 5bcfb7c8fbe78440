"""Walks and rewrites types: what stands inside one, and one with its type variables filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.frozen import replace
from synapse_worker.schema.definitions import (
    AliasDefinition,
    NewTypeDefinition,
    ObjectDefinition,
    TupleDefinition,
)
from synapse_worker.schema.types import (
    Array,
    Callback,
    Custom,
    Map,
    OpenTuple,
    Reference,
    Set,
    Stream,
    Tuple,
    Type,
    TypeVariable,
    Union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from synapse_worker.schema.definitions import Definition, Function, Schema


class OpenMap(Map):
    """A map whose definition leaves its keys open: a Map in TypeScript, whatever they become."""


def parts(type_: Type) -> tuple[Type, ...]:
    """Return the types directly inside a type; a callback's stand on their own."""
    match type_:
        case Array() | Set() | Stream():
            return (type_.items,)
        case Tuple():
            return type_.items
        case OpenTuple():
            return (*type_.first, type_.rest, *type_.last)
        case Map():
            return (type_.keys, type_.values)
        case Union():
            return type_.options
        case Reference():
            return type_.arguments
        case Custom():
            return (type_.wire,)
        case _:
            return ()


def members(definition: Definition) -> tuple[Type, ...]:
    """Return the types a definition is made of."""
    match definition:
        case ObjectDefinition() | TupleDefinition():
            return tuple(field.type for field in definition.fields)
        case NewTypeDefinition():
            return (definition.base,)
        case AliasDefinition():
            return (definition.type,)
        case _:
            return ()


def everything(type_: Type) -> Iterator[Type]:
    """Yield a type and all inside it, callbacks' included, definitions not entered."""
    yield type_
    for part in parts(type_):
        yield from everything(part)
    if isinstance(type_, Callback):
        for part in (*(type_.parameters or ()), type_.returns):
            yield from everything(part)


def substitute(type_: Type, variables: Mapping[str, Type]) -> Type:
    """Return a type with its type variables replaced."""
    if not variables:
        return type_

    def within(part: Type) -> Type:
        return substitute(part, variables)

    if isinstance(type_, TypeVariable):
        return variables.get(type_.name, type_)
    rewritten = rewrite(type_, within)
    if isinstance(rewritten, Map) and isinstance(type_, Map):
        return _as_defined(rewritten, type_.keys)
    return rewritten


def _as_defined(map_: Map, keys: Type) -> Map:
    """Return a map that is the same in TypeScript as the generic definition it stands in says."""
    if not any(isinstance(part, TypeVariable) for part in everything(keys)):
        return map_
    return OpenMap(map_.keys, map_.values, map_.constraints, map_.python)


def rewrite(type_: Type, within: Callable[[Type], Type]) -> Type:
    """Return a type with each part replaced."""
    match type_:
        case Array() | Set() | Stream():
            return replace(type_, items=within(type_.items))
        case Tuple():
            return replace(type_, items=tuple(map(within, type_.items)))
        case OpenTuple():
            first, last = (tuple(map(within, items)) for items in (type_.first, type_.last))
            return replace(type_, first=first, rest=within(type_.rest), last=last)
        case Map():
            return replace(type_, keys=within(type_.keys), values=within(type_.values))
        case Union():
            return replace(type_, options=tuple(map(within, type_.options)))
        case Reference():
            return replace(type_, arguments=tuple(map(within, type_.arguments)))
        case Custom():
            return replace(type_, wire=within(type_.wire))
        case Callback():
            parameters = type_.parameters
            return replace(
                type_,
                parameters=None if parameters is None else tuple(map(within, parameters)),
                returns=within(type_.returns),
            )
        case _:
            return type_


def functions(schema: Schema) -> Iterator[tuple[str, Function]]:
    """Yield every function with what messages call it, services' constructors included."""
    for function in schema.functions:
        yield f"{function.name}()", function
    for service in schema.services:
        yield f"{service.name}()", service.constructor
        for method in service.methods:
            yield f"{service.name}.{method.name}()", method


def all_types(schema: Schema) -> Iterator[Type]:
    """Yield every type that a schema mentions."""
    for _, function in functions(schema):
        yield function.returns
        yield from (parameter.type for parameter in function.parameters)
        for overload in function.overloads:
            yield overload.returns
            yield from (parameter.type for parameter in overload.parameters)
    for definition in schema.definitions.values():
        yield from members(definition)
    for error in schema.errors.values():
        yield from (field.type for field in error.fields)
