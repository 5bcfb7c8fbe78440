"""The nouns of a schema's types: what a value is, independent of either language.

A type says what travels and what stands on each side; docs/types.md has the table. Types compare
and serialise by what they describe (`json_form.py`); `python`, the object user code is handed, stays
in the process that introspected it and is what `conversion` builds values with.
"""

from __future__ import annotations

from typing import Any, ClassVar

from synapse_worker.frozen import Frozen, field

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class Constraints(Frozen):
    """Bounds from `Annotated`: checked in Python, told in TSDoc."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None


class Type(Frozen):
    """Any of the classes below."""

    kind: ClassVar[str]


class Scalar(Type):
    """A value without parts.

    `name` is one of: none bool int bigint float complex str bytes datetime naive_datetime date time
    timedelta uuid decimal path unknown never.
    """

    kind: ClassVar[str] = "scalar"
    name: str
    constraints: Constraints | None = None
    python: Any = field(default=None, local=True)


class Literal(Type):
    """One of some exact values: str, int, bool or None, as they are on the wire."""

    kind: ClassVar[str] = "literal"
    values: tuple[str | int | bool | None, ...]
    # What user code gets for each, where that differs from the value: enum members.
    python: tuple[Any, ...] | None = field(default=None, local=True)


class Array(Type):
    """Any number of items in order. `python` builds it from an iterable: list, tuple, deque, iter…."""

    kind: ClassVar[str] = "array"
    items: Type
    constraints: Constraints | None = None
    python: Any = field(default=None, local=True)


class Set(Type):
    """Distinct items: set or frozenset."""

    kind: ClassVar[str] = "set"
    items: Type
    constraints: Constraints | None = None
    python: Any = field(default=None, local=True)


class Tuple(Type):
    """A fixed number of items, each of its own type."""

    kind: ClassVar[str] = "tuple"
    items: tuple[Type, ...]


class OpenTuple(Type):
    """Items each of its own type, and any number of others of one type between: `tuple[int, *tuple[str, ...]]`."""

    kind: ClassVar[str] = "open_tuple"
    first: tuple[Type, ...]
    rest: Type
    last: tuple[Type, ...] = ()


class Map(Type):
    """Keys to values. A Record in TypeScript where every key is a str, else a Map."""

    kind: ClassVar[str] = "map"
    keys: Type
    values: Type
    constraints: Constraints | None = None
    python: Any = field(default=None, local=True)


class Union(Type):
    """One of several types, flat and without repeats; `Optional` has the scalar `none` last."""

    kind: ClassVar[str] = "union"
    options: tuple[Type, ...]
    # The field whose literal tells the options apart, where there is one.
    discriminator: str | None = None


class Reference(Type):
    """A named type, by its key in the schema's definitions; `arguments` where it is generic.

    `python` is the class or alias as annotated, its arguments included: `Box[int]`.
    """

    kind: ClassVar[str] = "reference"
    name: str
    arguments: tuple[Type, ...] = ()
    python: Any = field(default=None, local=True)


class TypeVariable(Type):
    """A parameter of a generic definition."""

    kind: ClassVar[str] = "type_variable"
    name: str


class NdArray(Type):
    """A NumPy array: `dtype` by its NumPy name; `shape` with None for a length that is open."""

    kind: ClassVar[str] = "ndarray"
    dtype: str | None = None
    shape: tuple[int | None, ...] | None = None


class Table(Type):
    """A table that travels as an Arrow IPC stream. `library` is pandas, pyarrow or polars."""

    kind: ClassVar[str] = "table"
    library: str


class Callback(Type):
    """A JavaScript function, as a parameter. `parameters` is None for `Callable[..., T]`."""

    kind: ClassVar[str] = "callback"
    parameters: tuple[Type, ...] | None
    returns: Type
    # Whether Python awaits it: its annotation returns an awaitable.
    is_async: bool = False


class Stream(Type):
    """Items that JavaScript sends one after another, as a parameter."""

    kind: ClassVar[str] = "stream"
    items: Type
    # Whether Python reads it with `async for`.
    is_async: bool = False


class ServiceReference(Type):
    """An instance of a service, as a result."""

    kind: ClassVar[str] = "service"
    name: str


class Custom(Type):
    """A user's own type (`python`) with a registered codec; on the wire it looks like `wire`."""

    kind: ClassVar[str] = "custom"
    name: str
    wire: Type
    python: Any = field(default=None, local=True)


NONE = Scalar("none")
UNKNOWN = Scalar("unknown")
