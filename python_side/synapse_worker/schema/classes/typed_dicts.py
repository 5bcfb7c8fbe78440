"""TypedDicts: Required, NotRequired and ReadOnly also where annotations are strings (PEP 563)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from synapse_worker.schema.definitions import ObjectDefinition
from synapse_worker.schema.docstrings import class_documentation
from synapse_worker.schema.sources import class_names

from .fields import described_field
from .generic import class_place, declared_annotations, reference_to, variable_names, variables_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synapse_worker.schema.definitions import Field
    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


def recognise(cls: Any) -> bool:
    """Say whether a class is a TypedDict."""
    return isinstance(cls, type) and hasattr(cls, "__total__") and hasattr(cls, "__required_keys__")


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to a TypedDict."""

    def build(key: str, cls: Any) -> ObjectDefinition:
        documentation = class_documentation(cls)
        at = class_place(key, cls, walker)
        return ObjectDefinition(
            key,
            style="typed_dict",
            fields=tuple(typed_dict_fields(cls, at, walker, documentation.parameters).values()),
            type_parameters=variable_names(cls),
            unknown_fields="forbid" if getattr(cls, "__closed__", None) is True else "ignore",
            documentation=documentation,
            python=cls,
        )

    return reference_to(annotation, place, walker, build)


def typed_dict_fields(
    cls: Any, at: Place, walker: Walker, told: Mapping[str, str]
) -> dict[str, Field]:
    """Return the fields of a TypedDict by name, those of its bases first."""
    found: dict[str, Field] = {}
    inherited: dict[str, Any] = {}
    for base in cls.__dict__.get("__orig_bases__", ()):
        origin = get_origin(base) or base
        if not recognise(origin):
            continue
        arguments = [walker.describe(argument, at) for argument in get_args(base)]
        bindings = dict(zip(variables_of(origin), arguments, strict=False))
        inner = at.at(at.where, names=class_names(origin), bindings=bindings)
        found.update(typed_dict_fields(origin, inner, walker, told))
        inherited.update(declared_annotations(origin))
    for name, annotation in declared_annotations(cls).items():
        # The class holds its bases' annotations too, as the very objects they are there.
        if name in found and inherited.get(name) is annotation:
            continue
        place = at.at(f"{at.where}.{name}")
        annotation = _resolved(annotation, place, walker)
        qualifier = _qualifier(annotation, place, walker)
        required = name in cls.__required_keys__ if qualifier is None else qualifier
        found[name] = described_field(
            name, annotation, place, walker, required=required, documentation=told.get(name, "")
        )
    return found


def _resolved(annotation: Any, place: Place, walker: Walker) -> Any:
    """Return an annotation that is no string any more; those of bases know their own module."""
    if type(annotation).__name__ == "ForwardRef":
        return walker.resolve_forward(annotation, place)
    return walker.resolve(annotation, place) if isinstance(annotation, str) else annotation


def _qualifier(annotation: Any, place: Place, walker: Walker) -> bool | None:
    """Return what `Required[…]` or `NotRequired[…]` says, within `Annotated` and `ReadOnly` too."""
    while True:
        name = getattr(get_origin(annotation), "_name", None)
        if name in ("Required", "NotRequired"):
            return bool(name == "Required")
        if name != "ReadOnly" and not hasattr(annotation, "__metadata__"):
            return None
        annotation = annotation.__origin__ if name != "ReadOnly" else get_args(annotation)[0]
        annotation = _resolved(annotation, place, walker)
