"""The types that `main.py` carries: one of each kind that has a class of its own."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar, Union

import attrs
import msgspec
import pydantic
from typing_extensions import NotRequired, Required

T = TypeVar("T")
UserId = NewType("UserId", int)
Slug = NewType("Slug", str)


class Color(enum.Enum):
    RED = "red"
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mood(str, enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Rights(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4


@dataclass(frozen=True)
class Point:
    x: float
    y: float = 0.0


@dataclass(frozen=True)
class Pixel(Point):
    """Inherits the coordinates of a `Point`."""

    color: Color = field(default=Color.RED, kw_only=True)


@dataclass
class Circle:
    kind: Literal["circle"]
    radius: float


@dataclass
class Stamp:
    kind: Literal["stamp"]
    at: datetime


Shape = Union[Circle, Stamp]


@dataclass
class Tree:
    name: str
    at: datetime
    children: list[Tree] = field(default_factory=list)


@dataclass
class Folder:
    name: str
    entries: list[Entry]


@dataclass
class Entry:
    size: int
    inside: Folder | None = None


@dataclass
class Page(Generic[T]):
    items: list[T]
    following: str | None = None


class Movie(TypedDict, total=False):
    title: Required[str]
    released: datetime
    rating: NotRequired[float]


class Place(NamedTuple):
    name: str
    at: datetime
    height: int = 0


class Order(msgspec.Struct, rename="camel"):
    order_id: int
    total_price: float
    placed_at: datetime
    notes: set[str] = set()


class Deposit(msgspec.Struct, tag="deposit"):
    amount: int


class Transfer(msgspec.Struct, tag="transfer"):
    amount: int
    to: dict[int, float]


class User(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)

    id: UserId
    full_name: str = pydantic.Field(alias="fullName", min_length=1)
    joined: datetime
    tags: frozenset[str] = frozenset()


class Cat(pydantic.BaseModel):
    pet: Literal["cat"]
    lives: int = 9


class Dog(pydantic.BaseModel):
    pet: Literal["dog"]
    born: datetime


Pet = Annotated[Union[Cat, Dog], pydantic.Field(discriminator="pet")]


@attrs.define
class Car:
    wheels: int
    built: datetime
    name: str | None = None


@dataclass(frozen=True)
class Money:
    """No type that anybody knows: a codec carries it as text."""

    cents: int
    currency: str

    def __str__(self) -> str:
        return f"{self.cents / 100:.2f} {self.currency}"

    @classmethod
    def parse(cls, text: str) -> Money:
        amount, currency = text.split(" ")
        return cls(round(float(amount) * 100), currency)
