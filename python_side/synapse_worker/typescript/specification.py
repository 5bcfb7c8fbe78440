"""Writes what the runtime needs to know of a module: its plans, its methods, its spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.fingerprint import members, schema_hash
from synapse_worker.schema.types import ServiceReference

from .document import HARD_LINE, Document, Indent, join
from .expressions import Array, Expression, Name, Object, assignment, call
from .literals import property_key, string
from .methods import client_member_names
from .plans import Plans
from .services import ServiceNames
from .signatures import slots_of
from .walking import functions

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Function
    from synapse_worker.schema.types import Type

    from .face import Face

# The version of generated code, checked by the runtime that reads it.
SPEC_FORMAT = 1


class Specification:
    """The lower half of a generated file."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._plans = Plans(face)
        for _, function in functions(face.schema):
            for type_ in (*(p.type for p in function.parameters), result_type(function)):
                self._plans.expect(type_)
            if self._plans.is_wide(result_type(function)):
                self._plans.expect_wide(result_type(function))
        self._tables = [
            *(self._service(service.name) for service in face.schema.services),
            ("methods", self._methods()),
        ]
        self._spec = self._spec_entries()

    def blocks(self, *, typed: bool = True) -> list[Document]:
        """Return the constants, each after what it uses."""
        plan_type = f": {self._face.runtime('Plan')}" if typed and self._plans.constants else ""
        constants: list[Document] = [
            (assignment(f"const {name}{plan_type}", value), ";")
            for name, value in self._plans.constants
        ]
        tables = [_expanded(f"const {name} = {{", entries, "};") for name, entries in self._tables]
        spec_type = f": {self._face.runtime('ModuleSpec')}" if typed else ""
        return [*constants, *tables, _expanded(f"const spec{spec_type} = {{", self._spec, "};")]

    def _methods(self) -> list[Document]:
        schema = self._face.schema
        names = client_member_names(self._face)
        return [
            self._entry(names[function.name], function, function.name)
            for function in schema.functions
        ]

    def _service(self, name: str) -> tuple[str, list[Document]]:
        service = next(one for one in self._face.schema.services if one.name == name)
        names = ServiceNames(service, self._face).members
        entries = [self._entry("create", service.constructor, f"{name}.$new")]
        entries.extend(
            self._entry(names[method.name], method, f"{name}.{method.name}")
            for method in service.methods
        )
        return self._face.naming.service_methods[name], entries

    def _entry(self, key: str, function: Function, name: str) -> Document:
        described = self._method(function, name)
        keys = {key for key, _ in described.entries}
        kind = "method" if "arguments" in keys or not takes_plain(function) else "plainMethod"
        value = call(self._face.runtime(kind, value=True), described)
        return (assignment(property_key(key), value, operator=":"), ",")

    def _method(self, function: Function, name: str) -> Object:
        type_ = result_type(function)
        wide = self._plans.is_wide(type_)
        entries: list[tuple[str, Expression | None]] = [
            ("name", Name(string(name))),
            ("parameters", Array(tuple(Name(string(mark)) for mark in markers(function)))),
        ]
        if function.is_stream:
            entries.append(("stream", Name("true")))
        if renames := self._renames(function):
            entries.append(("names", renames))
        arguments = tuple(
            (parameter.name, plan)
            for parameter in function.parameters
            if (plan := self._plans.argument(parameter.type)) is not None
        )
        if arguments:
            entries.append(("arguments", Object(arguments)))
        if (plan := self._plans.result(type_, wide=wide)) is not None:
            entries.append(("result", plan))
        if wide:
            entries.append(("wide", Name("true")))
        return Object(tuple(entries))

    def _renames(self, function: Function) -> Object | None:
        keywords = slots_of(function.parameters).keywords
        pairs = tuple(
            (name, Name(string(keyword.name)))
            for keyword in keywords
            if (name := self._face.member_name(keyword.name)) != keyword.name
        )
        return Object(pairs) if pairs else None

    def _spec_entries(self) -> list[Document]:
        face, schema = self._face, self._face.schema
        texts = members(schema)
        listing = tuple((name, Name(string(texts[name]))) for name in sorted(texts))
        services = tuple(
            (
                service.name,
                Object(
                    (
                        ("class", Name(face.naming.services[service.name])),
                        ("methods", Name(face.naming.service_methods[service.name])),
                    )
                ),
            )
            for service in schema.services
        )
        entries: list[Document] = [
            f"format: {SPEC_FORMAT},",
            (assignment("module", Name(string(schema.module)), operator=":"), ","),
            (assignment("directory", Name(string(face.options.directory)), operator=":"), ","),
            (assignment("hash", Name(string(schema_hash(schema))), operator=":"), ","),
            _expanded("members: {", _lines(listing), "},"),
            "methods,",
            _expanded("services: {", _lines(services), "},"),
            _expanded("errors: {", _lines(self._errors()), "},"),
        ]
        return entries

    def _errors(self) -> tuple[tuple[str, Expression], ...]:
        found: list[tuple[str, Expression]] = []
        for key, error in self._face.schema.errors.items():
            details = self._plans.error(error.name, error.fields) if error.fields else None
            parts: list[tuple[str, Expression | None]] = [
                ("class", Name(self._face.naming.errors[key]))
            ]
            if details is not None:
                parts.append(("details", details))
            found.append((error.name, Object(tuple(parts))))
        return tuple(found)


def result_type(function: Function) -> Type:
    """Return the type that replies are decoded by: a constructor's is its service."""
    if function.name == "$new" and not isinstance(function.returns, ServiceReference):
        raise AssertionError("a constructor returns its service")
    return function.returns


def takes_plain(function: Function) -> bool:
    """Return whether each parameter takes one argument that may go by position and by name."""
    return all(parameter.kind == "positional_or_keyword" for parameter in function.parameters)


def markers(function: Function) -> list[str]:
    """Return a signature as the runtime reads it: names with `/`, `*`, `*args`, `**kwargs`, `?`."""
    marks: list[str] = []
    kinds = [parameter.kind for parameter in function.parameters]
    last_positional_only = max(
        (at for at, kind in enumerate(kinds) if kind == "positional_only"), default=-1
    )
    for at, parameter in enumerate(function.parameters):
        if parameter.kind == "keyword_only" and not any(mark.startswith("*") for mark in marks):
            marks.append("*")
        if parameter.kind == "var_positional":
            marks.append(f"*{parameter.name}")
        elif parameter.kind == "var_keyword":
            marks.append(f"**{parameter.name}")
        else:
            marks.append(parameter.name + ("" if parameter.required else "?"))
        if at == last_positional_only:
            marks.append("/")
    return marks


def _lines(entries: tuple[tuple[str, Expression], ...]) -> list[Document]:
    return [(assignment(property_key(key), value, operator=":"), ",") for key, value in entries]


def _expanded(opening: str, lines: list[Document], closing: str) -> Document:
    if not lines:
        return opening + closing
    return (opening, Indent((HARD_LINE, join(HARD_LINE, lines))), HARD_LINE, closing)
