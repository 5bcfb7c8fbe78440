"""The short way for arguments: one call of msgspec converts them all, where its rules and ours are the same.

What it takes, our own decoders would take and make the same of; whatever it refuses goes to them, for the message
or, where they are more lenient, for the value.
"""

from __future__ import annotations

import enum
import sys
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .record_fields import is_carried_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from .interface import Decoding

    Native = Callable[[list[Any], dict[str, Any]], tuple[tuple[Any, ...], dict[str, Any]] | None]

_SCALARS = {"bool": bool, "int": int, "float": float, "str": str, "none": type(None)}


def native_arguments(function: d.Function, decoders: Decoding) -> Native | None:
    """Return what converts positional arguments at once or gives up with None; None if it never could.

    Worth it only where there is something to walk through: a few scalars are as fast one by one.
    """
    parameters = function.parameters
    if any(
        not parameter.kind.startswith("positional") and parameter.required
        for parameter in parameters
    ):
        return None
    positional = [p for p in parameters if p.kind.startswith("positional")]
    if all(isinstance(decoders.resolved(p.type), t.Scalar) for p in positional):
        return None
    try:
        import msgspec
    except ImportError:
        return None
    kinds = [_annotation(p.type, decoders, frozenset()) for p in positional]
    least = sum(p.required for p in positional)
    by_count: list[Any] = [None] * least
    for count in range(least, len(kinds) + 1):
        if None in kinds[:count] or not count:
            by_count.append(None)
            continue
        by_count.append(tuple.__class_getitem__(tuple(kinds[:count])))
    if not any(by_count):
        return None
    try:
        for kind in by_count:
            if kind is not None:
                msgspec.json.Decoder(
                    kind
                )  # has it look at the types, and say now what it cannot do
    except Exception:
        return None
    convert, most = msgspec.convert, len(kinds)

    def convert_all(
        args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        if kwargs or len(args) > most:
            return None
        kind = by_count[len(args)]
        if kind is None:
            return None
        try:
            return convert(args, kind), kwargs
        except Exception:  # also what __post_init__ raised: the own decoders say where
            return None

    return convert_all


def _annotation(type_: t.Type, decoders: Decoding, seen: frozenset[str]) -> Any:
    """Return the annotation by which msgspec means what we mean by a type, or None."""
    type_ = decoders.resolved(type_)
    if getattr(type_, "constraints", None) is not None:
        return None
    match type_:
        case t.Scalar(name=name, python=None):
            return _SCALARS.get(name)
        case t.Array(items=items, python=python) if python in (None, list, tuple):
            inner = _annotation(items, decoders, seen)
            if inner is None:
                return None
            return (
                tuple.__class_getitem__((inner, ...))
                if python is tuple
                else list.__class_getitem__(inner)
            )
        case t.Map(keys=t.Scalar(name="str", constraints=None, python=None), values=values):
            inner = _annotation(values, decoders, seen)
            if inner is None or type_.python not in (None, dict):
                return None
            return dict.__class_getitem__((str, inner))
        case t.Union(options=(option, t.Scalar(name="none"))):
            inner = _annotation(option, decoders, seen)
            return None if inner is None else inner | None
        case t.Reference(name=name, arguments=()):
            return _class(decoders.definitions[name], decoders, seen | {name}, name in seen)
    return None


def _class(
    definition: d.Definition, decoders: Decoding, seen: frozenset[str], is_known: bool
) -> Any:
    python = getattr(definition, "python", None)
    if isinstance(definition, d.EnumDefinition):
        return python if _is_plain_enum(definition) else None
    if not isinstance(definition, d.ObjectDefinition) or not is_carried_whole(definition):
        return None
    if definition.style not in ("dataclass", "msgspec") or definition.type_parameters:
        return None
    if is_known:
        return python
    same = all(
        field.direction == "both" and _annotation(field.type, decoders, seen) is not None
        for field in definition.fields
    )
    if not same or definition.unknown_fields != "ignore" or "pydantic" in _families(python):
        return None
    return python


def _is_plain_enum(definition: d.EnumDefinition) -> bool:
    python = definition.python
    kinds = {type(member.value) for member in definition.members}
    return (
        not definition.is_flag
        and (kinds == {str} or kinds == {int})
        and getattr(python._missing_, "__func__", None) is enum.Enum._missing_.__func__  # type: ignore[attr-defined]
    )


def _families(python: Any) -> set[str]:
    is_pydantic = "pydantic" in sys.modules and hasattr(python, "__pydantic_validator__")
    return {"pydantic"} if is_pydantic else set()
