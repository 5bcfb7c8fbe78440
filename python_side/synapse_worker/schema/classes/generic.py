"""Generic classes: their variables, and what bases are given for theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from synapse_worker.schema.forms import described_arguments
from synapse_worker.schema.sources import class_names, class_source
from synapse_worker.schema.types import Reference, Type, TypeVariable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from synapse_worker.schema.definitions import Definition
    from synapse_worker.schema.walk import Place, Walker


def variables_of(cls: Any) -> tuple[Any, ...]:
    """Return the type variables of a generic class."""
    metadata = getattr(cls, "__pydantic_generic_metadata__", None)
    found = metadata["parameters"] if metadata else getattr(cls, "__parameters__", ())
    return tuple(found)


def variable_names(cls: Any) -> tuple[str, ...]:
    """Return the names of a generic class's variables."""
    return tuple(variable.__name__ for variable in variables_of(cls))


def reference_to(
    annotation: Any, place: Place, walker: Walker, build: Callable[[str, Any], Definition]
) -> Type:
    """Return the reference to a class, with its arguments; `build` makes its definition once."""
    cls = get_origin(annotation) or annotation
    key = walker.define(cls, cls.__name__, lambda key: build(key, cls))
    arguments = described_arguments(variables_of(cls), get_args(annotation), place, walker)
    return Reference(key, arguments, python=annotation)


def class_place(key: str, cls: Any, walker: Walker) -> Place:
    """Return the place of a class's own annotations."""
    from synapse_worker.schema.walk import Place

    bindings = {variable: TypeVariable(variable.__name__) for variable in variables_of(cls)}
    return Place(
        key,
        names=class_names(cls),
        source=lambda: class_source(cls),
        bindings=bindings,
        owner=cls,
    )


def places_by_class(place: Place, cls: Any, walker: Walker) -> dict[Any, Place]:
    """Return the place of each class that `cls` inherits annotations from, its variables bound."""
    found = {cls: place}
    for base in cls.__dict__.get("__orig_bases__", cls.__bases__):
        origin = get_origin(base) or base
        if (
            not isinstance(origin, type)
            or origin in found
            or origin.__module__ in ("typing", "builtins")
        ):
            continue
        variables = variables_of(origin)
        arguments = described_arguments(variables, get_args(base), place, walker)
        bindings: Mapping[Any, Type] = dict(zip(variables, arguments, strict=True))
        inner = place.at(place.where, names=class_names(origin), bindings=bindings)
        for known, at in places_by_class(inner, origin, walker).items():
            found.setdefault(known, at)
    return found


def declared_annotations(cls: Any) -> dict[str, Any]:
    """Return the annotations written in a class's own body, as they were written."""
    lazy = cls.__dict__.get("__annotate_func__") or cls.__dict__.get("__annotate__")
    if lazy is not None:  # Python 3.14 evaluates them when they are asked for
        import annotationlib  # type: ignore[import-not-found,unused-ignore]

        return dict(annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF))
    found = vars(cls).get("__annotations__", {})
    return dict(found) if isinstance(found, dict) else {}
