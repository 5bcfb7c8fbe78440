"""Writes what importing a main.py directly runs: JavaScript that connects, and exports its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import EnumDefinition, NewTypeDefinition

from .client import header, imports, source_file
from .definitions import enum_value
from .document import HARD_LINE, LINE, Document, Group, Indent, join, listed
from .errors import in_order, parent_of
from .exports import exports
from .expressions import Name, Object, assignment, call
from .face import Face
from .literals import is_exact, property_access, string
from .methods import client_member_names, untyped
from .names import lower_first
from .options import RenderOptions
from .services import UNTYPED_CLOSE, ServiceNames, class_block
from .specification import Specification

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema, Service


def render_javascript(schema: Schema, entrypoint: str = "main.py") -> str:
    """Return the ES module that stands for a module's entrypoint when it is imported."""
    face = Face(schema, RenderOptions())
    blocks: list[Document] = [*_values(face), *_errors(face)]
    for service in schema.services:
        blocks.extend(_service(service, face))
    blocks.append(_client(face))
    blocks.extend(Specification(face).blocks(typed=False))
    blocks.extend(_connection(face, entrypoint))
    face.imported_types.clear()
    urls = 'import { fileURLToPath } from "node:url";'
    return source_file(header(face), [join(HARD_LINE, [urls, *imports(face)]), *blocks])


def _values(face: Face) -> list[Document]:
    """Return what enums and brands are at run time."""
    found: list[Document] = []
    for key, definition in face.schema.definitions.items():
        name = face.naming.definitions[key]
        if isinstance(definition, NewTypeDefinition):
            found.append(f"export const {name} = (value) => value;")
        elif isinstance(definition, EnumDefinition) and any(
            is_exact(member.value) for member in definition.members
        ):
            found.append(enum_value(name, definition))
    return found


def _errors(face: Face) -> list[Document]:
    found: list[Document] = []
    for key in in_order(face):
        parent = parent_of(key, face)
        base = face.naming.errors[parent] if parent else face.runtime("PythonError", value=True)
        found.append(class_block(face.naming.errors[key], base, [], []))
    return found


def _service(service: Service, face: Face) -> list[Document]:
    table = face.naming.service_methods[service.name]
    names = ServiceNames(service, face)
    members = [untyped(one, names.members[one.name], table, face) for one in names.instance]
    if not names.has_close:
        members.append(UNTYPED_CLOSE)
    makers = [
        untyped(service.constructor, "create", table, face),
        *(untyped(one, names.members[one.name], table, face) for one in names.static),
    ]
    instance = face.runtime("ServiceInstance", value=True)
    factory = face.runtime("ServiceFactory", value=True)
    return [
        class_block(face.naming.services[service.name], instance, members, [], word="class"),
        class_block(face.naming.factories[service.name], factory, makers, [], word="class"),
    ]


def _client(face: Face) -> Document:
    schema = face.schema
    members: list[Document] = [
        ("static get $spec() {", Indent((HARD_LINE, "return spec;")), HARD_LINE, "}")
    ]
    for service in schema.services:
        name, factory = face.naming.services[service.name], face.naming.factories[service.name]
        members.append(f"{name} = new {factory}(this);")
    names = client_member_names(face)
    members.extend(untyped(one, names[one.name], "methods", face) for one in schema.functions)
    base = face.runtime("ModuleClient", value=True)
    return class_block(face.naming.client, base, members, [], word="class")


def _connection(face: Face, entrypoint: str) -> list[Document]:
    functions, client = exports(face)
    connect = face.runtime("connectModule", value=True)
    here = call("new URL", Name('"."'), Name("import.meta.url"))
    options = Object(
        (("dir", call("fileURLToPath", here)), ("entrypoint", Name(string(entrypoint))))
    )
    made = call(f"await {connect}", Name(face.naming.client), options, Name("import.meta.url"))
    found: list[Document] = [(assignment(f"export const {client}", made), ";")]
    names = client_member_names(face)
    for function in face.schema.functions:
        if function.name not in functions:
            continue
        export = functions[function.name]
        member = property_access(client, names[function.name])
        word = "const" if export.renaming else "export const"
        bound = Group(Indent((LINE, f"{member}.bind({client});")))
        found.append(Group((f"{word} {export.local} =", bound)))
        if export.renaming:
            found.append(export.renaming)
    makers: list[Document] = []
    for service in face.schema.services:
        name = face.naming.services[service.name]
        local = face.naming.scope.take(f"{lower_first(name)}Maker")
        found.append(f"const {local} = {property_access(client, name)};")
        makers.append(f"{local} as {name}")
    if makers:
        found.append(("export ", listed("{", makers, "}", padded=True), ";"))
    return found
