"""Pydantic models and pydantic dataclasses: by alias, as pydantic itself reads them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.schema.constraints import constrain, read_metadata
from synapse_worker.schema.defaults import default_of, factory_default
from synapse_worker.schema.definitions import (
    AliasDefinition,
    Default,
    Definition,
    Field,
    ObjectDefinition,
)
from synapse_worker.schema.docstrings import class_documentation
from synapse_worker.schema.forms import described_arguments
from synapse_worker.schema.types import Reference, Scalar
from synapse_worker.schema.walk import Place, Walker, schema_invalid

from .fields import described_field
from .generic import class_place, variable_names, variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.schema.types import Type

_UNKNOWN_FIELDS = {"allow": "keep", "forbid": "forbid", "ignore": "ignore"}


def recognise(cls: Any) -> bool:
    """Say whether a class is pydantic's."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is None or not isinstance(cls, type):
        return _is_recursive(cls)
    return issubclass(cls, pydantic.BaseModel) or "__pydantic_fields__" in vars(cls)


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the reference to a model. `Box[int]` is a class of its own to pydantic, not to us."""
    if _is_recursive(annotation):
        annotation = _recurring(annotation, place)
    metadata = getattr(annotation, "__pydantic_generic_metadata__", None) or {}
    cls = metadata.get("origin") or annotation
    key = walker.define(cls, cls.__name__, lambda key: _build(key, cls, walker))
    # To pydantic `Box[T]` inside Box is Box itself.
    given = metadata.get("args") or (variables_of(cls) if place.owner is cls else ())
    arguments = described_arguments(variables_of(cls), given, place, walker)
    return Reference(key, arguments, python=annotation)


def _is_recursive(annotation: Any) -> bool:
    """Say whether pydantic put a mark of its own where `Box[int]` is met inside itself."""
    return type(annotation).__name__ == "PydanticRecursiveRef"


def _recurring(annotation: Any, place: Place) -> Any:
    """Return the class such a mark means: the parent it names by identity."""
    for parent in getattr(place.owner, "__mro__", ()):
        metadata = vars(parent).get("__pydantic_generic_metadata__") or {}
        origin = metadata.get("origin")
        if origin is not None and f":{id(origin)}[" in annotation.type_ref:
            return parent
    raise schema_invalid(
        place, f"pydantic left {annotation!r} open.", "Annotate the class without quotes."
    )


def _build(key: str, cls: Any, walker: Walker) -> Definition:
    at = class_place(key, cls, walker)
    _complete(cls, at)
    documentation = class_documentation(cls)
    told = documentation.parameters
    root = cls.__pydantic_fields__.get("root")
    if root is not None and getattr(cls, "__pydantic_root_model__", False):
        return AliasDefinition(
            key,
            type=_type(root, at, walker),
            type_parameters=variable_names(cls),
            documentation=documentation,
            python=cls,
        )
    config = getattr(cls, "model_config", None) or getattr(cls, "__pydantic_config__", None) or {}
    _warn_of_serializers(cls, at, walker)
    return ObjectDefinition(
        key,
        style="pydantic",
        fields=(*_fields(cls, at, walker, told), *_computed(cls, at, walker, told)),
        type_parameters=variable_names(cls),
        unknown_fields=_UNKNOWN_FIELDS.get(str(config.get("extra")), "ignore"),
        documentation=documentation,
        python=cls,
    )


def _complete(cls: Any, at: Place) -> None:
    """Have pydantic resolve what it could not when the class was made."""
    if getattr(cls, "__pydantic_complete__", True):
        return
    rebuild = getattr(cls, "model_rebuild", None) or (
        lambda **options: sys.modules["pydantic"].dataclasses.rebuild_dataclass(cls, **options)
    )
    try:
        rebuild(_types_namespace=dict(at.names), raise_errors=True)
    except Exception as error:
        raise schema_invalid(
            at,
            f"pydantic cannot complete the model: {error}",
            "Import what its annotations name outside `if TYPE_CHECKING`, at the top of the file.",
            error,
        ) from error


def _fields(cls: Any, at: Place, walker: Walker, told: dict[str, str]) -> Iterator[Field]:
    for name, info in cls.__pydantic_fields__.items():
        place = at.at(f"{at.where}.{name}")
        taken, given = _taken_name(name, info), info.serialization_alias or name
        type_ = _type(info, place, walker)
        input_type = _input_type(info, type_, place, walker)
        default = _default(info)
        text = info.description or told.get(name, "")

        def field(name: str, direction: str, type_: Type = type_, python_name: str = name) -> Field:
            return described_field(
                name,
                Any,
                place,  # noqa: B023  # called at once
                walker,
                required=info.is_required(),  # noqa: B023
                default=default,  # noqa: B023
                documentation=text,  # noqa: B023
                direction=direction,
                python_name=python_name,
                type_=type_,
            )

        if info.init is False:
            yield field(given, "output")
        elif info.exclude is True:
            yield field(taken, "input", input_type)
        elif taken == given and input_type == type_:
            yield field(taken, "both")
        else:
            yield field(taken, "input", input_type)
            yield field(given, "output")


def _computed(cls: Any, at: Place, walker: Walker, told: dict[str, str]) -> Iterator[Field]:
    decorators = getattr(cls, "__pydantic_decorators__", None)
    for name, decorator in (decorators.computed_fields if decorators else {}).items():
        info = decorator.info
        yield described_field(
            info.alias or name,
            info.return_type,
            at.at(f"{at.where}.{name}"),
            walker,
            documentation=info.description or told.get(name, ""),
            direction="output",
            python_name=name,
        )


def _type(info: Any, place: Place, walker: Walker) -> Type:
    """Return the type of a field: pydantic keeps what `Annotated` said beside the annotation."""
    metadata = read_metadata([*info.metadata, info])
    return constrain(walker.describe(info.annotation, place), metadata)


def _input_type(info: Any, type_: Type, place: Place, walker: Walker) -> Type:
    """Return what a field is read from, where `Annotated` says that this is something else."""
    for item in info.metadata:
        if item is sys.modules["pydantic"].Json or type(item).__name__ == "Json":
            return Scalar("str")
        if type(item).__name__ in ("PlainValidator", "BeforeValidator", "WrapValidator"):
            annotation = item.json_schema_input_type
            if type(annotation).__name__ != "PydanticUndefinedType":
                return walker.describe(annotation, place)
    return type_


def _taken_name(name: str, info: Any) -> str:
    """Return the key a field is read from; of several the first that is plain."""
    alias = info.validation_alias if info.validation_alias is not None else info.alias
    choices = getattr(alias, "choices", None) or [alias]
    return next((choice for choice in choices if isinstance(choice, str)), name)


def _default(info: Any) -> Default | None:
    if info.is_required():
        return None
    if info.default_factory is not None:
        return factory_default(info.default_factory)
    return default_of(info.default)


def _warn_of_serializers(cls: Any, at: Place, walker: Walker) -> None:
    decorators = getattr(cls, "__pydantic_decorators__", None)
    if decorators and (decorators.field_serializers or decorators.model_serializers):
        walker.warn(
            at,
            "its serializers are not used: fields travel as they are annotated. Annotate what is "
            "meant to travel, or use a computed_field.",
        )
