"""What is easily typed almost right. Not @internal, no {@link there}, and mail to a@b.org."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import pydantic

from synapse_worker import Module

app = Module()

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Box(Generic[K, V]):
    """Its keys decide nothing: `items` is a Map for every K."""

    items: dict[K, V]
    plain: dict[str, V] = field(default_factory=dict)


@dataclass
class Cat:
    kind: Literal["cat"] = "cat"
    lives: int = 9


@dataclass
class Dog:
    kind: Literal["dog"] = "dog"
    seen: datetime | None = None


@dataclass
class Stone:
    """Its tag is all that it has."""

    kind: Literal["stone"] = "stone"


class Huge(enum.IntEnum):
    SMALL = 1
    LARGE = 2**60


class Bits(enum.IntFlag):
    LOW = 1
    HIGH = 2**60


class Mark(enum.Enum):
    TICK = "`"


class Open(pydantic.BaseModel, extra="allow"):
    """Takes and gives whatever else there is."""

    name: str
    size: int = 0


@app.error
class ShopError(Exception):
    code: int


@app.error
class OutOfStock(ShopError):
    left: int


@app.error
class SubtleError(Exception):
    """Called like the union of all errors would be."""


@app.service
class Counter:
    @property
    def value(self) -> int:
        return 0

    @functools.cached_property
    def cached(self) -> int:
        return 0

    def increment(self) -> int:
        return 1


@app.method
def boxes(named: Box[str, int], numbered: Box[int, datetime]) -> Box[str, int]:
    raise NotImplementedError


@app.method
def feed(pet: Cat | Dog | Stone) -> Cat | Dog | Stone:
    raise NotImplementedError


@app.method
def huge(size: Huge, bits: Bits, exactly: Literal[1, 1152921504606846976]) -> Huge:
    raise NotImplementedError


@app.method
def open_model(given: Open) -> Open:
    raise NotImplementedError


@app.method
def defaults(zero: float = -0.0, mark: Mark = Mark.TICK) -> None:
    """Default values.

    Raises:
        ShopError
        OutOfStock
        ValueError: For anything else.
    """


@app.method
def keywords(*, limit: int = 1, name: str = "", **more: int) -> None:
    """Take what is @internal, {@link away} and (@see elsewhere).

    @deprecated is a word here.
    """


@app.method
def anything(value: Any = None) -> None:
    raise NotImplementedError


T = TypeVar("T")
U = TypeVar("U")
Number = TypeVar("Number", int, float)


@app.method
def first(items: list[T], default: T | None = None) -> T:
    raise NotImplementedError


@app.method
def pairs(keys: set[K], values: dict[K, V], box: Box[K, V]) -> Iterator[tuple[K, V]]:
    raise NotImplementedError


@app.method
def apply(function: Callable[[T], U], items: list[T]) -> list[U]:
    raise NotImplementedError


@app.method
def made_up() -> list[T]:
    raise NotImplementedError


@app.method
def mixed(value: T | datetime) -> T:
    raise NotImplementedError


@app.method
def swallow(value: T) -> None:
    raise NotImplementedError


@app.method
def double(value: Number) -> Number:
    raise NotImplementedError
