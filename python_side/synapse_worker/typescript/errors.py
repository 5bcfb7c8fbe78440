"""Writes the errors a module declares: classes told apart by `pythonType`, with their data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comments import comment
from .definitions import field_member, fields_block
from .document import HARD_LINE, LINE, Document, Group, Indent, join
from .literals import string
from .services import class_block
from .type_layout import union

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import ErrorDefinition

    from .face import Face


def error_blocks(
    key: str, error: ErrorDefinition, face: Face, *, declare: bool = False
) -> list[Document]:
    """Return the class of an error, after the interface of its data."""
    name = face.naming.errors[key]
    blocks: list[Document] = []
    pythons = [error.name, *sorted(_descendants(key, face))]
    texts: list[Document] = [string(name) for name in dict.fromkeys(pythons)]
    word = "readonly" if declare else "declare readonly"
    members: list[Document] = [(f"{word} pythonType: ", union(texts, ""), ";")]
    if details := face.naming.details.get(key):
        names = face.field_names(error.name, error.fields)
        fields = [
            field_member(field, face, names[field.name], is_input=False, optional=False)
            for field in error.fields
        ]
        about = [[f"What {{@link {name}}} tells."]]
        blocks.append(fields_block(f"export interface {details}", fields, about))
        members.append(f"{word} details: {details};")
    parent = parent_of(key, face)
    base = face.naming.errors[parent] if parent else face.runtime("PythonError", value=True)
    about = face.about(key, error.documentation, name, error.name)
    class_ = class_block(
        name, base, [join(HARD_LINE, members)], about, word=f"export {'declare ' * declare}class"
    )
    return [*blocks, class_]


def union_block(face: Face) -> list[Document]:
    """Return the union of all errors, in which `pythonType` tells one from another."""
    name = face.naming.any_error
    if name is None:
        return []
    options: list[Document] = []
    for key in in_order(face):
        own, python = face.naming.errors[key], face.schema.errors[key].name
        # Those that others extend have the others' names too: here they stand for themselves.
        exact = Group(("{", Indent((LINE, f"readonly pythonType: {string(python)}")), LINE, "}"))
        options.append(("(", own, " & ", exact, ")") if _descendants(key, face) else own)
    about = [["Any error that the module declares; `pythonType` says which."]]
    return [(*comment(about), f"export type {name} =", union(options, "alias"), ";")]


def parent_of(key: str, face: Face) -> str | None:
    """Return the nearest declared ancestor whose data this error has as well."""
    error = face.schema.errors[key]
    own = {field.name: field.type for field in error.fields}
    for name in error.bases:
        base = face.schema.errors.get(name)
        if base is not None and name != key:
            inherited = {field.name: field.type for field in base.fields}
            return name if inherited.items() <= own.items() else None
    return None


def in_order(face: Face) -> list[str]:
    """Return the errors, every class after the one it extends."""
    ordered: list[str] = []

    def add(key: str, trail: tuple[str, ...] = ()) -> None:
        if key in ordered or key in trail:
            return
        parent = parent_of(key, face)
        if parent is not None:
            add(parent, (*trail, key))
        ordered.append(key)

    for key in face.schema.errors:
        add(key)
    return ordered


def _descendants(key: str, face: Face) -> set[str]:
    found = set()
    for other in face.schema.errors:
        at: str | None = other
        seen = set()
        while at is not None and at not in seen:
            seen.add(at)
            at = parent_of(at, face)
            if at == key:
                found.add(face.schema.errors[other].name)
    return found
