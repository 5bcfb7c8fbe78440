"""Which names TypeScript lets stand where: identifiers, reserved words, names already taken."""

from __future__ import annotations

import re
import unicodedata

from .options import GenerationError

# Words that name no variable, parameter or class in strict code.
RESERVED_WORDS = frozenset(
    [
        "arguments",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "enum",
        "eval",
        "export",
        "extends",
        "false",
        "finally",
        "for",
        "function",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "interface",
        "let",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "var",
        "void",
        "while",
        "with",
        "yield",
    ]
)
# What a type may not be called, on top of these.
_TYPE_WORDS = frozenset(
    [
        "any",
        "asserts",
        "bigint",
        "boolean",
        "infer",
        "intrinsic",
        "is",
        "keyof",
        "never",
        "number",
        "object",
        "readonly",
        "string",
        "symbol",
        "type",
        "unique",
        "unknown",
    ]
)
# The platform's own, used in what is generated or expected by whoever reads it.
_GLOBALS = frozenset(
    [
        "Array",
        "ArrayBuffer",
        "AsyncIterable",
        "AsyncIterator",
        "BigInt",
        "BigInt64Array",
        "BigUint64Array",
        "Boolean",
        "Buffer",
        "Date",
        "Error",
        "Exclude",
        "Extract",
        "Float32Array",
        "Float64Array",
        "Function",
        "Infinity",
        "Int16Array",
        "Int32Array",
        "Int8Array",
        "Iterable",
        "Iterator",
        "Map",
        "NaN",
        "NonNullable",
        "Number",
        "Object",
        "Omit",
        "Parameters",
        "Partial",
        "Pick",
        "Promise",
        "Readonly",
        "ReadonlyArray",
        "ReadonlyMap",
        "ReadonlySet",
        "Record",
        "Reflect",
        "RegExp",
        "Required",
        "ReturnType",
        "Set",
        "String",
        "Symbol",
        "Uint16Array",
        "Uint32Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "WeakMap",
        "WeakSet",
        "globalThis",
        "require",
        "exports",
        "module",
        "__filename",
        "__dirname",
    ]
)
# What a generated file imports and what it declares for itself.
RUNTIME_NAMES = frozenset(
    [
        "ArrowTable",
        "CallOptions",
        "ModuleClient",
        "ModuleConnectOptions",
        "ModuleSpec",
        "NdArray",
        "Plan",
        "PythonError",
        "ServiceFactory",
        "ServiceInstance",
        "SynapseStream",
        "connectModule",
        "method",
        "plainMethod",
        "plan",
        "synapse",
    ]
)
_OWN_NAMES = frozenset({"brand", "connect", "methods", "spec"})
FILE_NAMES = RESERVED_WORDS | _TYPE_WORDS | _GLOBALS | RUNTIME_NAMES | _OWN_NAMES

# What every object has, and what `await` looks for.
_OBJECT_MEMBERS = frozenset(
    [
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "then",
        "toLocaleString",
        "toString",
        "valueOf",
    ]
)
RUNTIME_MEMBERS = frozenset({"$call", "$client", "$stream", "$service", "$dispose", "$spec"})
CLIENT_MEMBERS = _OBJECT_MEMBERS | RUNTIME_MEMBERS | {"close", "terminate"}
# `close` is not among them: Python's own takes its place.
INSTANCE_MEMBERS = _OBJECT_MEMBERS | RUNTIME_MEMBERS
FACTORY_MEMBERS = _OBJECT_MEMBERS | RUNTIME_MEMBERS | {"create"}

_SIMPLE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*", re.ASCII)
# The characters of an identifier in ECMAScript 5, by their Unicode categories: Prettier takes the
# quotes from such names, and from no others.
_STARTS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"})
_PARTS = _STARTS | {"Mn", "Mc", "Nd", "Pc"}
_LAST_OF_PLANE = "\uffff"


def is_simple(name: str) -> bool:
    """Say whether a property of this name needs no quotes."""
    if name.isascii():
        return _SIMPLE.fullmatch(name) is not None
    first, rest = name[0], name[1:]
    return (
        max(name) <= _LAST_OF_PLANE
        and (first in "$_" or unicodedata.category(first) in _STARTS)
        and all(letter == "$" or unicodedata.category(letter) in _PARTS for letter in rest)
    )


def is_identifier(name: str) -> bool:
    """Say whether it can name a variable, reserved words aside."""
    return is_simple(name) or name.replace("$", "_").isidentifier()


def identifier(text: str) -> str:
    """Return the nearest text that can name a variable."""
    if is_identifier(text):
        return text
    name = "".join(letter if is_identifier(f"_{letter}") else "_" for letter in text)
    return name if is_identifier(name) else f"_{name}"


def camel_case(name: str) -> str:
    """Return `max_depth` as `maxDepth`; underscores at either end stay."""
    body = name.strip("_")
    if "_" not in body or body.isupper():
        return name
    start = name[: len(name) - len(name.lstrip("_"))]
    end = name[len(name.rstrip("_")) :]
    first, *rest = (part for part in body.split("_") if part)
    return start + first + "".join(part[0].upper() + part[1:] for part in rest) + end


def pascal_case(name: str) -> str:
    """Return `my-module` as `MyModule`."""
    parts = [part for part in re.split(r"[\W_]+", name) if part]
    return identifier("".join(part[0].upper() + part[1:] for part in parts) or "Module")


def lower_first(name: str) -> str:
    """Return `QuoteInput` as `quoteInput`."""
    return name[:1].lower() + name[1:]


class Scope:
    """Names in use in one place; what comes later makes way."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = set(taken)

    @property
    def taken(self) -> frozenset[str]:
        """Every name in use."""
        return frozenset(self._taken)

    def take(self, *wishes: str) -> str:
        """Return the first of the wished names that is free, else the last with underscores."""
        for wish in wishes:
            if wish not in self._taken:
                break
        else:
            wish = wishes[-1]
            while wish in self._taken:
                wish += "_"
        self._taken.add(wish)
        return wish


def renamed(names: list[str], *, camel: bool, what: str) -> dict[str, str]:
    """Return each Python name's JavaScript name.

    Raises:
        GenerationError: two of them would become one.
    """
    if not camel:
        return {name: name for name in names}
    result: dict[str, str] = {}
    origin: dict[str, str] = {}
    for name in dict.fromkeys(names):
        wanted = camel_case(name)
        if wanted in origin:
            raise GenerationError(
                f"{what}: {origin[wanted]!r} and {name!r} are both {wanted!r} in camelCase. Rename one "
                "of the two in Python, or generate without --camel-case."
            )
        origin[wanted] = name
        result[name] = wanted
    return result
