"""Types and signatures as one line of text, close to how Python would write them.

Members of a schema are compared by these lines (`fingerprint.py`), so they leave nothing out that
decides how a value travels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.frozen import fields

from . import types as kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .definitions import (
        Definition,
        Field,
        Function,
        Overload,
        Parameter,
    )

_SCALARS = {
    "none": "None",
    "unknown": "Any",
    "never": "Never",
    "bigint": "BigInt",
    "naive_datetime": "NaiveDatetime",
}


def spell_type(type_: kinds.Type) -> str:
    """Return a type as text: `list[Quote] | None`."""
    match type_:
        case kinds.Scalar():
            text = _SCALARS.get(type_.name, type_.name)
            return _bounded(text, type_.constraints)
        case kinds.Literal():
            return f"Literal[{', '.join(repr(value) for value in type_.values)}]"
        case kinds.Array():
            return _bounded(f"list[{spell_type(type_.items)}]", type_.constraints)
        case kinds.Set():
            return _bounded(f"set[{spell_type(type_.items)}]", type_.constraints)
        case kinds.Map():
            inside = f"{spell_type(type_.keys)}, {spell_type(type_.values)}"
            return _bounded(f"dict[{inside}]", type_.constraints)
        case kinds.Tuple():
            return f"tuple[{_listed(type_.items) or '()'}]"
        case kinds.OpenTuple():
            rest = f"*tuple[{spell_type(type_.rest)}, ...]"
            return f"tuple[{', '.join([*map(spell_type, type_.first), rest, *map(spell_type, type_.last)])}]"
        case kinds.Union():
            text = " | ".join(spell_type(option) for option in type_.options)
            return f"({text}) by {type_.discriminator}" if type_.discriminator else text
        case kinds.Reference():
            return type_.name + (f"[{_listed(type_.arguments)}]" if type_.arguments else "")
        case kinds.NdArray():
            shape = ", ".join("?" if size is None else str(size) for size in type_.shape or ())
            return f"ndarray[{type_.dtype or 'Any'}{f', ({shape})' if type_.shape is not None else ''}]"
        case kinds.Table():
            return f"{type_.library} table"
        case kinds.Callback():
            parameters = "..." if type_.parameters is None else f"[{_listed(type_.parameters)}]"
            returns = spell_type(type_.returns)
            return (
                f"Callable[{parameters}, {f'Awaitable[{returns}]' if type_.is_async else returns}]"
            )
        case kinds.Stream():
            return f"Iterator[{spell_type(type_.items)}]"
        case kinds.ServiceReference():
            return f"service {type_.name}"
        case kinds.Custom():
            return f"{type_.name} as {spell_type(type_.wire)}"
        case kinds.TypeVariable():
            return type_.name
    raise AssertionError(f"A type of a new kind: {type_!r}")


def spell_signature(function: Function | Overload) -> str:
    """Return parameters and result: `(symbol: str, *, depth: int = ...) -> Quote`."""
    parts: list[str] = []
    previous = ""
    for parameter in function.parameters:
        if previous == "positional_only" != parameter.kind:
            parts.append("/")
        if parameter.kind == "keyword_only" and previous not in ("keyword_only", "var_positional"):
            parts.append("*")
        parts.append(_parameter(parameter))
        previous = parameter.kind
    if previous == "positional_only":
        parts.append("/")
    return f"({', '.join(parts)}) -> {spell_type(function.returns)}"


def spell_function(function: Function) -> str:
    """Return all that a caller depends on: `stream (symbol: str) -> Quote`, overloads after it."""
    words = [
        "static" if function.is_static else "",
        "stream" if function.is_stream else "",
        f"[{', '.join(function.type_parameters)}]" if function.type_parameters else "",
        spell_signature(function),
        *(f"overload {spell_signature(overload)}" for overload in function.overloads),
        f"raises {', '.join(function.raises)}" if function.raises else "",
    ]
    return " ".join(filter(None, words))


def spell_definition(definition: Definition) -> str:
    """Return a definition as text: `{symbol: str, price: float = ...}`."""
    from . import definitions as nouns

    head = ""
    if parameters := getattr(definition, "type_parameters", ()):
        head = f"[{', '.join(parameters)}] "
    match definition:
        case nouns.ObjectDefinition():
            tag = [f"tag {definition.tag[0]}={definition.tag[1]!r}"] if definition.tag else []
            rest = (
                ""
                if definition.unknown_fields == "ignore"
                else f" {definition.unknown_fields} unknown fields"
            )
            return f"{head}{definition.style} {{{', '.join([*tag, *spell_fields(definition.fields)])}}}{rest}"
        case nouns.TupleDefinition():
            tag = [repr(definition.tag)] if definition.tag is not None else []
            return f"{head}tuple ({', '.join([*tag, *spell_fields(definition.fields)])})"
        case nouns.EnumDefinition():
            members = ", ".join(f"{member.name}={member.value!r}" for member in definition.members)
            return f"{'flag' if definition.is_flag else 'enum'} {{{members}}}"
        case nouns.NewTypeDefinition():
            return f"new type of {spell_type(definition.base)}"
        case nouns.AliasDefinition():
            return f"{head}alias of {spell_type(definition.type)}"
    raise AssertionError(f"A definition of a new kind: {definition!r}")


def spell_fields(described: Iterable[Field]) -> list[str]:
    """Return each field as `name: type`, with `?` where it may be absent and ` = ...` for a default."""
    return [
        f"{'' if field.direction == 'both' else field.direction + ' '}{field.name}"
        f"{'?' if not field.required and field.default is None else ''}: {spell_type(field.type)}"
        f"{' = ...' if field.default is not None else ''}"
        for field in described
    ]


def _parameter(parameter: Parameter) -> str:
    stars = {"var_positional": "*", "var_keyword": "**"}.get(parameter.kind, "")
    default = "" if parameter.required or stars else " = ..."
    return f"{stars}{parameter.name}: {spell_type(parameter.type)}{default}"


def _listed(types: tuple[kinds.Type, ...]) -> str:
    return ", ".join(spell_type(item) for item in types)


def _bounded(text: str, constraints: kinds.Constraints | None) -> str:
    if constraints is None:
        return text
    bounds = [
        f"{field.name}={value!r}"
        for field in fields(constraints)
        if (value := getattr(constraints, field.name)) is not None
    ]
    return f"{text}({', '.join(bounds)})"
