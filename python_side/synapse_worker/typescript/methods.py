"""Writes the methods of the client, of services and of their factories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.types import Scalar

from .comments import body, code, comment, endings, prose, tag
from .document import HARD_LINE, Document, Group, Indent, join, listed
from .literals import property_access, property_name
from .names import CLIENT_MEMBERS, Scope, identifier, is_identifier, renamed
from .remarks import default_value, sentences
from .signatures import Signature, promise
from .type_layout import bracketed, generic

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Function, Parameter
    from synapse_worker.schema.types import Type

    from .face import Face


def member_names(
    functions: tuple[Function, ...], taken: frozenset[str], face: Face, what: str
) -> dict[str, str]:
    """Return the name of each function as a member of its class."""
    wanted = renamed(
        [function.name for function in functions], camel=face.options.camel_case, what=what
    )
    scope = Scope(taken)
    return {name: scope.take(wish) for name, wish in wanted.items()}


def client_member_names(face: Face) -> dict[str, str]:
    """Return the name of each function as a method of the client; services' names are taken."""
    taken = CLIENT_MEMBERS | set(face.naming.services.values())
    return member_names(face.schema.functions, taken, face, face.schema.module)


def method(function: Function, name: str, table: str, face: Face, where: str) -> Document:
    """Return a method: its documentation, its overloads and its one-line body.

    `table` is the constant its description stands in, `where` how the schema's warnings call it.
    """
    signature = Signature(function, face, frozenset({table}))
    member = property_name(name) if not is_identifier(name) else name
    about = comment(_about(function, name, signature, face, where))
    body_ = (
        " {",
        Indent((HARD_LINE, _delegation(function, name, table, signature))),
        HARD_LINE,
        "}",
    )
    heads = _heads(function, member, signature, face)
    if not function.overloads:
        return (*about, heads[0], body_)
    hidden = _head(member, signature.implementation(), returns(function, Scalar("unknown"), face))
    overloads = join(HARD_LINE, [(head, ";") for head in heads])
    return (*about, overloads, HARD_LINE, hidden, body_)


def declared(function: Function, name: str, member: str, face: Face, where: str) -> Document:
    """Return a method or function without a body; `member` is the text its parameters follow."""
    signature = Signature(function, face, frozenset())
    about = comment(_about(function, name, signature, face, where))
    heads = _heads(function, member, signature, face)
    return (*about, join(HARD_LINE, [(head, ";") for head in heads]))


def untyped(function: Function, name: str, table: str, face: Face) -> Document:
    """Return a method in JavaScript."""
    signature = Signature(function, face, frozenset({table}))
    values, keywords, options = signature.arguments()
    slots: list[Document] = [*values, *([keywords] if keywords != "undefined" else []), options]
    head = Group((property_name(name), bracketed(slots)))
    return (
        head,
        " {",
        Indent((HARD_LINE, _delegation(function, name, table, signature))),
        HARD_LINE,
        "}",
    )


def _heads(function: Function, member: str, signature: Signature, face: Face) -> list[Document]:
    variables = ", ".join(map(identifier, function.type_parameters))
    if variables:
        member += f"<{variables}>"
    if not function.overloads:
        return [_head(member, signature.parameters(), returns(function, function.returns, face))]
    return [
        _head(
            member,
            signature.overloaded(overload.parameters),
            returns(function, overload.returns, face),
        )
        for overload in function.overloads
    ]


def _delegation(function: Function, name: str, table: str, signature: Signature) -> Document:
    values, keywords, options = signature.arguments()
    passed: list[Document] = [
        property_access(table, name),
        listed("[", values, "]"),
        keywords,
        options,
    ]
    call = "this.$stream" if function.is_stream else "this.$call"
    return ("return ", call, listed("(", passed, ")"), ";")


def returns(function: Function, type_: Type, face: Face) -> Document:
    """Return what a call gives: a promise, or a stream."""
    if function.is_stream:
        item = face.types.write(type_, is_input=False, place="argument")
        return generic(face.runtime("SynapseStream"), [item])
    if type_ == Scalar("none"):
        return promise("void")
    return promise(face.types.write(type_, is_input=False, place="argument"))


def _head(member: str, parameters: list[Document], result: Document) -> Document:
    return Group((member, bracketed(parameters), ": ", result))


def _about(
    function: Function, name: str, signature: Signature, face: Face, where: str
) -> list[list[str]]:
    documentation = function.documentation
    blocks = body(documentation)
    if name != function.name and function.name != "$new":
        blocks.append(prose(f"`{function.name}` in Python."))
    blocks.extend(face.warnings(where))
    slots = signature.slots
    for parameter in [*slots.positional, *([slots.rest] if slots.rest else [])]:
        blocks.append(_parameter(parameter, signature, documentation.parameters))
    if slots.extra is not None:
        text = documentation.parameters.get(slots.extra.name, "")
        blocks.append(tag(f"@param {signature.keywords} -", text))
    blocks.append(tag("@returns", documentation.returns))
    blocks.extend(_throws(function, face))
    return [*blocks, *endings(documentation)]


def _parameter(parameter: Parameter, signature: Signature, texts: dict[str, str]) -> list[str]:
    lines = sentences(texts.get(parameter.name, ""), parameter.type)
    default = default_value(parameter.default)
    if not parameter.required and default:
        note = f"Default: {code(default)}."
        end = "" if not lines or lines[-1].endswith((".", "!", "?", ":", ";")) else "."
        lines = [*lines[:-1], f"{lines[-1]}{end} {note}"] if lines else [note]
    if not lines:
        return []
    name = signature.names[parameter.name]
    return [f"@param {name} - {lines[0]}", *(f"  {line}".rstrip() for line in lines[1:])]


def _throws(function: Function, face: Face) -> list[list[str]]:
    told = dict(function.documentation.raises)
    blocks = []
    for name in [*told, *(name for name in function.raises if name not in told)]:
        short = name.rpartition(".")[2]
        known = face.naming.errors.get(name) or face.naming.errors.get(short)
        label = f"{{@link {known}}}" if known else f"`{' '.join(prose(name))}`"
        text = told.get(name, "")
        blocks.append(tag(f"@throws {label}", text) or [f"@throws {label}"])
    return blocks
