"""Writes types: what a value is for whoever gives it (input) and whoever gets it (output)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.definitions import EnumDefinition, NewTypeDefinition
from synapse_worker.schema.types import (
    Array,
    Callback,
    Custom,
    Literal,
    Map,
    NdArray,
    OpenTuple,
    Reference,
    Scalar,
    ServiceReference,
    Set,
    Stream,
    Table,
    Tuple,
    Type,
    TypeVariable,
    Union,
)

from .directions import accepts_bare_array
from .document import LINE, Document, Group, IfBroken, Indent, listed, print_document
from .literals import is_exact, literal
from .names import identifier
from .type_layout import bracketed, generic, is_function, is_readonly, union
from .walking import OpenMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.schema.definitions import Schema

    from .naming import Naming
    from .options import RenderOptions

_SCALARS = {
    "none": "null",
    "bool": "boolean",
    "int": "number",
    "bigint": "bigint",
    "float": "number",
    "bytes": "Uint8Array",
    "datetime": "Date",
    "unknown": "unknown",
    "never": "never",
}
_ARRAYS = {
    "bool": "Uint8Array",
    "int8": "Int8Array",
    "uint8": "Uint8Array",
    "int16": "Int16Array",
    "uint16": "Uint16Array",
    "int32": "Int32Array",
    "uint32": "Uint32Array",
    "int64": "BigInt64Array",
    "uint64": "BigUint64Array",
    "float32": "Float32Array",
    "float64": "Float64Array",
    "complex64": "Float32Array",
    "complex128": "Float64Array",
}


class TypeText:
    """Writes the types of one schema with the names of one file."""

    def __init__(
        self,
        schema: Schema,
        naming: Naming,
        options: RenderOptions,
        runtime: Callable[[str], str],
    ) -> None:
        self._schema = schema
        self._naming = naming
        self._exact_times = options.exact_times
        self._runtime = runtime
        self._in_alias = False

    def input(self, type_: Type) -> Document:
        """Return the type of an argument."""
        return self.write(type_, is_input=True)

    def output(self, type_: Type) -> Document:
        """Return the type of a result."""
        return self.write(type_, is_input=False)

    def result(self, type_: Type) -> Document:
        """Return what a promise of a result resolves to: nothing, where Python returns None."""
        return "void" if type_ == Scalar("none") else self.output(type_)

    def alias(self, type_: Type, *, is_input: bool) -> Document:
        """Return what an alias stands for, after its `=`.

        It may contain itself, which TypeScript forgives inside `{…}` but not inside `Record<…>`.
        """
        self._in_alias = True
        try:
            return self.write(type_, is_input=is_input, place="alias")
        finally:
            self._in_alias = False

    def write(self, type_: Type, *, is_input: bool, place: str = "") -> Document:
        """Return a type. `place` is what it stands in, where that asks for another layout."""
        options = self._options(type_, is_input=is_input)
        if len(options) == 1:
            text = options[0]
            if place == "alias":
                return Group(Indent((LINE, text))) if isinstance(text, str) else (" ", text)
            wraps = place == "array" and (is_readonly(text) or isinstance(type_, Callback))
            return ("(", text, ")") if wraps else text
        parts = [("(", part, ")") if is_function(part) else part for part in options]
        return union(parts, place)

    def _options(self, type_: Type, *, is_input: bool) -> list[Document]:
        match type_:
            case Union():
                found = [o for t in type_.options for o in self._options(t, is_input=is_input)]
            case Literal():
                found = [literal(value) if is_exact(value) else "number" for value in type_.values]
            case Stream():
                found = [
                    self._generic(name, (type_.items,), is_input=is_input)
                    for name in ("AsyncIterable", "Iterable")
                ]
            case NdArray() if is_input and accepts_bare_array(type_):
                bare = _ARRAYS.get(type_.dtype or "")
                found = [self._ndarray(type_), *([bare] if bare else [])]
            case _:
                return [self._single(type_, is_input=is_input)]
        seen: dict[str, Document] = {}
        for option in found:
            seen.setdefault(print_document(Group(option)), option)
        if "null" in seen:  # last, as it is read
            seen["null"] = seen.pop("null")
        if "unknown" in seen:
            return ["unknown"]
        return list(seen.values()) or ["never"]

    def _single(self, type_: Type, *, is_input: bool) -> Document:
        match type_:
            case Scalar():
                text = _SCALARS.get(type_.name, "string")
                if type_.name == "datetime" and self._exact_times:
                    return "bigint"
                if type_.name == "complex":
                    parts = listed("[", ["re: number", "im: number"], "]")
                    return ("readonly ", parts) if is_input else parts
                return text
            case Array():
                items = self.write(type_.items, is_input=is_input, place="array")
                return ("readonly " if is_input else "", items, "[]")
            case Set():
                name = "ReadonlySet" if is_input else "Set"
                return self._generic(name, (type_.items,), is_input=is_input)
            case Tuple():
                return self.tuple_of([(None, item) for item in type_.items], is_input=is_input)
            case OpenTuple():
                return self._open_tuple(type_, is_input=is_input)
            case Map():
                return self._map(type_, is_input=is_input)
            case Reference():
                names = self._naming.inputs if is_input else {}
                name = names.get(type_.name) or self._naming.definitions[type_.name]
                return self._generic(name, type_.arguments, is_input=is_input)
            case TypeVariable():
                return identifier(type_.name)
            case NdArray():
                return self._ndarray(type_)
            case Table():
                return self._runtime("ArrowTable")
            case Callback():
                return self._callback(type_)
            case ServiceReference():
                return self._naming.services[type_.name]
            case Custom():
                return self._naming.custom(type_.name)
            case _:
                raise AssertionError(type_)

    def tuple_of(self, items: list[tuple[str | None, Type]], *, is_input: bool) -> Document:
        """Return a tuple type, its members labelled where they have names."""
        written = [
            (f"{label}: ", self.write(item, is_input=is_input))
            if label
            else self.write(
                item, is_input=is_input, place="tuple" if len(items) > 1 else "argument"
            )
            for label, item in items
        ]
        return ("readonly " if is_input else "", listed("[", written, "]"))

    def _open_tuple(self, type_: OpenTuple, *, is_input: bool) -> Document:
        """Return a tuple type with a rest element, wherever that stands."""

        def written(items: tuple[Type, ...]) -> list[Document]:
            return [self.write(item, is_input=is_input, place="tuple") for item in items]

        rest = ("...", self.write(type_.rest, is_input=is_input, place="array"), "[]")
        items = [*written(type_.first), rest, *written(type_.last)]
        return ("readonly " if is_input else "", listed("[", items, "]"))

    def _map(self, type_: Map, *, is_input: bool) -> Document:
        if not is_record(type_, self._schema):
            name = "ReadonlyMap" if is_input else "Map"
            return self._generic(name, (type_.keys, type_.values), is_input=is_input)
        is_partial = isinstance(type_.keys, Literal) or self._is_enum(type_.keys)
        if self._in_alias:
            return self._mapped(type_, is_input=is_input, is_partial=is_partial)
        record = self._generic("Record", (type_.keys, type_.values), is_input=is_input)
        readonly = generic("Readonly", [record]) if is_input else record
        return generic("Partial", [readonly]) if is_partial else readonly

    def _mapped(self, type_: Map, *, is_input: bool, is_partial: bool) -> Document:
        word = "readonly " if is_input else ""
        keys = self.write(type_.keys, is_input=is_input, place="argument")
        key = (": ", keys) if keys == "string" else (" in ", keys)
        optional = "?" if is_partial else ""
        values = self.write(type_.values, is_input=is_input)
        member = (f"{word}[key", *key, f"]{optional}: ", values, IfBroken(";"))
        return Group(("{", Indent((LINE, member)), LINE, "}"))

    def _is_enum(self, type_: Type) -> bool:
        return isinstance(type_, Reference) and isinstance(
            self._schema.definitions.get(type_.name), EnumDefinition
        )

    def _ndarray(self, type_: NdArray) -> Document:
        items = _ARRAYS.get(type_.dtype or "")
        return generic(self._runtime("NdArray"), [items] if items else [])

    def _generic(self, name: str, arguments: tuple[Type, ...], *, is_input: bool) -> Document:
        return generic(
            name, [self.write(item, is_input=is_input, place="argument") for item in arguments]
        )

    def _callback(self, type_: Callback) -> Document:
        if type_.parameters is None:
            parameters: list[Document] = ["...args: any[]"]
        else:
            one = len(type_.parameters) == 1
            parameters = [
                (f"{'value' if one else f'arg{number}'}: ", self.output(parameter))
                for number, parameter in enumerate(type_.parameters, 1)
            ]
        if type_.returns == Scalar("none"):
            returns: Document = "void"
        else:
            options = self._options(type_.returns, is_input=True)
            value = self.write(type_.returns, is_input=True, place="argument")
            if options == ["unknown"]:
                returns = "unknown"
            else:
                promise = generic("Promise", [value])
                parts = [("(", part, ")") if is_function(part) else part for part in options]
                returns = union([*parts, promise], "")
        return Group((bracketed(parameters, rest=type_.parameters is None), " => ", returns))


def is_record(type_: Map, schema: Schema) -> bool:
    """Say whether every key is a string as it travels and as it stands in JavaScript."""
    keys = type_.keys
    if isinstance(type_, OpenMap):
        return False
    match keys:
        case Scalar():
            return keys.name == "str"
        case Literal():
            return all(isinstance(value, str) for value in keys.values)
        case Reference():
            definition = schema.definitions[keys.name]
            if isinstance(definition, NewTypeDefinition):
                return isinstance(definition.base, Scalar) and definition.base.name == "str"
            return isinstance(definition, EnumDefinition) and all(
                isinstance(member.value, str) for member in definition.members
            )
        case _:
            return False
