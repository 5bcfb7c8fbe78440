"""Standard dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_origin

from synapse_worker.schema.defaults import default_of, factory_default
from synapse_worker.schema.definitions import Default, Field, ObjectDefinition
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
    import dataclasses
    from collections.abc import Iterator

    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


def recognise(cls: Any) -> bool:
    """Say whether a class is a dataclass (pydantic's own are of its family)."""
    return isinstance(cls, type) and hasattr(cls, "__dataclass_fields__")


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to a dataclass."""

    def build(key: str, cls: Any) -> ObjectDefinition:
        at = class_place(key, cls, walker)
        documentation = class_documentation(cls)
        return ObjectDefinition(
            key,
            style="dataclass",
            fields=tuple(dataclass_fields(cls, at, walker, documentation.parameters)),
            type_parameters=variable_names(cls),
            documentation=documentation,
            python=cls,
        )

    return reference_to(annotation, place, walker, build)


def dataclass_fields(cls: Any, at: Place, walker: Walker, told: dict[str, str]) -> Iterator[Field]:
    """Yield the fields of a dataclass: those of its constructor, and those it sets itself."""
    import dataclasses  # whoever wrote the class has paid for it

    places = places_by_class(at, cls, walker)
    plain = {field.name for field in dataclasses.fields(cls)}
    for name, field in cls.__dataclass_fields__.items():
        owner = next((c for c in cls.__mro__ if _declares(c, name)), cls)
        place = places.get(owner, at).at(f"{at.where}.{name}", source=at.source)
        if name not in plain and not _is_init_var(field.type, place, walker):
            continue  # a ClassVar
        default = _default(field)
        yield described_field(
            name,
            field.type,
            place,
            walker,
            required=default is None,
            default=default,
            documentation=told.get(name) or getattr(field, "doc", None) or "",
            direction="input" if name not in plain else "both" if field.init else "output",
        )


def _declares(cls: Any, name: str) -> bool:
    return "__dataclass_fields__" in vars(cls) and name in declared_annotations(cls)


def _is_init_var(annotation: Any, place: Place, walker: Walker) -> bool:
    from dataclasses import InitVar

    if isinstance(annotation, str):
        annotation = walker.resolve(annotation, place)
    return type(annotation) is InitVar or get_origin(annotation) is InitVar


def _default(field: dataclasses.Field[Any]) -> Default | None:
    from dataclasses import MISSING

    if field.default is not MISSING:
        return default_of(field.default)
    if field.default_factory is not MISSING:
        return factory_default(field.default_factory)
    return None
