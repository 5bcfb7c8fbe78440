"""Writes the plans of unions: what tells one option from another, a field or all that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from synapse_worker.frozen import replace
from synapse_worker.schema.definitions import ObjectDefinition
from synapse_worker.schema.types import NONE, Literal, Reference, Scalar, Type, Union

from .expressions import Expression, Name, Object
from .literals import literal, string

if TYPE_CHECKING:
    from .face import Face
    from .plan_words import PlanWords


class WritePlan(Protocol):
    """Writes the plan of any type."""

    def __call__(self, type_: Type, *, full: bool, wide: bool) -> Expression | None:
        """Return the plan that a type needs, if it does."""


class UnionPlans:
    """The plans of the unions of one file; `part` writes those of their options."""

    def __init__(self, face: Face, words: PlanWords, part: WritePlan) -> None:
        self._face = face
        self._words = words
        self._part = part

    def write(self, type_: Union, *, full: bool, wide: bool) -> Expression | None:
        """Return the plan of a union, if it needs one."""
        options = [option for option in type_.options if option != NONE]
        if not options:
            return self._words.kind("none") if full else None
        inner = self._options(replace(type_, options=tuple(options)), full=full, wide=wide)
        if inner is None or len(options) == len(type_.options):
            return inner
        return self._words.call("nullable", inner)

    def _options(self, type_: Union, *, full: bool, wide: bool) -> Expression | None:
        options = type_.options
        if len(options) == 1:
            return self._part(options[0], full=full, wide=wide)
        if any(isinstance(option, Scalar) and option.name == "unknown" for option in options):
            return self._words.any() if full else None
        lean = [self._part(option, full=full, wide=wide) for option in options]
        if not any(plan is not None for plan in lean):
            return None
        if tagged := self._tagged(type_, lean):
            return tagged
        plans = [self._part(option, full=True, wide=wide) for option in options]
        return self._words.call("union", *(plan or self._words.any() for plan in plans))

    def _tagged(self, type_: Union, plans: list[Expression | None]) -> Expression | None:
        field = type_.discriminator
        if field is None:
            return None
        entries: list[tuple[str, Expression | None]] = []
        for option, plan in zip(type_.options, plans, strict=True):
            values = self._tags(option, field)
            if not values:
                return None
            entries.extend((_tag_text(value), plan or self._words.any()) for value in values)
        name = self._face.member_name(field)
        extra = [Name(string(name))] if name != field else []
        return self._words.call("tagged", Name(string(field)), Object(tuple(entries)), *extra)

    def _tags(self, option: Type, discriminator: str) -> list[str | int | bool | None]:
        if isinstance(option, Union):
            return [tag for inner in option.options for tag in self._tags(inner, discriminator)]
        definition = (
            self._face.schema.definitions.get(option.name)
            if isinstance(option, Reference)
            else None
        )
        if not isinstance(definition, ObjectDefinition):
            return []
        if definition.tag and definition.tag[0] == discriminator:
            return [definition.tag[1]]
        for field in definition.fields:
            if field.name == discriminator and isinstance(field.type, Literal):
                return list(field.type.values)
        return []


def is_ambiguous(type_: Union) -> bool:
    """Say whether nothing but what they look like tells the options apart."""
    named = [option for option in type_.options if option != NONE]
    return len(named) > 1 and type_.discriminator is None


def _tag_text(value: str | float | bool | None) -> str:
    return value if isinstance(value, str) else literal(value)
