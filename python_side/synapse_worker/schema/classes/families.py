"""All families, in the order in which a class is asked for its own: the special before the general."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from . import (
    attrs_classes,
    data_classes,
    enums,
    msgspec_structs,
    named_tuples,
    numpy_types,
    pydantic_models,
    tables,
    typed_dicts,
)

if TYPE_CHECKING:
    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


class Family(Protocol):
    """What each of these files offers."""

    def recognise(self, cls: Any, /) -> bool:
        """Say whether a class is of this family."""

    def describe(self, annotation: Any, place: Place, walker: Walker, /) -> Type:
        """Return its type, and have it defined."""


FAMILIES: tuple[Family, ...] = (
    enums,
    numpy_types,
    tables,
    pydantic_models,
    msgspec_structs,
    attrs_classes,
    data_classes,
    typed_dicts,
    named_tuples,
)
