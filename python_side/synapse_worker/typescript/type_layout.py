"""Lays out what types are made of: type arguments, parameters, unions. It knows no types of a schema."""

from __future__ import annotations

from .document import (
    LINE,
    SOFT_LINE,
    Document,
    Group,
    IfBroken,
    Indent,
    Line,
    join,
    print_document,
)


def generic(name: str, arguments: list[Document]) -> Document:
    """Return a type with its type arguments, after which no comma stands."""
    if not arguments:
        return name
    if len(arguments) == 1 and isinstance(arguments[0], str):
        return (name, "<", arguments[0], ">")
    inner = (SOFT_LINE, join((",", LINE), arguments))
    return (name, Group(("<", Indent(inner), SOFT_LINE, ">")))


def bracketed(parameters: list[Document], *, rest: bool = False) -> Document:
    """Return parameters; their group is that of the whole signature. A rest has no comma."""
    if not parameters:
        return "()"
    comma = "" if rest else IfBroken(",")
    return ("(", Indent((SOFT_LINE, join((",", LINE), parameters))), comma, SOFT_LINE, ")")


def union(parts: list[Document], place: str) -> Document:
    """Return a union; after an alias's `=` with the space or line that comes first."""
    if len(parts) == 1:
        return Group(Indent((LINE, parts[0]))) if place == "alias" else parts[0]
    code = (IfBroken("| "), join((LINE, "| "), map(Indent, parts)))
    if place == "array":
        return Group(("(", Indent((SOFT_LINE, Group(code))), SOFT_LINE, ")"))
    if place == "tuple":
        return Group((Indent((IfBroken(("(", SOFT_LINE)), code)), SOFT_LINE, IfBroken(")")))
    if place == "argument":
        return Group(code)
    return Group(Indent((LINE if place == "alias" else SOFT_LINE, Group(code))))


def union_with(type_: Document, other: str) -> Document:
    """Return a type or another, laid out as one union."""
    match type_:
        case Group(Indent((Line(), Group((IfBroken(), members))))):
            # A union already: its bars line up with ours.
            code = (IfBroken("| "), members, LINE, "| ", other)
            return Group(Indent((SOFT_LINE, Group(code))))
        case _:
            first: Document = ("(", type_, ")") if is_function(type_) else type_
            return union([first, other], "")


def is_readonly(text: Document) -> bool:
    """Say whether a type begins with `readonly`, which binds weaker than brackets behind it."""
    flat = print_document(Group(text))
    return flat.startswith("readonly ")


def is_function(part: Document) -> bool:
    """Say whether a type is a function's, which has to stand in brackets among others."""
    return isinstance(part, Group) and isinstance(part.contents, tuple) and " => " in part.contents
