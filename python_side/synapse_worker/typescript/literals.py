"""Writes values as TypeScript source: no text, whatever it holds, can leave its quotes."""

from __future__ import annotations

import math
import re

from .names import is_simple

MAX_SAFE_INTEGER = 2**53 - 1

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\\": "\\\\"}
# Controls, line separators, what is invisible or turns the writing direction, halves of pairs.
_UNSAFE = re.compile(
    r"[\\\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]"
)


def string(text: str) -> str:
    """Return text in the quotes that need fewer escapes, double ones if it is the same."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = _UNSAFE.sub(_escaped, text)
    return quote + body.replace(quote, f"\\{quote}") + quote


def literal(value: str | float | bool | None) -> str:
    """Return a literal type or value; numbers JavaScript cannot hold exactly are refused."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return string(value)
    if not is_exact(value):
        raise ValueError(f"{value!r} is no literal in TypeScript")
    if abs(value) <= MAX_SAFE_INTEGER and value == int(value):
        return "-0" if math.copysign(1, value) < 0 and not value else str(int(value))
    return repr(value).replace("e+", "e")


def is_exact(value: str | float | bool | None) -> bool:
    """Say whether a value has a literal type in TypeScript."""
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= MAX_SAFE_INTEGER


def property_name(name: str) -> str:
    """Return a name as a property of a type: quoted where it must be."""
    return name if is_simple(name) else string(name)


def property_key(name: str) -> str:
    """Return a name as a key of an object literal, where `__proto__` would set the prototype."""
    return '["__proto__"]' if name == "__proto__" else property_name(name)


def property_access(target: str, name: str) -> str:
    """Return an expression that reads a property."""
    return f"{target}.{name}" if is_simple(name) else f"{target}[{string(name)}]"


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
