"""Unions: flat, without repeats, `none` last; and the field that tells their options apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from synapse_worker.frozen import Frozen, fields, replace

from . import definitions as nouns
from . import types as kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")


def union_of(options: Iterable[kinds.Type], discriminator: str | None = None) -> kinds.Type:
    """Return the union of some types; of one type (or of `unknown` and others) no union at all."""
    found: dict[str, kinds.Type] = {}
    for option in options:
        for inner in option.options if isinstance(option, kinds.Union) else (option,):
            found.setdefault(repr(inner), inner)  # by text: Literal[1] == Literal[True]
    flat = list(found.values())
    if kinds.UNKNOWN in flat:
        return kinds.UNKNOWN
    flat = [option for option in flat if option != kinds.Scalar("never")] or flat
    flat = _one_literal(_one_callback(flat))
    if kinds.NONE in flat:
        flat = [*(option for option in flat if option != kinds.NONE), kinds.NONE]
    return flat[0] if len(flat) == 1 else kinds.Union(tuple(flat), discriminator)


def with_discriminators(noun: T, definitions: Mapping[str, nouns.Definition]) -> T:
    """Return a type, or anything that holds types, with each union's discriminator found."""
    if isinstance(noun, tuple):
        return tuple(with_discriminators(item, definitions) for item in noun)  # type: ignore[return-value]
    if not isinstance(noun, Frozen) or isinstance(
        noun, (type, nouns.Documentation, kinds.Constraints)
    ):
        return noun
    changes: dict[str, Any] = {}
    for field in fields(noun):
        value = getattr(noun, field.name)
        if not field.is_local and isinstance(value, (tuple, kinds.Type, nouns.Field)):
            changed = with_discriminators(value, definitions)
            if changed is not value and (changed != value):
                changes[field.name] = changed
    if isinstance(noun, kinds.Union) and noun.discriminator is None:
        changes["discriminator"] = _discriminator(noun, definitions)
    changed_noun: Any = noun
    return replace(changed_noun, **changes) if changes else noun


def _discriminator(union: kinds.Union, definitions: Mapping[str, nouns.Definition]) -> str | None:
    """Return the first field that is a literal in every option, never the same one twice."""
    options = [option for option in union.options if option != kinds.NONE]
    tables: list[dict[str, tuple[Any, ...]]] = []
    for option in options:
        found = definitions.get(option.name) if isinstance(option, kinds.Reference) else None
        if not isinstance(found, nouns.ObjectDefinition):
            return None
        tables.append(_literals(found))
    if len(tables) < 2:
        return None
    for name in tables[0]:
        if all(name in table for table in tables):
            values = [(type(value), value) for table in tables for value in table[name]]
            if len(set(values)) == len(values):
                return name
    return None


def _literals(definition: nouns.ObjectDefinition) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    if definition.tag:
        found[definition.tag[0]] = (definition.tag[1],)
    for field in definition.fields:
        if isinstance(field.type, kinds.Literal) and field.direction == "both":
            found[field.name] = field.type.values
    return found


def _one_literal(options: list[kinds.Type]) -> list[kinds.Type]:
    """Join `Literal["a"] | Literal["b"]`."""
    literals = [option for option in options if isinstance(option, kinds.Literal)]
    if len(literals) < 2:
        return options
    pairs: list[tuple[Any, Any]] = []
    for literal in literals:
        for value, python in zip(literal.values, literal.python or literal.values, strict=True):
            if not any(
                value is known or (type(value) is type(known) and value == known)
                for known, _ in pairs
            ):
                pairs.append((value, python))
    joined = kinds.Literal(tuple(value for value, _ in pairs), tuple(python for _, python in pairs))
    first = options.index(literals[0])
    rest = [option for option in options if not isinstance(option, kinds.Literal)]
    return [*rest[:first], joined, *rest[first:]]


def _one_callback(options: list[kinds.Type]) -> list[kinds.Type]:
    """Of a callback that may be sync or async keep the async one: its caller handles both."""
    asynchronous = {
        (option.parameters, option.returns)
        for option in options
        if isinstance(option, kinds.Callback) and option.is_async
    }
    return [
        option
        for option in options
        if not isinstance(option, kinds.Callback)
        or option.is_async
        or (option.parameters, option.returns) not in asynchronous
    ]
