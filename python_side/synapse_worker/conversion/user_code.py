"""Whether a value of a type can be made without running code of the user's.

Such code has its place inside its call: there it can be cancelled, what it prints is attributed, its time counts.
"""

from __future__ import annotations

from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t

if TYPE_CHECKING:
    from .interface import Decoding

_PLAIN_FACTORIES = (list, dict, set, frozenset, tuple, bytearray)


def runs_user_code(type_: t.Type, decoders: Decoding, seen: frozenset[str] = frozenset()) -> bool:
    """Whether msgspec may run code of the user's when it makes a value of this type."""
    type_ = decoders.resolved(type_)
    match type_:
        case t.Scalar(python=None):
            return False
        case t.Array(items=inner) | t.Map(keys=t.Scalar(name="str"), values=inner):
            return runs_user_code(inner, decoders, seen)
        case t.Union(options=options):
            return any(runs_user_code(option, decoders, seen) for option in options)
        case t.Reference(name=name):
            if name in seen:
                return False
            definition = decoders.definitions[name]
            if isinstance(definition, d.EnumDefinition):
                return False  # msgspec looks its members up in a table of its own
            return not isinstance(definition, d.ObjectDefinition) or _record_runs_user_code(
                definition, decoders, seen | {name}
            )
    return True


def _record_runs_user_code(
    definition: d.ObjectDefinition, decoders: Decoding, seen: frozenset[str]
) -> bool:
    return _class_runs_user_code(definition.python) or any(
        runs_user_code(field.type, decoders, seen) for field in definition.fields
    )


def _class_runs_user_code(python: Any) -> bool:
    if hasattr(python, "__post_init__") or hasattr(python, "__pre_init__"):
        return True
    config = getattr(python, "__struct_config__", None)
    if config is not None:
        factories = [f for f in python.__struct_defaults__ if hasattr(f, "factory")]
        return any(default.factory not in _PLAIN_FACTORIES for default in factories)
    fields = getattr(python, "__dataclass_fields__", {})
    is_frozen = getattr(python, "__dataclass_params__").frozen if fields else False  # noqa: B009
    return (
        python.__new__ is not object.__new__
        or not (is_frozen or python.__setattr__ is object.__setattr__)
        or any(_is_set_by_code(python, name) for name in fields)
    )


def _is_set_by_code(python: type, name: str) -> bool:
    """Whether an attribute is a property, or the like, which is no slot."""
    found = next((vars(cls)[name] for cls in python.__mro__ if name in vars(cls)), None)
    return hasattr(type(found), "__set__") and not isinstance(found, MemberDescriptorType)
