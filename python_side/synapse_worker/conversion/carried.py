"""Whether a result can travel just as it is, told at once by a condition that is compiled for its type.

An encoder makes a plain value of what user code returns, and asks each part of it in turn. Most results have
nothing to be made plain: their records are of the very class, their floats are floats, their lists are lists. For
those the codec, which is written in C, needs no help. So the conditions for that are put into one expression, as
`dataclasses` makes its constructors: one function of Python for a record, or for 100,000 of them.

Where it does not hold, nothing is said: the encoder makes the value plain, or knows what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from ..schema import definitions as d
from ..schema import types as t
from .enums import is_plain_enum
from .instantiation import bindings_of, substitute
from .pydantic_models import is_model
from .record_fields import defaults_of_class, is_carried_whole
from .unions import flat_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .interface import Encode, Encoding

_MAX_NAMES = 64
"""Names that one condition may need; a type that needs more is nested so richly that encoding it is as quick."""

_FLOATS = frozenset({float})

_CLASSES: dict[str, type] = {
    "none": type(None),
    "bool": bool,
    "int": int,
    "bigint": int,
    "float": float,
    "str": str,
    "bytes": bytes,
    "date": dt.date,
    "time": dt.time,
    "timedelta": dt.timedelta,
    "uuid": uuid.UUID,
    "decimal": decimal.Decimal,
}
"""The class whose own instances, and none of a subclass, are certainly a scalar and travel as they are."""


def encoding_uncarried(type_: t.Type, encode: Encode, encoders: Encoding) -> Encode:
    """Return `encode`, but with values that it would change nothing of returned at once, where that can be told.

    An enumeration's member is its value to the codec too, but a result that is nothing else is encoded as quickly.
    """
    behind = encoders.resolved(type_)
    if isinstance(behind, t.Reference) and encoders.definitions[behind.name].kind == "enum":
        return encode
    writer = _Writer(encoders)
    try:
        condition = writer.condition(type_, "value")
    except _Untold:
        return encode
    names = {**writer.names, "encode": encode}
    exec(f"def convert(value):\n    return value if {condition} else encode(value)", names)
    convert: Encode = names["convert"]
    return convert


class _Untold(Exception):  # noqa: N818  # it says where the writing ends, and is no error
    """Only its encoder can tell of a value of this type whether it travels as it is."""


class _Writer:
    """Writes conditions on values as expressions; `names` are what these refer to.

    An expression names its value once, where it is first looked at, and keeps it in a variable if it is looked at
    again. An empty condition holds for every value.
    """

    def __init__(self, encoders: Encoding) -> None:
        self.names: dict[str, Any] = {}
        self._encoders = encoders
        self._unfinished: set[str] = set()

    def condition(self, type_: t.Type, value: str) -> str:
        """Return the condition on which the value of an expression is carried as it is."""
        type_ = self._encoders.resolved(type_)
        if self._encoders.of(type_) is None:
            return ""
        match type_:
            case t.Scalar(name=name):
                return self._scalar(name, value)
            case t.Array(items=items):
                bound, value = self._bound(value)
                return f"type({bound}) is list{self._each(items, value)}"
            case t.Map(keys=t.Scalar(name="str"), values=values):
                bound, value = self._bound(value)
                return f"type({bound}) is dict{self._each(values, f'{value}.values()')}"
            case t.Tuple(items=items):
                bound, value = self._bound(value)
                parts = (self.condition(item, f"{value}[{i}]") for i, item in enumerate(items))
                return _all([f"type({bound}) is tuple", f"len({value}) == {len(items)}", *parts])
            case t.Union():
                return self._union(type_, value)
            case t.Reference(name=name, arguments=arguments) if name not in self._unfinished:
                self._unfinished.add(name)
                condition = self._definition(self._encoders.definitions[name], arguments, value)
                self._unfinished.discard(name)
                return condition
        raise _Untold

    def _scalar(self, name: str, value: str) -> str:
        if name in _CLASSES:
            return f"type({value}) is {self._name(_CLASSES[name])}"
        if name == "naive_datetime":
            bound, value = self._bound(value)
            return f"type({bound}) is {self._name(dt.datetime)} and {value}.tzinfo is None"
        raise _Untold

    def _each(self, items: t.Type, values: str) -> str:
        """Return what is to be added for the items of a container."""
        if self._encoders.resolved(items) == t.Scalar("float"):
            return f" and {self._name(_FLOATS)}.issuperset(map(type, {values}))"
        item = self._variable()
        condition = self.condition(items, item)
        return condition and f" and all({condition} for {item} in {values})"

    def _union(self, union: t.Union, value: str) -> str:
        options = flat_options(union, self._encoders.resolved)
        names = {getattr(option, "name", "") for option in options if isinstance(option, t.Scalar)}
        if len(names) == len(options) and _CLASSES.keys() >= names:
            classes = frozenset(_CLASSES[name] for name in names)
            return f"type({value}) in {self._name(classes)}"
        others = [option for option in options if option != t.Scalar("none")]
        if len(others) != 1 or len(options) != 2:
            raise _Untold
        bound, value = self._bound(value)
        return f"({bound} is None or {self.condition(others[0], value)})"

    def _definition(
        self, definition: d.Definition, arguments: tuple[t.Type, ...], value: str
    ) -> str:
        python = getattr(definition, "python", None)
        if isinstance(definition, d.EnumDefinition) and _is_its_value(definition):
            return f"type({value}) is {self._name(python)}"
        if not isinstance(definition, d.ObjectDefinition | d.TupleDefinition) or is_model(python):
            raise _Untold
        bindings = bindings_of(definition.type_parameters, arguments)
        types = [substitute(field.type, bindings) for field in definition.fields]
        if isinstance(definition, d.TupleDefinition):
            return self._named_tuple(definition, types, value)
        if definition.style == "typed_dict":
            return self._typed_dict(definition, types, value)
        return self._record(definition, types, value)

    def _named_tuple(self, definition: d.TupleDefinition, types: list[t.Type], value: str) -> str:
        if hasattr(definition.python, "__struct_config__"):  # it may have a tag
            raise _Untold
        bound, value = self._bound(value)
        parts = (self.condition(type_, f"{value}[{i}]") for i, type_ in enumerate(types))
        return _all([f"type({bound}) is {self._name(definition.python)}", *parts])

    def _typed_dict(self, definition: d.ObjectDefinition, types: list[t.Type], value: str) -> str:
        if not all(field.required for field in definition.fields):
            raise _Untold
        bound, value = self._bound(value)
        keys = [repr(field.name) for field in definition.fields]
        # Its fields and no others, which would not be sent.
        has_all = [f"len({value}) == {len(keys)}", *(f"{key} in {value}" for key in keys)]
        parts = [
            self.condition(type_, f"{value}[{key}]") for type_, key in zip(types, keys, strict=True)
        ]
        return _all([f"type({bound}) is dict", *has_all, *parts])

    def _record(self, definition: d.ObjectDefinition, types: list[t.Type], value: str) -> str:
        if not is_carried_whole(definition):
            raise _Untold
        bound, value = self._bound(value)
        defaulted = defaults_of_class(definition)
        has_own = f"{self._name(defaulted)} <= vars({value}).keys()" if defaulted else ""
        parts = (
            self.condition(type_, f"{value}.{_attribute(field)}")
            for field, type_ in zip(definition.fields, types, strict=True)
            if field.direction != "input"
        )
        return _all([f"type({bound}) is {self._name(definition.python)}", has_own, *parts])

    def _bound(self, value: str) -> tuple[str, str]:
        """Return how an expression is written the first time, and how after that."""
        if value.isidentifier():
            return value, value
        variable = self._variable()
        return f"({variable} := {value})", variable

    def _variable(self) -> str:
        return self._name(None)

    def _name(self, value: Any) -> str:
        if len(self.names) == _MAX_NAMES:
            raise _Untold
        name = f"x{len(self.names)}"
        self.names[name] = value
        return name


def _is_its_value(definition: d.EnumDefinition) -> bool:
    """Whether a member is to the codec what it is to us: it does not ask for `value`, which may be a property."""
    python = definition.python
    return is_plain_enum(definition) and all(
        python[member.name]._value_ == member.value for member in definition.members
    )


def _attribute(field: d.Field) -> str:
    name = field.python_name or field.name
    if not name.isidentifier() or iskeyword(name):  # a struct made at run time may have such names
        raise _Untold
    return name


def _all(conditions: Iterable[str]) -> str:
    return " and ".join(filter(None, conditions))
