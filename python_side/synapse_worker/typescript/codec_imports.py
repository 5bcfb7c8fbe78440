"""Brings a user's own codecs into a generated file, as `[tool.synapse.types]` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.types import Custom

from .literals import property_access, string
from .names import is_identifier
from .options import GenerationError
from .walking import all_types, everything

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema

    from .document import Document
    from .naming import Naming
    from .options import RenderOptions


class CodecImports:
    """The imports of the codecs that a schema uses, and what they are called here."""

    def __init__(self, schema: Schema, options: RenderOptions, naming: Naming) -> None:
        used = {
            part.name
            for type_ in all_types(schema)
            for part in everything(type_)
            if isinstance(part, Custom)
        }
        self.codecs: dict[str, str] = {}
        self.lines: list[Document] = []
        # In a CommonJS namespace the types are declared again, under their own names.
        self.aliases: list[Document] = []
        for name in sorted(used & options.codecs.keys()):
            self._add(name, dict(options.codecs[name]), options.module, naming)

    def _add(self, name: str, entry: dict[str, str], module: str, naming: Naming) -> None:
        export, type_ = entry["export"], entry["type"]
        for text in (export, type_):
            if not is_identifier(text):
                raise GenerationError(f"[tool.synapse.types.{name}]: {text!r} is no identifier.")
        local_type = naming.customs[name] = naming.scope.take(type_)
        source = string(entry["import"])
        if module == "cjs":
            local = naming.scope.take(f"{export}Module")
            self.lines.append(f"import {local} = require({source});")
            self.aliases.append(f"type {local_type} = {local}.{type_};")
            self.codecs[name] = property_access(local, export)
            return
        local = naming.scope.take(export)
        self.lines.append(f"import {{ {_renamed(export, local)} }} from {source};")
        self.lines.append(f"import type {{ {_renamed(type_, local_type)} }} from {source};")
        self.codecs[name] = local


def _renamed(name: str, local: str) -> str:
    return name if name == local else f"{name} as {local}"
