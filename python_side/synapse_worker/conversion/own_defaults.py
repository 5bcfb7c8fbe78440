"""Defaults of dataclasses, put into instances that msgspec made and left them to the class.

There `vars()`, pickle and the codec would not look for them. Those of an argument that is an instance, a list of
some, or None: what else holds them is made by our own decoders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .record_fields import defaults_of_class

if TYPE_CHECKING:
    from .interface import Decoding

Fill = Callable[[Any], None]
"""Puts into a value what its classes have for it."""


def default_filler(type_: t.Type, decoders: Decoding) -> Fill | None:
    """Return what fills the values of a type; None where nothing is left to a class."""
    type_ = decoders.resolved(type_)
    match type_:
        case t.Array(items=items):
            return _each(default_filler(items, decoders))
        case t.Union(options=(option, t.Scalar(name="none"))):
            return _unless_none(default_filler(option, decoders))
        case t.Reference(name=name):
            definition = decoders.definitions[name]
            if isinstance(definition, d.ObjectDefinition):
                return _instance_filler(definition)
    return None


def _instance_filler(definition: d.ObjectDefinition) -> Fill | None:
    if definition.style == "typed_dict" or not hasattr(definition.python, "__dataclass_fields__"):
        return None
    fields, names = definition.python.__dataclass_fields__, defaults_of_class(definition)
    from dataclasses import MISSING  # whoever wrote the class has paid for it

    # A factory's value is none of the class: msgspec has called it.
    defaults = [(n, fields[n].default) for n in names if fields[n].default is not MISSING]
    count = len(definition.fields)

    def fill(value: Any) -> None:
        own = vars(value)
        if len(own) < count:
            for name, default in defaults:
                own.setdefault(name, default)

    return fill if defaults else None


def _each(fill: Fill | None) -> Fill | None:
    if fill is None:
        return None

    def fill_each(values: Any) -> None:
        for value in values:
            fill(value)

    return fill_each


def _unless_none(fill: Fill | None) -> Fill | None:
    if fill is None:
        return None

    def fill_some(value: Any) -> None:
        if value is not None:
            fill(value)

    return fill_some
