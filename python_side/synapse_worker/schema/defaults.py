"""Default values, as JSON where they are plain, else as text that is the same in every process."""

from __future__ import annotations

import enum
import math
import sys
from typing import Any

from .definitions import Default

# What JavaScript can read without loss.
LARGEST_INTEGER = 2**53 - 1


def default_of(value: Any) -> Default:
    """Return a default value."""
    if isinstance(value, enum.Enum):
        # As it travels, where that can be shown.
        return default_of(value.value) if _is_plain(value.value) else Default(text=str(value))
    return Default(value=_listed(value)) if _is_plain(value) else Default(text=_text(value))


def factory_default(factory: Any) -> Default:
    """Return the default that a factory makes."""
    if factory in (list, dict):
        return Default(value=factory())
    name = getattr(factory, "__qualname__", "")
    return Default(text=f"{name}()" if name and "<" not in name else "...")


def _is_plain(value: Any, depth: int = 4) -> bool:
    if value is None or type(value) in (bool, str):
        return True
    if type(value) is int:
        return abs(value) <= LARGEST_INTEGER
    if type(value) is float:
        return math.isfinite(value)
    if depth and type(value) in (list, tuple):
        return all(_is_plain(item, depth - 1) for item in value)
    if depth and type(value) is dict:
        return all(type(k) is str and _is_plain(v, depth - 1) for k, v in value.items())
    return False


def _listed(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_listed(item) for item in value]
    return {k: _listed(v) for k, v in value.items()} if isinstance(value, dict) else value


def _text(value: Any) -> str:
    """Return Python text for a value. Never an address, and nothing that hash order decides."""
    if isinstance(value, (set, frozenset)):
        inside = ", ".join(sorted(_text(item) for item in value))
        return f"{type(value).__name__}({{{inside}}})" if inside else f"{type(value).__name__}()"
    pathlib = sys.modules.get("pathlib")
    if pathlib is not None and isinstance(value, pathlib.PurePath):
        return f"Path({str(value)!r})"
    if callable(value):
        name = getattr(value, "__qualname__", "")
        return name if name and "<" not in name else "..."
    if type(value).__module__ in ("builtins", "datetime", "decimal", "uuid", "fractions"):
        text = repr(value)
        return text if " at 0x" not in text and not _holds_sets(value) else "..."
    return f"{type(value).__name__}(...)"


def _holds_sets(value: Any) -> bool:
    items = (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, (list, tuple))
        else ()
    )
    return any(isinstance(item, (set, frozenset)) or _holds_sets(item) for item in items)
