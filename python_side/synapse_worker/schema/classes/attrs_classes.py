"""attrs classes: by the names their constructor takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.schema.defaults import default_of, factory_default
from synapse_worker.schema.definitions import Default, Field, ObjectDefinition
from synapse_worker.schema.docstrings import class_documentation
from synapse_worker.schema.signatures import EMPTY, signature_of
from synapse_worker.schema.sources import function_names

from .fields import described_field
from .generic import (
    class_place,
    declared_annotations,
    places_by_class,
    reference_to,
    variable_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


def recognise(cls: Any) -> bool:
    """Say whether a class was made by attrs."""
    return isinstance(cls, type) and "__attrs_attrs__" in dir(cls)


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to an attrs class."""

    def build(key: str, cls: Any) -> ObjectDefinition:
        documentation = class_documentation(cls)
        return ObjectDefinition(
            key,
            style="attrs",
            fields=tuple(
                _fields(cls, class_place(key, cls, walker), walker, documentation.parameters)
            ),
            type_parameters=variable_names(cls),
            documentation=documentation,
            python=cls,
        )

    return reference_to(annotation, place, walker, build)


def _fields(cls: Any, at: Place, walker: Walker, told: dict[str, str]) -> Iterator[Field]:
    places = places_by_class(at, cls, walker)
    for attribute in cls.__attrs_attrs__:
        owner = next((c for c in cls.__mro__ if attribute.name in declared_annotations(c)), cls)
        place = places.get(owner, at).at(f"{at.where}.{attribute.name}", source=at.source)
        annotation = Any if attribute.type is None else attribute.type
        default = _default(attribute.default)
        name = attribute.alias if attribute.init else attribute.name

        def field(direction: str, annotation: Any, place: Place) -> Field:
            return described_field(
                name,  # noqa: B023  # called at once
                annotation,
                place,
                walker,
                required=default is None,  # noqa: B023
                default=default,  # noqa: B023
                documentation=told.get(attribute.name, ""),  # noqa: B023
                direction=direction,
                python_name=attribute.name,  # noqa: B023
            )

        if not attribute.init:
            yield field("output", annotation, place)
            continue
        plain = field("both", annotation, place)
        if attribute.converter is None:
            yield plain
            continue
        taken = field("input", *_converted_from(attribute.converter, place, walker))
        if taken.type == plain.type:
            yield plain
        else:
            yield taken
            yield field("output", annotation, place)


def _converted_from(converter: Any, place: Place, walker: Walker) -> tuple[Any, Place]:
    """Return the annotation of what a converter takes, and where its names are looked up."""
    function = getattr(converter, "converter", converter)
    try:
        first = next(iter(signature_of(function).parameters), None)
    except (TypeError, ValueError):
        first = None
    if first is not None and first.annotation is not EMPTY and not isinstance(function, type):
        return first.annotation, place.at(place.where, names=function_names(function))
    name = getattr(function, "__name__", "its converter")
    walker.warn(
        place,
        f"{name} converts this field, and does not say from what: its input is `unknown` to "
        "TypeScript. Give the converter an annotated parameter.",
    )
    return Any, place


def _default(default: Any) -> Default | None:
    attrs = sys.modules["attr"]
    if default is attrs.NOTHING:
        return None
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type,unused-ignore]
        return Default(text="...") if default.takes_self else factory_default(default.factory)
    return default_of(default)
