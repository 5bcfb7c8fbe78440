"""What `Annotated` says of a type: bounds, names of discriminators, Synapse's own markers.

Known by their attributes, so that annotated_types, msgspec.Meta and pydantic's Field and
StringConstraints all are, without importing any of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen, field, fields, replace

from . import types as kinds
from .markers import BigInt, Naive

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOUNDS = tuple(bound.name for bound in fields(kinds.Constraints))
_NUMBERS = {"int", "bigint", "float", "decimal"}
_LENGTHS = {"str", "bytes"}


class Metadata(Frozen):
    """All that the arguments of one `Annotated` say."""

    constraints: kinds.Constraints = field(default_factory=kinds.Constraints)
    is_bigint: bool = False
    is_naive: bool = False
    discriminator: str | None = None
    documentation: str = ""


def read_metadata(items: Iterable[Any]) -> Metadata:
    """Return what metadata says; of what stands twice the last."""
    result = Metadata()
    for item in items:
        for inner in _unpacked(item):
            result = _with(result, inner)
    return result


def constrain(type_: kinds.Type, metadata: Metadata) -> kinds.Type:
    """Return a type with what metadata says of it; in a union, of each option it can be said of."""
    if isinstance(type_, kinds.Union):
        options = tuple(constrain(option, metadata) for option in type_.options)
        return replace(
            type_, options=options, discriminator=metadata.discriminator or type_.discriminator
        )
    if isinstance(type_, kinds.Scalar):
        if type_.name == "int" and metadata.is_bigint:
            type_ = replace(type_, name="bigint")
        if type_.name == "datetime" and metadata.is_naive:
            type_ = replace(type_, name="naive_datetime")
    if isinstance(type_, (kinds.Scalar, kinds.Array, kinds.Set, kinds.Map)):
        told = _applicable(type_, metadata.constraints)
        if told != kinds.Constraints():
            known = type_.constraints or kinds.Constraints()
            return replace(type_, constraints=_merged(known, told))
    return type_


def _unpacked(item: Any) -> Iterable[Any]:
    """Yield what stands for several: pydantic's Field, and groups like annotated_types.Interval."""
    yield item
    metadata = getattr(item, "metadata", None)
    if type(item).__name__ == "FieldInfo" and isinstance(metadata, (list, tuple)):
        yield from metadata


def _with(known: Metadata, item: Any) -> Metadata:
    if item is BigInt or isinstance(item, BigInt):
        return replace(known, is_bigint=True)
    if item is Naive or isinstance(item, Naive):
        return replace(known, is_naive=True)
    name = type(item).__name__
    if isinstance(item, type):
        return known
    told = {
        bound: value
        for bound in _BOUNDS
        if (value := _plain_bound(bound, getattr(item, bound, None))) is not None
    }
    if told:
        known = replace(known, constraints=_merged(known.constraints, kinds.Constraints(**told)))
    if (name == "Meta" and getattr(item, "tz", None) is False) or (
        name == "Timezone" and getattr(item, "tz", "") is None
    ):
        known = replace(known, is_naive=True)
    discriminator = getattr(item, "discriminator", None)
    if isinstance(getattr(discriminator, "discriminator", discriminator), str):
        known = replace(known, discriminator=getattr(discriminator, "discriminator", discriminator))
    text = (
        getattr(item, "documentation", None)
        if name == "Doc"
        else getattr(item, "description", None)
    )
    return replace(known, documentation=text) if isinstance(text, str) and text else known


def _plain_bound(name: str, value: Any) -> Any:
    """Return a bound that JSON can hold: others (dates, decimals) are left to the library."""
    if name == "pattern":
        text = getattr(value, "pattern", value)
        return text if isinstance(text, str) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if value == value and abs(value) != float("inf") else None


def _applicable(type_: kinds.Type, told: kinds.Constraints) -> kinds.Constraints:
    """Return the constraints that can be said of a type."""
    name = type_.name if isinstance(type_, kinds.Scalar) else None
    if name is None or name in _LENGTHS:
        lengths = kinds.Constraints(min_length=told.min_length, max_length=told.max_length)
        return replace(lengths, pattern=told.pattern) if name == "str" else lengths
    if name in _NUMBERS:
        return replace(told, min_length=None, max_length=None, pattern=None)
    return kinds.Constraints()


def _merged(known: kinds.Constraints, told: kinds.Constraints) -> kinds.Constraints:
    return replace(
        known, **{name: value for name in _BOUNDS if (value := getattr(told, name)) is not None}
    )
