"""Names and shapes that a generator trips over. Every function here is called by the drills.

What this docstring holds must not end a comment: */ nor start one /* nor a template `${x}` nor "quotes" and \\ backslashes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from typing import Any, Generic, Literal, NamedTuple, TypedDict, TypeVar

from synapse_worker import Module

app = Module()

T = TypeVar("T")
K = TypeVar("K")

# Python names that mean something in JavaScript.


@app.method
def delete(new: int, function: int = 0, *, typeof: int = 0, let: int = 0) -> int:
    """Reserved words as names of function and parameters."""
    return new + function + typeof + let


@app.method
def constructor(this: int) -> int:
    """A name that every object has."""
    return this


@app.method
def close(arguments: int, eval: int = 0) -> int:  # noqa: A002
    """A name that the client uses itself."""
    return arguments + eval


@app.method
def terminate(options: int, *, keywords: int = 0) -> int:
    """Parameters named as the ones that are added."""
    return options + keywords


@app.method
def then(resolve: int) -> int:
    """A client with a `then` would be a promise."""
    return resolve


@app.method
def toString() -> str:  # noqa: N802
    """A method of every object."""
    return "text"


@app.method
def __dunder__(x: int) -> int:
    """Underscores all around."""
    return x


@app.method
def connect(spec: int, methods: int, plan: int, brand: int = 0) -> int:
    """Names of the generated file itself."""
    return spec + methods + plan + brand


@app.method(name="with-dash and space")
def dashed(x: int) -> int:
    """A name that is no identifier."""
    return x


@app.method(name="größe")
def sized(höhe: int, *, breite_: int = 1) -> int:
    """Letters beyond ASCII."""
    return höhe * breite_


@app.method(name="1st")
def first() -> int:
    """A name that starts with a digit."""
    return 1


# Types named as JavaScript's, and fields that are no identifiers.


@dataclass
class Date:
    """Not JavaScript's."""

    year: int


@dataclass
class Map:
    """Neither is this."""

    keys: dict[str, Date]


@dataclass
class Error:
    """Nor this."""

    message: str


@dataclass
class Promise:
    """Nor this."""

    value: int


@dataclass
class Odd:
    """The client class has this name too."""

    x: int


class Plan(TypedDict):
    """A name that the file imports."""

    CallOptions: int


Dashed = TypedDict("Dashed", {"with-dash": int, "class": str, "1": int, 'quo"te': int, "__proto__": int})


@app.method
def shadows(date: Date, map: Map, error: Error, promise: Promise, odd: Odd) -> Map:  # noqa: A002
    """Shadow what the file itself needs."""
    return Map({error.message: Date(date.year + odd.x + promise.value), **map.keys})


@app.method
def planned(value: Plan) -> Plan:
    """Echo."""
    return value


@app.method
def dashed_fields(value: Dashed) -> Dashed:
    """Echo."""
    return value


class Words(Enum):
    """Members and values that need quoting."""

    DELETE = "it's"
    QUOTE = 'say "x"'
    BACK = "a\\b"
    LINE = "two\nlines"
    END = "*/"
    TEMPLATE = "${x}`"
    EMPTY = ""


@app.method
def words(word: Words) -> Words:
    """Echo."""
    return word


@app.method
def literals(value: Literal["it's", 'say "x"', "a\\b", "\n", "\u2028", "", -1, True, None]) -> Any:
    """Echo."""
    return value


# Shapes.


@dataclass
class Left:
    """Mutual recursion."""

    right: Right | None = None


@dataclass
class Right:
    """Mutual recursion."""

    left: list[Left] = field(default_factory=list)


@app.method
def mutual(left: Left) -> Left:
    """Echo."""
    return left


@dataclass
class Pair(Generic[T, K]):
    """Two type parameters."""

    first: T
    second: dict[str, K]


@app.method
def generic(pair: Pair[int, list[str]], other: Pair[Pair[str, bool], Date]) -> Pair[Date, set[int]]:
    """Generics in generics."""
    return Pair(other.second["d"], {str(pair.first): {len(pair.second)}})


class Spot(NamedTuple):
    """Labels that are reserved words."""

    delete: int
    new: str = "n"


@app.method
def spot(value: Spot) -> Spot:
    """Echo."""
    return value


@app.method
def required_after_optional(a: int = 1, *, b: int, c: int = 3) -> list[int]:
    """A required keyword after optional positionals."""
    return [a, b, c]


@app.method
def only_rest(*values: int) -> list[int]:
    """Nothing but the rest."""
    return list(values)


@app.method
def only_extra(**extra: int) -> dict[str, int]:
    """Nothing but names."""
    return extra


@app.method
def nothing() -> None:
    """Neither takes nor gives."""


@app.method
def bare(a, b=2, *rest, c=3, **extra):  # type: ignore[no-untyped-def]
    return [a, b, list(rest), c, extra]


@app.method
def documented(a: int, b: str = "*/") -> int:
    r'''Summary with */ and `code` and {@link x} and <b>html</b> and @tag.

    Details over
    several lines, with a list:

    - one */
    - two

    Args:
        a: First, with */ in it.
            Continued.
        b: Second "quoted".

    Returns:
        The value \u2028 as it is.

    Raises:
        ValueError: Never */.

    Example:
        >>> documented(1)  # */
        1
    '''
    return a


@app.method
def numpy_style(x: int, y: int = 0) -> int:
    """Sum up.

    Parameters
    ----------
    x : int
        The one.
    y : int, optional
        The other.

    Returns
    -------
    int
        Both.
    """
    return x + y


@app.method
def rest_style(x: int) -> int:
    """Give back.

    :param x: The one.
    :returns: The same.
    :raises ValueError: Never.
    """
    return x


@app.method
def deep() -> list[list[list[list[list[list[dict[str, dict[int, set[int]]]]]]]]]:
    """A long type."""
    return [[[[[[{"a": {1: {2}}}]]]]]]


@app.method
def stream_of_unions() -> Iterator[int | str | None | Date]:
    """Items of several types."""
    yield 1
    yield "two"
    yield None
    yield Date(2026)


Wide = make_dataclass("Wide", [(f"field_{n}", int) for n in range(100)])


@app.method
def wide() -> Wide:
    """A hundred fields."""
    return Wide(*range(100))


# Many functions.


def numbered(number: int) -> None:
    """Offer one more function."""

    def give(value: int = 0) -> int:
        return value + number

    give.__name__ = give.__qualname__ = f"numbered_{number}"
    give.__doc__ = f"Add {number}."
    app.method(give)


for number in range(200):
    numbered(number)
