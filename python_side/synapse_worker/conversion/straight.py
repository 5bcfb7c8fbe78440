"""Whether values of a type can be made straight from their bytes, before the call that they are for has begun.

Code of the user's has its place inside its call: there it can be cancelled, what it prints is attributed, its time
counts. And of bytes msgspec takes some that we refuse, or makes something else of them.
"""

from __future__ import annotations

from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t

if TYPE_CHECKING:
    from .interface import Decoding

_PLAIN_FACTORIES = (list, dict, set, frozenset, tuple, bytearray)


def is_made_straight(type_: t.Type, decoders: Decoding, seen: frozenset[str] = frozenset()) -> bool:
    """Whether msgspec makes of the bytes of a value what our own decoders make of it, without user code."""
    type_ = decoders.resolved(type_)
    match type_:
        case t.Scalar(name=name, python=None):
            # As a text it would take a time that has no zone, and round one that is more exact than Python's.
            return name != "datetime"
        case t.Literal():
            return True
        case t.Array(items=inner) | t.Map(keys=t.Scalar(name="str"), values=inner):
            return is_made_straight(inner, decoders, seen)
        case t.Tuple(items=inners) | t.Union(options=inners):
            return all(is_made_straight(inner, decoders, seen) for inner in inners)
        case t.Reference(name=name):
            if name in seen:
                return True
            definition = decoders.definitions[name]
            if isinstance(definition, d.EnumDefinition):
                return True  # msgspec looks its members up in a table of its own
            return isinstance(definition, d.ObjectDefinition) and _is_record_made_straight(
                definition, decoders, seen | {name}
            )
    return False


def _is_record_made_straight(
    definition: d.ObjectDefinition, decoders: Decoding, seen: frozenset[str]
) -> bool:
    is_dict = definition.style == "typed_dict"
    return (is_dict or not class_runs_user_code(definition.python)) and all(
        is_made_straight(field.type, decoders, seen) for field in definition.fields
    )


def has_own_constructor(python: Any) -> bool:
    """Whether a dataclass is made by code of the user's, which msgspec would pass over: it sets the fields itself."""
    metaclass = type(python)
    if python.__new__ is not object.__new__ or metaclass.__call__ is not type.__call__:
        return True
    # A frozen one has a `__setattr__` that its own constructor passes over, too.
    is_frozen = python.__dataclass_params__.frozen
    if not (is_frozen or python.__setattr__ is object.__setattr__):
        return True
    if python.__init__ is object.__init__:
        return False
    code = getattr(python.__init__, "__code__", None)
    # @dataclass leaves an `__init__` alone that the class defines, and compiles its own from a text.
    return code is None or code.co_filename != "<string>"


def class_runs_user_code(python: Any) -> bool:
    """Whether msgspec runs code of the user's when it makes an instance of this class."""
    if hasattr(python, "__post_init__") or hasattr(python, "__pre_init__"):
        return True
    config = getattr(python, "__struct_config__", None)
    if config is not None:
        factories = [f for f in python.__struct_defaults__ if hasattr(f, "factory")]
        return any(default.factory not in _PLAIN_FACTORIES for default in factories)
    fields = getattr(python, "__dataclass_fields__", {})
    return any(_has_factory_of_code(field) for field in fields.values()) or any(
        _is_set_by_code(python, name) for name in fields
    )


def _has_factory_of_code(field: Any) -> bool:
    factory = field.default_factory
    return callable(factory) and factory not in _PLAIN_FACTORIES


def _is_set_by_code(python: type, name: str) -> bool:
    """Whether an attribute is a property, or the like, which is no slot."""
    found = _attribute(python, name)
    return hasattr(type(found), "__set__") and not isinstance(found, MemberDescriptorType)


def has_slots(python: Any) -> bool:
    """Whether fields of a dataclass are slots of its own or of a class that it inherits from."""
    names = python.__dataclass_fields__
    return any(isinstance(_attribute(python, name), MemberDescriptorType) for name in names)


def _attribute(python: type, name: str) -> Any:
    return next((vars(cls)[name] for cls in python.__mro__ if name in vars(cls)), None)
