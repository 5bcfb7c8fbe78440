"""What a value holds, named types included: functions cannot be results, services no parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen, fields

from . import types as kinds
from .definitions import Documentation
from .walk import Place, Walker, schema_invalid

if TYPE_CHECKING:
    from collections.abc import Iterator


def refuse_unreachable(type_: kinds.Type, place: Place, walker: Walker) -> None:
    """Refuse a type that cannot travel in the direction of its place.

    Raises:
        SynapseError: `SCHEMA_INVALID`.
    """
    for found, holder in _held(type_, walker, set()):
        where = place if holder is None else place.at(f"{place.where}: {holder}")
        if place.direction == "output" and isinstance(found, kinds.Callback):
            raise schema_invalid(
                where,
                "a function cannot travel from Python to JavaScript.",
                "Return data, or offer the function as a method of a service.",
            )
        if place.direction == "input" and isinstance(found, kinds.ServiceReference):
            raise schema_invalid(
                where,
                f"the service {found.name} cannot be a parameter.",
                "Make this function a method of the service, or take data instead.",
            )


def _held(
    noun: Any, walker: Walker, seen: set[str], holder: str | None = None
) -> Iterator[tuple[kinds.Type, str | None]]:
    """Yield every callback and service in a type, with the definition that holds it."""
    if isinstance(noun, (tuple, list)):
        for item in noun:
            yield from _held(item, walker, seen, holder)
        return
    if not isinstance(noun, Frozen) or isinstance(noun, (Documentation, kinds.Constraints)):
        return
    if isinstance(noun, (kinds.Callback, kinds.ServiceReference)):
        yield noun, holder
        return
    if isinstance(noun, kinds.Reference) and noun.name not in seen:
        seen.add(noun.name)
        yield from _held(walker.definitions.get(noun.name), walker, seen, noun.name)
    for field in fields(noun):
        value = getattr(noun, field.name)
        if not field.is_local and not isinstance(value, (str, int, float)):
            yield from _held(value, walker, seen, holder)
