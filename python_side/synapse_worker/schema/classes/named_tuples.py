"""NamedTuples: an array whose places have names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.schema.defaults import default_of
from synapse_worker.schema.definitions import TupleDefinition
from synapse_worker.schema.docstrings import class_documentation

from .fields import described_field
from .generic import (
    class_place,
    declared_annotations,
    places_by_class,
    reference_to,
    variable_names,
)

if TYPE_CHECKING:
    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


def recognise(cls: Any) -> bool:
    """Say whether a class was made by NamedTuple or namedtuple."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to a named tuple."""

    def build(key: str, cls: Any) -> TupleDefinition:
        at = class_place(key, cls, walker)
        documentation = class_documentation(cls)
        declared = next((c for c in cls.__mro__ if "_fields" in vars(c)), cls)
        places, annotations = places_by_class(at, cls, walker), declared_annotations(declared)
        inner = places.get(declared, at)
        defaults = cls._field_defaults
        return TupleDefinition(
            key,
            fields=tuple(
                described_field(
                    name,
                    annotations.get(name, Any),
                    inner.at(f"{key}.{name}", source=at.source),
                    walker,
                    required=name not in defaults,
                    default=default_of(defaults[name]) if name in defaults else None,
                    documentation=documentation.parameters.get(name, ""),
                )
                for name in cls._fields
            ),
            type_parameters=variable_names(cls),
            documentation=documentation,
            python=cls,
        )

    return reference_to(annotation, place, walker, build)
