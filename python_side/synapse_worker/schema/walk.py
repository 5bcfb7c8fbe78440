"""Where a walk through annotations stands, and what its steps may ask of the walker.

The steps (scalars, containers, classes…) know this interface; `describer.py` implements it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from synapse_worker.frozen import Frozen, field, replace
from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .definitions import Definition
    from .types import Type


Source = tuple[str | None, int | None]


def nowhere() -> Source:
    """Return no file and no line."""
    return None, None


class Place(Frozen):
    """Where an annotation stands: what it is called in messages, and what its names mean."""

    # "quote(): parameter depth", "Order.items": what messages begin with.
    where: str
    # Where the names of annotations that are strings are looked up.
    names: Mapping[str, Any] = field(default_factory=dict)
    # Finds file and line. That reads the source, so it is asked only where something is told of the place.
    source: Callable[[], Source] = field(default=nowhere)
    # What type variables stand for here; others are free.
    bindings: Mapping[Any, Type] = field(default_factory=dict)
    # The class `Self` means.
    owner: Any = None
    # "input" (a parameter), "output" (a result) or "both" (a member of a definition).
    direction: str = "both"

    @property
    def file(self) -> str | None:
        """The file that it is in, where that is known."""
        return self.source()[0]

    @property
    def line(self) -> int | None:
        """The line in the file, where that is known."""
        return self.source()[1]

    def at(self, where: str, **changes: Any) -> Place:
        """Return a place within this one."""
        return replace(self, where=where, **changes)


class Walker(Protocol):
    """What a step of the walk may ask for."""

    codecs: Mapping[type, Any]
    services: Mapping[type, str]
    definitions: dict[str, Definition]

    def describe(self, annotation: Any, place: Place) -> Type:
        """Return the type that an annotation means."""

    def resolve(self, text: str, place: Place) -> Any:
        """Return what an annotation that is a string means."""

    def resolve_forward(self, reference: Any, place: Place) -> Any:
        """Return what a ForwardRef means, in its own module if it knows that."""

    def define(self, python: Any, name: str, build: Callable[[str], Definition]) -> str:
        """Return the key of a definition; have it built where it is not there yet."""

    def unknown(self, place: Place, problem: str, advice: str) -> Type:
        """Return `unknown`, and warn."""

    def warn(self, place: Place, message: str) -> None:
        """Note something that the author of the module should know."""


def schema_invalid(
    place: Place, problem: str, advice: str, cause: BaseException | None = None
) -> SynapseError:
    """Return the error for what cannot be described: where, what, and what to do."""
    return SynapseError(
        "SCHEMA_INVALID",
        f"{place.where}: {problem} {advice}",
        details={"where": place.where, "file": place.file, "line": place.line},
        cause=cause,
    )
