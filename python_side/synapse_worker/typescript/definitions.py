"""Writes the named types: interfaces, tuples, enums, brands and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import (
    AliasDefinition,
    EnumDefinition,
    NewTypeDefinition,
    ObjectDefinition,
    TupleDefinition,
)

from .comments import comment, prose
from .directions import may_be_absent
from .document import HARD_LINE, LINE, Document, Group, IfBroken, Indent, join, listed
from .literals import is_exact, literal, property_key, property_name
from .names import RESERVED_WORDS, Scope, identifier
from .remarks import default_value, sentences
from .type_layout import bracketed, union, union_with

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Definition, Field

    from .face import Face


def definition_blocks(
    key: str, definition: Definition, face: Face, *, declare: bool = False
) -> list[Document]:
    """Return the declarations of a definition: one, or an output and an input form.

    With `declare` nothing has a value, as in a declaration file.
    """
    name = face.naming.definitions[key]
    match definition:
        case ObjectDefinition() | TupleDefinition():
            about = face.about(key, definition.documentation, name, definition.name)
            blocks = [_record(name, definition, about, face, is_input=False)]
            if other := face.naming.inputs.get(key):
                more = (
                    ": what has a default may be left out"
                    if face.directions.leaves_out(definition)
                    else ""
                )
                intro = [[f"{{@link {name}}} as an argument{more}."]]
                blocks.append(_record(other, definition, intro, face, is_input=True))
            return blocks
        case EnumDefinition():
            about = face.about(key, definition.documentation, name, definition.name)
            return _enum(name, definition, about, declare=declare)
        case NewTypeDefinition():
            return _brand(key, name, definition, face, declare=declare)
        case AliasDefinition():
            return _alias(key, name, definition, face)
        case _:
            raise AssertionError(definition)


def fields_block(head: str, fields: list[Document], about: list[list[str]]) -> Document:
    """Return an interface with its members."""
    if not fields:
        return (*comment(about), f"{head} {{}}")
    return (
        *comment(about),
        f"{head} {{",
        Indent((HARD_LINE, join(HARD_LINE, fields))),
        HARD_LINE,
        "}",
    )


def field_member(
    field: Field, face: Face, name: str, *, is_input: bool, optional: bool, extra: str = ""
) -> Document:
    """Return one member of an interface with what is known of it."""
    type_ = face.types.write(field.type, is_input=is_input)
    docs = [sentences(field.documentation, field.type), [extra] if extra else []]
    default = default_value(field.default)
    if optional and default:
        docs.append([f"@defaultValue {default}"])
    return (*comment(docs), member(property_name(name), type_, optional=optional), ";")


def member(name: str, type_: Document, *, optional: bool) -> Document:
    """Return `name: type`, or `name?: type | undefined`."""
    return (name, "?: " if optional else ": ", or_undefined(type_) if optional else type_)


def or_undefined(type_: Document) -> Document:
    """Return a type that may be undefined as well."""
    if type_ in {"unknown", "undefined"}:
        return type_
    return union_with(type_, "undefined")


def _parameters(definition: ObjectDefinition | TupleDefinition | AliasDefinition) -> str:
    names = ", ".join(map(identifier, definition.type_parameters))
    return f"<{names}>" if names else ""


def _record(
    name: str,
    definition: ObjectDefinition | TupleDefinition,
    about: list[list[str]],
    face: Face,
    *,
    is_input: bool,
) -> Document:
    if isinstance(definition, TupleDefinition):
        return _tuple(name, definition, about, face, is_input=is_input)
    return _interface(name, definition, about, face, is_input=is_input)


def _interface(
    name: str,
    definition: ObjectDefinition,
    about: list[list[str]],
    face: Face,
    *,
    is_input: bool,
) -> Document:
    names = face.field_names(definition.name, definition.fields)
    members: list[Document] = []
    if definition.tag and definition.tag[0] not in names:
        tag, value = definition.tag
        members.append((f"{property_name(face.member_name(tag))}: {literal(value)}", ";"))
    hidden = "output" if is_input else "input"
    for field in definition.fields:
        if field.direction == hidden:
            continue
        optional = (
            face.directions.may_be_left_out(definition.name, field)
            if is_input
            else may_be_absent(field)
        )
        members.append(
            field_member(field, face, names[field.name], is_input=is_input, optional=optional)
        )
    if definition.unknown_fields == "keep":
        members.append("[key: string]: unknown;")
    return fields_block(f"export interface {name}{_parameters(definition)}", members, about)


def _tuple(
    name: str,
    definition: TupleDefinition,
    about: list[list[str]],
    face: Face,
    *,
    is_input: bool,
) -> Document:
    labels = face.field_names(definition.name, definition.fields)
    items: list[Document] = []
    scope = Scope(RESERVED_WORDS)
    if definition.tag is not None:
        items.append(f"tag: {literal(definition.tag)}")
    required_after = [
        any(later.required for later in definition.fields[at:])
        for at in range(1, len(definition.fields) + 1)
    ]
    for field, after in zip(definition.fields, required_after, strict=True):
        type_ = face.types.write(field.type, is_input=is_input)
        optional = is_input and not field.required and not after
        label = scope.take(identifier(labels[field.name]))
        items.append((f"{label}{'?' if optional else ''}: ", type_))
    docs = [
        f"- `{labels[field.name]}`: {' '.join(lines)}"
        for field in definition.fields
        if (lines := sentences(field.documentation, field.type))
    ]
    text = (
        f"export type {name}{_parameters(definition)} = ",
        "readonly " if is_input else "",
        listed("[", items, "]"),
        ";",
    )
    return (*comment([*about, docs]), text)


def _enum(
    name: str, definition: EnumDefinition, about: list[list[str]], *, declare: bool
) -> list[Document]:
    values: list[Document] = [
        literal(member.value) if is_exact(member.value) else "number"
        for member in definition.members
    ]
    if definition.is_flag:
        about = [*about, ["A sum of any of the members."]]
        values = ["number"]
    options = list(dict.fromkeys(values)) or ["never"]
    type_ = (*comment(about), f"export type {name} =", union(options, "alias"), ";")
    if not any(is_exact(member.value) for member in definition.members):
        return [type_]
    if declare:
        value = _braced(f"export declare const {name}: {{", _members(definition, "readonly "), "};")
    else:
        value = enum_value(name, definition, " as const;")
    return [(type_, HARD_LINE, value)]


def enum_value(name: str, definition: EnumDefinition, ending: str = ";") -> Document:
    """Return the constant object of an enum's members."""
    return _braced(f"export const {name} = {{", _members(definition, ""), f"}}{ending}")


