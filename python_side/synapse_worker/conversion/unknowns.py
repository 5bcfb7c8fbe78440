"""Which types leave room for values of any kind: functions among them, which only their caller can make callable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..frozen import Frozen, fields
from ..schema import types as t

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..schema.definitions import Definition


def leaves_open(described: Any, definitions: Mapping[str, Definition]) -> bool:
    """Whether somewhere in types, or in what is described by types, anything may stand."""
    return _search(described, definitions, set())


def _search(value: Any, definitions: Mapping[str, Definition], seen: set[str]) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_search(part, definitions, seen) for part in value)
    if not isinstance(value, Frozen):
        return False
    if isinstance(value, t.TypeVariable) or value == t.UNKNOWN:
        return True
    # No functions travel in the calls of a function, nor in the items of a stream.
    if isinstance(value, (t.Callback, t.Stream)):
        return False
    if isinstance(value, t.Reference) and value.name not in seen:
        seen.add(value.name)
        if _search(definitions.get(value.name), definitions, seen):
            return True
    parts = (getattr(value, field.name) for field in fields(value))
    return any(_search(part, definitions, seen) for part in parts)
