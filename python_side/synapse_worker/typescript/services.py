"""Writes services: a class for the instances, and a factory that makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comments import body, comment, endings
from .document import HARD_LINE, Document, Indent, join
from .literals import property_name
from .methods import declared, member_names, method
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
        # One without parameters is what letting go runs; one with parameters is called itself.
        closers = [function for function in service.methods if function.name == "close"]
        self.has_close = any(function.parameters for function in closers)
        if closers and not self.has_close:
            self.instance = tuple(m for m in self.instance if m.name != "close")


def service_blocks(service: Service, face: Face, *, declare: bool = False) -> list[Document]:
    """Return the class and the factory; with `declare` their bodies are empty.

    A declaration's class is an interface: its name is the factory's, as a value.
    """
    name = face.naming.services[service.name]
    factory = face.naming.factories[service.name]
    table = face.naming.service_methods[service.name]
    names = ServiceNames(service, face)

    def write(function: Function) -> Document:
        member, where = names.members[function.name], f"{service.name}.{function.name}"
        return write_as(function, member, where)

    def write_as(function: Function, member: str, where: str) -> Document:
        if declare:
            return declared(function, member, property_name(member), face, where)
        return method(function, member, table, face, where)

    made = f"Made by `client.{name}.create()`, lives in one worker until it is closed."
    about = [*body(service.documentation), [made], *face.warnings(service.name)]
    members = [write(function) for function in names.instance]
    if not names.has_close:
        members.append(_CLOSE_DECLARED if declare else _CLOSE)
    base = face.runtime("ServiceInstance", value=not declare)
    makers = [
        write_as(service.constructor, "create", f"{service.name}.__init__"),
        *(write(function) for function in names.static),
    ]
    parent = face.runtime("ServiceFactory", value=not declare)
    word = "export interface" if declare else "export class"
    making = [[f"Makes instances of {{@link {name}}}."]]
    about = [*about, *endings(service.documentation)]
    return [
        class_block(name, base, members, about, word=word),
        class_block(factory, parent, makers, making, word=word),
        *([f"export declare const {name}: {factory};"] if declare else []),
    ]


_CLOSE_ABOUT = "/** Forget the instance in Python, after its own `close` if it has one. */"
_CLOSE_DECLARED: Document = (_CLOSE_ABOUT, HARD_LINE, "close(): Promise<void>;")
_CLOSE_BODY: Document = (" {", Indent((HARD_LINE, "return this.$dispose();")), HARD_LINE, "}")
_CLOSE: Document = (_CLOSE_ABOUT, HARD_LINE, "close(): Promise<void>", _CLOSE_BODY)
UNTYPED_CLOSE: Document = ("close()", _CLOSE_BODY)


def class_block(
    name: str,
    base: str,
    members: list[Document],
    about: list[list[str]],
    *,
    word: str = "export class",
) -> Document:
    """Return a class, or an interface, with its members, a line of air between them."""
    head = f"{word} {name} extends {base} {{"
    if not members:
        return (*comment(about), f"{head}}}")
    lines = join((HARD_LINE, HARD_LINE), members)
    return (*comment(about), head, Indent((HARD_LINE, lines)), HARD_LINE, "}")
