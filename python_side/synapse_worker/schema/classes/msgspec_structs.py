"""msgspec.Struct: tags, renamed fields, array-like ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_args

from synapse_worker.frozen import replace
from synapse_worker.schema.constraints import constrain, read_metadata
from synapse_worker.schema.defaults import default_of, factory_default
from synapse_worker.schema.definitions import Definition, Field, ObjectDefinition, TupleDefinition
from synapse_worker.schema.docstrings import class_documentation
from synapse_worker.schema.unions import union_of

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
    """Say whether a class is a Struct."""
    msgspec = sys.modules.get("msgspec")
    return msgspec is not None and isinstance(cls, type) and issubclass(cls, msgspec.Struct)


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to a Struct."""

    def build(key: str, cls: Any) -> Definition:
        config = cls.__struct_config__
        documentation = class_documentation(cls)
        described = tuple(
            _fields(cls, class_place(key, cls, walker), walker, documentation.parameters)
        )
        if config.array_like:
            return TupleDefinition(
                key,
                fields=described,
                tag=config.tag,
                type_parameters=variable_names(cls),
                documentation=documentation,
                python=cls,
            )
        return ObjectDefinition(
            key,
            style="msgspec",
            fields=described,
            type_parameters=variable_names(cls),
            tag=(config.tag_field, config.tag) if config.tag is not None else None,
            unknown_fields="forbid" if config.forbid_unknown_fields else "ignore",
            documentation=documentation,
            python=cls,
        )

    return reference_to(annotation, place, walker, build)


def _fields(cls: Any, at: Place, walker: Walker, told: dict[str, str]) -> Iterator[Field]:
    msgspec = sys.modules["msgspec"]
    places = places_by_class(at, cls, walker)
    # Counted from the end, as Struct does.
    missing = len(cls.__struct_fields__) - len(cls.__struct_defaults__)
    names = zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
    for index, (name, encoded) in enumerate(names):
        owner = next((c for c in cls.__mro__ if name in declared_annotations(c)), cls)
        place = places.get(owner, at).at(f"{at.where}.{name}", source=at.source)
        annotation = declared_annotations(owner).get(name, Any)
        if isinstance(annotation, str):
            annotation = walker.resolve(annotation, place)
        default = (
            cls.__struct_defaults__[index - missing] if index >= missing else msgspec.NODEFAULT
        )
        may_be_unset, type_ = _without_unset(annotation, place, walker)
        described = None
        if default is not msgspec.NODEFAULT and default is not msgspec.UNSET:
            factory = getattr(default, "factory", None)
            is_factory = type(default).__name__ == "Factory"
            described = factory_default(factory) if is_factory else default_of(default)
        field = described_field(
            encoded,
            annotation,
            place,
            walker,
            required=default is msgspec.NODEFAULT,
            default=described,
            documentation=told.get(name, ""),
            python_name=name,
            type_=type_,
        )
        yield replace(field, required=False, default=None) if may_be_unset else field


def _without_unset(annotation: Any, place: Place, walker: Walker) -> tuple[bool, Type | None]:
    """Return whether a field may be UNSET, which is not to be there, and then its type otherwise."""
    unset = sys.modules["msgspec"].UnsetType
    inner = (
        getattr(annotation, "__origin__", annotation)
        if hasattr(annotation, "__metadata__")
        else annotation
    )
    options = get_args(inner)
    if unset not in options:
        return False, None
    type_ = union_of(walker.describe(option, place) for option in options if option is not unset)
    return True, constrain(type_, read_metadata(getattr(annotation, "__metadata__", ())))