def _members(definition: EnumDefinition, prefix: str) -> list[Document]:
    end = ";" if prefix else ","
    key = property_name if prefix else property_key
    return [
        (
            *comment([prose(member.documentation)]),
            f"{prefix}{key(member.name)}: {literal(member.value)}{end}",
        )
        for member in definition.members
        if is_exact(member.value)
    ]


def _braced(opening: str, lines: list[Document], closing: str) -> Document:
    return (opening, Indent((HARD_LINE, join(HARD_LINE, lines))), HARD_LINE, closing)


def _brand(
    key: str, name: str, definition: NewTypeDefinition, face: Face, *, declare: bool
) -> list[Document]:
    about = face.about(key, definition.documentation, name, definition.name)
    taken = face.naming.inputs.get(key, name)
    blocks: list[Document] = []
    if taken != name:
        blocks.append(_branded(name, definition, about, face, is_input=False))
        about = [[f"{{@link {name}}} as an argument."]]
    type_ = _branded(taken, definition, about, face, is_input=taken != name)
    value = ("value: ", face.types.input(definition.base))
    if declare:
        maker: Document = (
            f"export declare const {name}: ",
            Group((bracketed([value]), f" => {taken}")),
            ";",
        )
    else:
        head = Group((bracketed([value]), f": {taken}"))
        result = Group(Indent((LINE, f"value as {taken}")))
        maker = Group((f"export const {name} = ", head, " =>", result, ";"))
    return [*blocks, (type_, HARD_LINE, maker)]


def _branded(
    name: str,
    definition: NewTypeDefinition,
    about: list[list[str]],
    face: Face,
    *,
    is_input: bool,
) -> Document:
    base = face.types.write(definition.base, is_input=is_input, place="array")
    mark = f"readonly [brand]: {{ {property_name(definition.name)}: true }}"
    brand = Group(("{", Indent((LINE, mark)), IfBroken(";"), LINE, "}"))
    return (*comment(about), f"export type {name} = ", base, " & ", brand, ";")


def _alias(key: str, name: str, definition: AliasDefinition, face: Face) -> list[Document]:
    about = face.about(key, definition.documentation, name, definition.name)
    parameters = _parameters(definition)
    forms = [(name, False), *([(other, True)] if (other := face.naming.inputs.get(key)) else [])]
    return [
        (
            *comment(about if not is_input else [[f"{{@link {name}}} as an argument."]]),
            f"export type {form}{parameters} =",
            face.types.alias(definition.type, is_input=is_input),
            ";",
        )
        for form, is_input in forms
    ]
