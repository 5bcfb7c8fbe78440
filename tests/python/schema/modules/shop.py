"""A shop, as odd as one module can be: described alike by every Python."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    TypeVar,
    Union,
)

import attrs
import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import pydantic
from typing_extensions import NotRequired, Required, TypeAliasType, TypedDict, Unpack

from synapse_worker.schema.markers import BigInt, Naive

T = TypeVar("T")
UserId = NewType("UserId", int)
JSON = Union[None, bool, int, float, str, list["JSON"], dict[str, "JSON"]]
Tree = TypeAliasType("Tree", "int | list[Tree]")


class Side(enum.Enum):
    BUY = "buy"
    SELL = "sell"


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


@dataclass
class Node(Generic[T]):
    """A node.

    Attributes:
        value: What it holds.
    """

    value: T
    children: list[Node[T]] = field(default_factory=list)
    side: Side = Side.BUY
    when: dt.datetime | None = None
    words: frozenset[str] = frozenset({"a", "b", "c", "d"})


class Cat(msgspec.Struct, tag="cat"):
    name: str


class Dog(msgspec.Struct, tag="dog", rename="camel"):
    full_name: str
    age: Annotated[int, msgspec.Meta(ge=0, description="In years.")] = 0


class Order(pydantic.BaseModel):
    id: Annotated[int, pydantic.Field(gt=0, alias="orderId")]
    lines: list[Line] = []


class Line(pydantic.BaseModel):
    order: Order | None = None
    kind: Literal["a", "b"] = "a"


@attrs.define
class Reading:
    _raw: int
    value: float = attrs.field(converter=float, default=1.0)


class Query(TypedDict, total=False):
    text: Required[str]
    page: Annotated[int, msgspec.Meta(ge=1)]
    side: NotRequired[Side]


class Point(NamedTuple):
    x: float
    y: float = 0.0


def search(
    node: Node[int],
    user: UserId,
    /,
    query: Query,
    *ids: int,
    pet: Cat | Dog,
    **more: Unpack[Query],
) -> Iterator[Order]:
    """Search.

    Args:
        query: What for.
    """
    yield from ()


async def ticks(since: Annotated[dt.datetime, Naive]) -> AsyncIterator[Point]:
    yield Point(0)


def compute(
    matrix: npt.NDArray[np.float64],
    table: pd.DataFrame,
    big: Annotated[int, BigInt],
    mode: Mode,
    on_done: Callable[[int], Awaitable[None]] | None = None,
) -> Mapping[int, Reading]:
    raise NotImplementedError


def walk(tree: Tree, data: JSON) -> JSON:
    return data


def anything(a, b=object(), c: Any = {"x": {1, 2}}):
    return a
