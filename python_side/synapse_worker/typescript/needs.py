"""Tells what a type needs, looking through the names in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import ObjectDefinition
from synapse_worker.schema.types import (
    Callback,
    Custom,
    Map,
    NdArray,
    Reference,
    Scalar,
    ServiceReference,
    Set,
    Stream,
    Type,
)

from .type_text import is_record

if TYPE_CHECKING:
    from .face import Face
    from .reach import Reach


class Needs:
    """What has to be done with values of a type on their way."""

    def __init__(self, face: Face, reach: Reach) -> None:
        self._face = face
        self._reach = reach

    def wide(self, type_: Type) -> bool:
        """Say whether a value of this type may hold integers that only a bigint can."""
        return any(
            (isinstance(part, Scalar) and part.name in {"bigint", "unknown"})
            or (isinstance(part, Custom) and self._face.codec(part.name) is not None)
            or (isinstance(part, Reference) and self._keeps_unknown(part))
            for part in self._reach.parts(type_)
        )

    def a_plan(self, type_: Type, *, wide: bool) -> bool:
        """Say whether results of this type differ from what the codec makes of them."""
        return any(self._is_needy(part, wide=wide) for part in self._reach.parts(type_))

    def encoding(self, type_: Type) -> bool:
        """Say whether arguments of this type differ from what the codec takes."""
        return any(
            isinstance(part, NdArray | Callback | Stream)
            or (
                isinstance(part, Scalar)
                and part.name == "datetime"
                and self._face.options.exact_times
            )
            or (isinstance(part, Custom) and self._face.codec(part.name) is not None)
            or (isinstance(part, Reference) and self._renames(part))
            for part in self._reach.parts(type_)
        )

    def _is_needy(self, part: Type, *, wide: bool) -> bool:
        match part:
            case Scalar():
                return part.name in {"datetime", "bigint"} or (wide and part.name == "int")
            case Map():
                return not is_record(part, self._face.schema)
            case Set() | NdArray() | Callback() | Stream() | ServiceReference():
                return True
            case Custom():
                return self._face.codec(part.name) is not None
            case Reference():
                return self._renames(part)
            case _:
                return False

    def _renames(self, type_: Reference) -> bool:
        definition = self._face.schema.definitions[type_.name]
        if not isinstance(definition, ObjectDefinition):
            return False
        names = self._face.field_names(definition.name, definition.fields)
        tag = definition.tag[0] if definition.tag else ""
        return (
            any(name != wire for wire, name in names.items()) or self._face.member_name(tag) != tag
        )

    def _keeps_unknown(self, type_: Reference) -> bool:
        definition = self._face.schema.definitions[type_.name]
        return isinstance(definition, ObjectDefinition) and definition.unknown_fields == "keep"
