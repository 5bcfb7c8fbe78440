"""Writes main.d.py.ts: the types of a module whose main.py is imported directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import header, imports, source_file, type_blocks, warning_block
from .document import HARD_LINE, Document
from .exports import exports
from .face import Face
from .methods import declared
from .options import RenderOptions

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema


def render_declaration(schema: Schema, options: RenderOptions | None = None) -> str:
    """Return the declaration file that stands beside a module's entrypoint.

    Raises:
        GenerationError: the schema cannot be said in TypeScript as asked.
    """
    face = Face(schema, options or RenderOptions())
    blocks = type_blocks(face, declare=True)
    functions, client = exports(face)
    for function in schema.functions:
        if function.name not in functions:
            continue
        export = functions[function.name]
        word = "declare function" if export.renaming else "export declare function"
        member = f"{word} {export.local}"
        blocks.append(declared(function, export.name, member, face, function.name))
        if export.renaming:
            blocks.append(export.renaming)
    base = face.runtime("ModuleClient")
    about = "/** The client behind these functions: its workers, and how to close it. */"
    last: Document = (about, HARD_LINE, f"export declare const {client}: {base};")
    return source_file(header(face), [*imports(face), *warning_block(face), *blocks, last])
