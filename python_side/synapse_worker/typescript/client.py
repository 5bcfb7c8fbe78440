"""Writes the whole client of a module: one file, read from the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import NewTypeDefinition
from synapse_worker.schema.fingerprint import schema_hash
from synapse_worker.schema.types import Custom
from synapse_worker.version import __version__

from .comments import body, comment, endings, line_comment, prose
from .definitions import definition_blocks
from .document import HARD_LINE, LINE, Document, Group, Indent, join, listed, print_document
from .errors import error_blocks, in_order, union_block
from .face import Face, warning_text
from .literals import string
from .methods import client_member_names, method
from .names import is_identifier
from .opening import MARK
from .options import RenderOptions
from .services import class_block, service_blocks
from .signatures import promise
from .specification import SPEC_FORMAT, Specification
from .type_layout import bracketed
from .walking import all_types, everything

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema

_PACKAGE = "synapse-worker"


def render_client(schema: Schema, options: RenderOptions | None = None) -> str:
    """Return the TypeScript client of a module.

    Raises:
        GenerationError: the schema cannot be said in TypeScript as asked.
    """
    face = Face(schema, options or RenderOptions())
    blocks = [*face.codec_imports.aliases, *type_blocks(face), *_client_blocks(face)]
    if face.options.module == "cjs":
        return _common_js(face, blocks)
    return source_file(header(face), [*imports(face), *warning_block(face), *blocks])


def source_file(first: list[str], blocks: list[Document]) -> str:
    """Return the text of a file."""
    text = print_document(join((HARD_LINE, HARD_LINE), blocks))
    return "\n".join(first) + f"\n\n{text}\n"


def header(face: Face) -> list[str]:
    """Return the first lines: what made this, from which schema, with which options."""
    schema = face.schema
    words = face.options.words
    options = f" · {' '.join(words)}" if words else ""
    return [
        f"{MARK} from the Python module {string(schema.module)}. Do not edit.",
        f"// Schema {schema_hash(schema)} · format {SPEC_FORMAT} · {_PACKAGE} {__version__}{options}",
    ]


def imports(face: Face) -> list[Document]:
    """Return the imports that what was written so far needs."""
    lines: list[Document] = []
    for keyword, names in (("import", face.values), ("import type", face.imported_types)):
        if names:
            ordered = sorted(names, key=lambda name: (name.lower(), name))
            lines.append(
                (f"{keyword} ", listed("{", ordered, "}", padded=True), f' from "{_PACKAGE}";')
            )
    if face.uses_plans:
        # As a namespace of its own: a bundle leaves out the plans that are not named.
        lines.append(f'import * as plan from "{_PACKAGE}/plan";')
    return [join(HARD_LINE, [*lines, *face.codec_imports.lines])]


def _common_js(face: Face, blocks: list[Document]) -> str:
    name = face.naming.scope.take(
        face.schema.module if is_identifier(face.schema.module) else "client"
    )
    namespace: Document = (
        f"namespace {name} {{",
        Indent((HARD_LINE, join((HARD_LINE, HARD_LINE), blocks))),
        HARD_LINE,
        "}",
    )
    requires = [f'import synapse = require("{_PACKAGE}");', *face.codec_imports.lines]
    opening = join(HARD_LINE, requires)
    return source_file(
        header(face), [opening, *warning_block(face), namespace, f"export = {name};"]
    )


def type_blocks(face: Face, *, declare: bool = False) -> list[Document]:
    """Return all types, errors and services; with `declare` none has a body."""
    schema = face.schema
    blocks: list[Document] = []
    if any(isinstance(found, NewTypeDefinition) for found in schema.definitions.values()):
        blocks.append("declare const brand: unique symbol;")
    for key, definition in schema.definitions.items():
        blocks.extend(definition_blocks(key, definition, face, declare=declare))
    blocks.extend(_custom_blocks(face))
    for key in in_order(face):
        blocks.extend(error_blocks(key, schema.errors[key], face, declare=declare))
    blocks.extend(union_block(face))
    for service in schema.services:
        blocks.extend(service_blocks(service, face, declare=declare))
    return blocks


def _custom_blocks(face: Face) -> list[Document]:
    found: dict[str, Custom] = {}
    for type_ in all_types(face.schema):
        for part in everything(type_):
            if isinstance(part, Custom):
                found.setdefault(part.name, part)
    return [
        (
            *comment([[f"`{name}` in Python, as it travels."]]),
            f"export type {face.naming.custom(name)} =",
            face.types.write(found[name].wire, is_input=False, place="alias"),
            ";",
        )
        for name in sorted(found)
        if face.codec(name) is None
    ]


def warning_block(face: Face) -> list[Document]:
    """Return what could not be described of things that have no comment of their own."""
    untold = face.untold_warnings()
    if not untold:
        return []
    return [join(HARD_LINE, [line for w in untold for line in line_comment(warning_text(w))])]


def _client_blocks(face: Face) -> list[Document]:
    schema, client = face.schema, face.naming.client
    spec_type = face.runtime("ModuleSpec")
    members_: list[Document] = [
        (f"static get $spec(): {spec_type} {{", Indent((HARD_LINE, "return spec;")), HARD_LINE, "}")
    ]
    for service in schema.services:
        name, factory = face.naming.services[service.name], face.naming.factories[service.name]
        made = Group(Indent((LINE, f"new {factory}(this)")))
        members_.append(Group((f"readonly {name}: {factory} =", made, ";")))
    names = client_member_names(face)
    members_.extend(
        method(function, names[function.name], "methods", face, function.name)
        for function in schema.functions
    )
    base = face.runtime("ModuleClient", value=True)
    summary = body(schema.documentation)
    intro = [] if any(summary) else [prose(f"The Python module {string(schema.module)}.")]
    about = [*intro, *summary, *endings(schema.documentation)]
    specification = Specification(face).blocks()
    return [
        class_block(client, base, members_, about),
        *_own_place(face),
        _connect(face),
        "// Below: what the runtime needs to know.",
        *specification,
    ]


def _own_place(face: Face) -> list[Document]:
    """Declare what Node tells a CommonJS file of its place: not every project has the types of Node."""
    return ["declare const __filename: string;"] if face.options.module == "cjs" else []


def _connect(face: Face) -> Document:
    options = face.runtime("ModuleConnectOptions")
    connect = face.runtime("connectModule", value=True)
    client = face.naming.client
    here = "__filename" if face.options.module == "cjs" else "import.meta.url"
    head = Group(
        (
            "export function connect",
            bracketed([f"options: {options} = {{}}"]),
            ": ",
            promise(client),
        )
    )
    passed = listed("(", [client, "options", here], ")")
    return (
        *comment([["Start the module's workers and return its client."]]),
        head,
        " {",
        Indent((HARD_LINE, "return ", connect, passed, ";")),
        HARD_LINE,
        "}",
    )
