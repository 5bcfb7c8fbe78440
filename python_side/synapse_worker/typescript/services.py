"""Writes services: a class for the instances, and a factory that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comments import body, comment, endings
from .document import HARD_LINE, Document, Indent, join
from .methods import member_names, method
from .names import FACTORY_MEMBERS, INSTANCE_MEMBERS

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Function, Service

    from .face import Face


class ServiceNames:
    """The members of a service's class and of its factory."""

    def __init__(self, service: Service, face: Face) -> None:
        self.instance = tuple(m for m in service.methods if not m.is_static)
        self.static = tuple(m for m in service.methods if m.is_static)
        # One table describes both: a name stands in it once.
        taken = INSTANCE_MEMBERS | FACTORY_MEMBERS
        self.members = member_names(service.methods, taken, face, service.name)
        self.has_close = "close" in self.members.values()


def service_blocks(service: Service, face: Face) -> list[Document]:
    """Return the class and the factory."""
    name = face.naming.services[service.name]
    factory = face.naming.factories[service.name]
    table = face.naming.service_methods[service.name]
    names = ServiceNames(service, face)

    def write(function: Function) -> Document:
        where = f"{service.name}.{function.name}"
        return method(function, names.members[function.name], table, face, where)

    made = f"Made by `client.{name}.create()`, lives in one worker until it is closed."
    about = [*body(service.documentation), [made], *face.warnings(service.name)]
    members = [write(function) for function in names.instance]
    if not names.has_close:
        members.append(_CLOSE)
    base = face.runtime("ServiceInstance", value=True)
    makers = [
        method(service.constructor, "create", table, face, f"{service.name}.__init__"),
        *(write(function) for function in names.static),
    ]
    parent = face.runtime("ServiceFactory", value=True)
    return [
        class_block(name, base, members, [*about, *endings(service.documentation)]),
        class_block(factory, parent, makers, [[f"Makes instances of {{@link {name}}}."]]),
    ]


_CLOSE: Document = (
    "/** Lets the instance go; Python closes it. */",
    HARD_LINE,
    "close(): Promise<void> {",
    Indent((HARD_LINE, "return this.$dispose();")),
    HARD_LINE,
    "}",
)


def class_block(name: str, base: str, members: list[Document], about: list[list[str]]) -> Document:
    """Return a class with its members, a line of air between them."""
    head = f"export class {name} extends {base} {{"
    if not members:
        return (*comment(about), f"{head}}}")
    lines = join((HARD_LINE, HARD_LINE), members)
    return (*comment(about), head, Indent((HARD_LINE, lines)), HARD_LINE, "}")
