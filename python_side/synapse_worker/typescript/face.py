"""What every part of a generated file needs to know: the schema, the options, the names, the types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.frozen import replace

from .codec_imports import CodecImports
from .comments import body, endings, prose
from .directions import Directions
from .names import camel_case, renamed
from .naming import Naming
from .type_text import TypeText

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Documentation, Field, Schema, SchemaWarning

    from .options import RenderOptions


class Face:
    """The state of writing one file."""

    def __init__(self, schema: Schema, options: RenderOptions) -> None:
        # In one order, whether or not the schema has travelled as JSON.
        schema = self.schema = replace(
            schema,
            definitions=dict(sorted(schema.definitions.items())),
            errors=dict(sorted(schema.errors.items())),
        )
        self.options = options
        self.directions = Directions(schema)
        self.naming = Naming(schema, self.directions)
        self.codec_imports = CodecImports(schema, options, self.naming)
        self.types = TypeText(schema, self.naming, options, self.runtime)
        self._told: set[int] = set()
        self.values: set[str] = set()
        self.imported_types: set[str] = set()
        self.uses_plans = False

    def runtime(self, name: str, *, value: bool = False) -> str:
        """Return how a name of the npm package is written here, and note that it is needed."""
        if self.options.module == "cjs":
            return f"synapse.{name}"
        (self.values if value else self.imported_types).add(name)
        return name

    def plan(self, kind: str) -> str:
        """Return how a plan of the npm package is written here, and note that plans are needed."""
        if self.options.module == "cjs":
            return f"synapse.plan.{kind}"
        self.uses_plans = True
        return f"plan.{kind}"

    def codec(self, name: str) -> str | None:
        """Return the expression of the codec of a user's own type, where one is configured."""
        return self.codec_imports.codecs.get(name)

    def member_name(self, name: str) -> str:
        """Return the JavaScript name of one member."""
        return camel_case(name) if self.options.camel_case else name

    def field_names(self, owner: str, fields: tuple[Field, ...]) -> dict[str, str]:
        """Return the JavaScript names of an object's fields."""
        return renamed([field.name for field in fields], camel=self.options.camel_case, what=owner)

    def about(
        self, where: str, documentation: Documentation, name: str, python_name: str
    ) -> list[list[str]]:
        """Return what stands above a declaration."""
        notes = []
        if name != python_name:
            notes.append(prose(f"`{python_name}` in Python."))
        return [*body(documentation), *notes, *self.warnings(where), *endings(documentation)]

    def warnings(self, where: str) -> list[list[str]]:
        """Return what could not be described of something, and is `unknown` therefore."""
        found = []
        for warning in self.schema.warnings:
            if _is_about(warning.where, where):
                self._told.add(id(warning))
                found.append(prose(warning_text(warning)))
        return found

    def untold_warnings(self) -> list[SchemaWarning]:
        """Return the warnings that stand above no declaration so far."""
        return [warning for warning in self.schema.warnings if id(warning) not in self._told]


def warning_text(warning: SchemaWarning) -> str:
    """Return a warning as a generated file tells it."""
    word = "Typed `unknown`" if "`unknown`" in warning.message else "Note"
    return f"{word}: {warning.where}: {warning.message}"


def _is_about(place: str, where: str) -> bool:
    """Say whether a place like "quote(): parameter depth" is of "quote"."""
    rest = place.removeprefix(where)
    return place.startswith(where) and not (rest[:1].isalnum() or rest[:1] == "_")
