"""Finds what a type leads to through the names in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from synapse_worker.schema.types import Reference, Type

from .options import GenerationError
from .walking import everything, members, substitute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from synapse_worker.schema.definitions import Definition

# More different arguments than any generic type has that does not grow without end.
_MOST_INSTANCES = 100


class Reach:
    """The definitions that types of one module lead to, with their variables filled in."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions

    def parts(self, type_: Type) -> list[Type]:
        """Return every type that a type is made of, also those inside definitions that it leads to."""
        return [
            *everything(type_),
            *(
                part
                for reference in sorted(self.reachable(type_), key=repr)
                for inner in self._made_of(reference)
                for part in everything(inner)
            ),
        ]

    def _made_of(self, reference: Reference) -> list[Type]:
        variables = self.variables(reference)
        definition = self._definitions[reference.name]
        return [substitute(part, variables) for part in members(definition)]

    def reachable(self, type_: Type) -> set[Reference]:
        """Return the references that a type leads to.

        Raises:
            GenerationError: there is no end to them.
        """
        found: set[Reference] = set()
        uses: Counter[str] = Counter()
        todo = [part for part in everything(type_) if isinstance(part, Reference)]
        while todo:
            reference = todo.pop()
            if reference in found:
                continue
            found.add(reference)
            uses[reference.name] += 1
            if uses[reference.name] > _MOST_INSTANCES:
                raise GenerationError(
                    f"The generic type {reference.name!r} uses itself with ever larger arguments: "
                    "such a type has no end in TypeScript. Give the recursive use its own arguments."
                )
            for inner in self._made_of(reference):
                todo.extend(part for part in everything(inner) if isinstance(part, Reference))
        return found

    def variables(self, reference: Reference) -> dict[str, Type]:
        """Return what a reference gives for the variables of its definition."""
        definition = self._definitions[reference.name]
        names = getattr(definition, "type_parameters", ())
        return dict(zip(names, reference.arguments, strict=False))
