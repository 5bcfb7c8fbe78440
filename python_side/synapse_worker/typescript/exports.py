"""The names under which a directly imported module offers its functions, and its client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .names import FILE_NAMES, Scope, is_identifier, renamed

if TYPE_CHECKING:
    from .face import Face


@dataclass(frozen=True)
class Export:
    """A function: `name` is what is imported, `local` what it is called in the file."""

    name: str
    local: str

    @property
    def renaming(self) -> str:
        """The export clause, where the function cannot be exported where it stands."""
        return "" if self.local == self.name else f"export {{ {self.local} as {self.name} }};"


def exports(face: Face) -> tuple[dict[str, Export], str]:
    """Return the export of each function, and the name of the client.

    A function whose name is no identifier is a method of the client only.
    """
    schema, naming = face.schema, face.naming
    wanted = renamed(
        [function.name for function in schema.functions],
        camel=face.options.camel_case,
        what=schema.module,
    )
    types = (naming.definitions, naming.services, naming.errors)
    # Who awaits an import must not meet a function called `then`.
    values = Scope(frozenset({"then", *(name for names in types for name in names.values())}))
    here = Scope(FILE_NAMES | {"fileURLToPath"} | naming.taken)
    found: dict[str, Export] = {}
    for name, wish in wanted.items():
        if is_identifier(wish):
            exported = values.take(wish)
            found[name] = Export(exported, here.take(exported))
    return found, here.take(values.take("client"))
