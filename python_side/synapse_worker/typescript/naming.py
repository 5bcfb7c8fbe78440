"""Gives everything in a schema its name in the generated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .names import FILE_NAMES, Scope, identifier, lower_first, pascal_case

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema

    from .directions import Directions


class Naming:
    """The names at the top of one file; the user's own types choose first."""

    def __init__(self, schema: Schema, directions: Directions) -> None:
        scope = self.scope = Scope(FILE_NAMES)
        self.definitions = {key: scope.take(identifier(key)) for key in schema.definitions}
        self.services = {
            service.name: scope.take(identifier(service.name)) for service in schema.services
        }
        self.errors = {key: scope.take(identifier(key)) for key in schema.errors}
        self.inputs = {
            key: scope.take(f"{name}Input")
            for key, name in self.definitions.items()
            if key in directions.differing
        }
        self.factories = {key: scope.take(f"{name}Factory") for key, name in self.services.items()}
        self.details = {
            key: scope.take(f"{name}Details")
            for key, name in self.errors.items()
            if schema.errors[key].fields
        }
        self.customs: dict[str, str] = {}
        title = pascal_case(schema.module)
        self.client = scope.take(title, f"{title}Client", f"{title}Module")
        wishes = (f"{title}Error", f"{title}Errors", f"Any{title}Error")
        self.any_error = scope.take(*wishes) if self.errors else None
        self.service_methods = {
            key: scope.take(f"{lower_first(name)}Methods") for key, name in self.services.items()
        }

    @property
    def taken(self) -> frozenset[str]:
        """Every name in use at the top of the file."""
        return self.scope.taken

    def custom(self, name: str) -> str:
        """Return the name of a user's own type, which travels by its codec."""
        if name not in self.customs:
            self.customs[name] = self.scope.take(identifier(name.rpartition(".")[2]))
        return self.customs[name]
