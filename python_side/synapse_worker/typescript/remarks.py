"""What TSDoc says of a value beyond its docstring: its bounds, its default, the form of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synapse_worker.schema.types import Array, Map, Reference, Scalar, Set, Union

from .comments import constraint_text, prose
from .literals import is_exact, literal, property_key

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Default
    from synapse_worker.schema.types import Json, Type

_FORMS = {
    "naive_datetime": "A date and time without a zone, as ISO 8601",
    "date": "A date, as ISO 8601",
    "time": "A time of day, as ISO 8601",
    "timedelta": "A duration, as ISO 8601",
    "uuid": "A UUID",
    "decimal": "A decimal number, as text",
    "path": "A path",
}
# A default longer than this says nothing at a glance.
_LONGEST_DEFAULT = 100


def sentences(text: str, type_: Type) -> list[str]:
    """Return a description with what its type adds, as lines."""
    lines = prose(text)
    added = [note for note in (_form(type_), _bounds(type_)) if note]
    for note in added:
        sentence = f"{note[0].upper()}{note[1:]}."
        if lines:
            end = "" if lines[-1].endswith((".", "!", "?", ":", ";")) else "."
            lines[-1] = f"{lines[-1]}{end} {sentence}"
        else:
            lines = [sentence]
    return lines


def default_value(default: Default | None) -> str:
    """Return a default as TypeScript text, or as Python's where it is no plain value."""
    if default is None:
        return ""
    text = default.text if default.text is not None else _json(default.value)
    lines = prose(text)
    return lines[0] if len(lines) == 1 and len(lines[0]) <= _LONGEST_DEFAULT else ""


def _json(value: Json) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_json, value))}]"
        case dict():
            entries = ", ".join(
                f"{property_key(key)}: {_json(item)}" for key, item in value.items()
            )
            return f"{{ {entries} }}" if entries else "{}"
        case _:
            return literal(value) if is_exact(value) else str(value)


def _form(type_: Type) -> str:
    scalar = _without_none(type_)
    return _FORMS.get(scalar.name, "") if isinstance(scalar, Scalar) else ""


def _bounds(type_: Type) -> str:
    bounded = _without_none(type_)
    if isinstance(bounded, Scalar | Array | Set | Map):
        return constraint_text(bounded.constraints)
    return ""


def _without_none(type_: Type) -> Type:
    if isinstance(type_, Union):
        rest = [option for option in type_.options if option != Scalar("none")]
        if len(rest) == 1 and not isinstance(rest[0], Reference):
            return rest[0]
    return type_
