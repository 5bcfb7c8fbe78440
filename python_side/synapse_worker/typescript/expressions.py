"""The few expressions that generated code is made of, laid out by Prettier's rules for each."""

from __future__ import annotations

from dataclasses import dataclass

from .document import (
    LINE,
    SOFT_LINE,
    Choice,
    Document,
    Group,
    IfBroken,
    Indent,
    IndentIfBroken,
    join,
    listed,
    width_of,
)
from .literals import property_key

# An argument no longer than this does not make a call worth breaking (a quarter of the width).
_SHORT_ARGUMENT = 20
# A key this much wider than an indentation is worth a line of its own.
_SHORT_KEY = 5


@dataclass(frozen=True)
class Name:
    """A variable, a member of one, a literal: text without a place to break."""

    text: str

    @property
    def is_string(self) -> bool:
        """Whether it is a string literal."""
        return self.text[:1] in {'"', "'"}


@dataclass(frozen=True)
class Arrow:
    """A function without parameters that returns a name."""

    result: str


@dataclass(frozen=True)
class Array:
    """An array literal."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Object:
    """An object literal; a value of None is shorthand for the name of its key."""

    entries: tuple[tuple[str, Expression | None], ...]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A function called."""

    function: str
    arguments: tuple[Expression, ...] = ()


Expression = Name | Arrow | Array | Object | Call


def call(function: str, *arguments: Expression) -> Call:
    """Return a call."""
    return Call(function, arguments)


def object_of(**entries: Expression | None) -> Object:
    """Return an object literal of the entries that are there."""
    return Object(tuple((key, value) for key, value in entries.items() if value is not None))


def expression(value: Expression) -> Document:
    """Return an expression's layout."""
    match value:
        case Name():
            return value.text
        case Arrow():
            return Group(("() =>", Group(Indent((LINE, value.result)))))
        case Array():
            return listed("[", map(expression, value.items), "]")
        case Object():
            return listed("{", (_entry(*entry) for entry in value.entries), "}", padded=True)
        case Call():
            return (value.function, _arguments(value.arguments))


def assignment(left: str, value: Expression, *, operator: str = " =") -> Document:
    """Return `left = value`, or `left: value`, broken after the operator where Prettier would."""
    layout = expression(value)
    key_is_short = operator == ":" and width_of(left) < _SHORT_KEY
    if isinstance(value, Name) and key_is_short:
        return (left, operator, " ", layout)
    if _breaks_badly(value):
        return Group((left, operator, Group(Indent((LINE, layout)))))
    gap = Group(Indent(LINE))
    return Group((left, operator, gap, IndentIfBroken(Group(layout), gap)))


def _entry(key: str, value: Expression | None) -> Document:
    return key if value is None else assignment(property_key(key), value, operator=":")


def _arguments(arguments: tuple[Expression, ...]) -> Document:
    if not arguments:
        return "()"
    if len(arguments) > 1 and any(map(_passes_function, arguments)):
        inner = Indent((SOFT_LINE, join((",", LINE), map(expression, arguments))))
        return Group(("(", inner, IfBroken(","), SOFT_LINE, ")"), broken=True)
    if not _hugs_last(arguments):
        return listed("(", map(expression, arguments), ")")
    *first, last = map(expression, arguments)
    head: Document = tuple((part, ", ") for part in first)
    broken = Indent((SOFT_LINE, join((",", LINE), [*first, last])))
    return Choice(
        (
            ("(", head, last, ")"),
            ("(", head, _force(last), ")"),
            Group(("(", broken, IfBroken(","), SOFT_LINE, ")"), broken=True),
        )
    )


def _passes_function(value: Expression) -> bool:
    """Say whether it is a call that is given a function: beside others, one stands on its own line."""
    return isinstance(value, Call) and any(isinstance(one, Arrow) for one in value.arguments)


def _force(layout: Document) -> Document:
    assert isinstance(layout, Group)  # what is hugged is an array or an object with contents
    return Group(layout.contents, broken=True)


def _hugs_last(arguments: tuple[Expression, ...]) -> bool:
    match arguments[-1]:
        case Object(entries=entries):
            alike = len(arguments) > 1 and isinstance(arguments[-2], Object)
            return bool(entries) and not alike
        case Array(items=items):
            are_numbers = all(isinstance(item, Name) and item.text.isdigit() for item in items)
            alike = len(arguments) > 1 and (isinstance(arguments[-2], Array) or are_numbers)
            return bool(items) and not alike
        case _:
            return False


def _breaks_badly(value: Expression) -> bool:
    match value:
        case Name():
            return True
        case Call(arguments=(Name() as argument,)):
            is_member = "." in argument.text and not argument.is_string
            return width_of(argument.text) <= _SHORT_ARGUMENT and not is_member
        case Call(arguments=()):
            return True
        case _:
            return False
