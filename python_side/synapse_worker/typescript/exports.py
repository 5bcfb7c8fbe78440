"""The names under which a directly imported module offers its functions, and its client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .literals import string
from .names import FILE_NAMES, Scope, identifier, is_identifier, renamed

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
        if self.local == self.name:
            return ""
        text = self.name if is_identifier(self.name) else string(self.name)
        return f"export {{ {self.local} as {text} }};"


def exports(face: Face) -> tuple[dict[str, Export], str]:
    """Return the export of each function, and the name of the client."""
    schema, naming = face.schema, face.naming
    wanted = renamed(
        [function.name for function in schema.functions],
        camel=face.options.camel_case,
        what=schema.module,
    )
    # Who awaits an import must not meet a function called `then`.
    values = Scope(
        frozenset(
            {
                *naming.definitions.values(),
                *naming.services.values(),
                *naming.errors.values(),
                "then",
            }
        )
    )
    here = Scope(FILE_NAMES | {"fileURLToPath"} | naming.taken)
    found: dict[str, Export] = {}
    for name, wish in wanted.items():
        exported = values.take(wish)
        found[name] = Export(exported, here.take(identifier(exported)))
    return found, here.take(values.take("client"))
