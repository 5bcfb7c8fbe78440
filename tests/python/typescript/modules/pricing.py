"""Prices of symbols, as they are and as they come."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, NewType, overload
from uuid import UUID

from synapse_worker import BigInt, Module

app = Module()

TraderId = NewType("TraderId", int)


class Side(enum.Enum):
    """Which side of the book."""

    BUY = "buy"
    SELL = "sell"


class Rights(enum.Flag):
    READ = 1
    TRADE = 2


@dataclass
class Level:
    """One level of the book."""

    price: float
    size: int


@dataclass
class Quote:
    """The best prices of a symbol.

    Attributes:
        symbol: What is quoted.
    """

    symbol: str
    at: datetime
    side: Side | None
    levels: list[Level] = field(default_factory=list)
    depth: int = 1


@dataclass
class Order:
    """What to buy or sell. No default: one interface for both directions."""

    id: UUID
    trader: TraderId
    symbols: list[str]
    limits: dict[int, float]


@dataclass
class Market:
    kind: Literal["market"]
    size: int


@dataclass
class Limit:
    kind: Literal["limit"]
    size: int
    until: datetime


@app.error
class OutOfStock(Exception):
    """Nothing left to sell."""

    symbol: str
    until: datetime


@app.service
class Counter:
    """Counts, and remembers."""

    def __init__(self, start: int = 0) -> None:
        self.count = start

    def increment(self, by: int = 1) -> int:
        """Add to the count.

        Args:
            by: How much.

        Returns:
            The new count.
        """
        self.count += by
        return self.count

    def history(self) -> Iterator[int]:
        """Every count so far."""
        yield self.count


@app.method(raises=(OutOfStock,))
def quote(symbol: str, *, depth: int = 1) -> Quote:
    """Price one symbol.

    Looks at every venue.

    Args:
        symbol: What to price.
        depth: How far to look.

    Returns:
        The best price.

    Raises:
        OutOfStock: When there is none.

    Example:
        >>> quote("ACME")
    """
    raise NotImplementedError


@app.method
def ticks(symbol: str) -> Iterator[Quote]:
    """Every tick of a symbol, as it comes."""
    raise NotImplementedError


@app.method
def place(order: Order, quote: Quote, kind: Market | Limit, side: Side = Side.BUY) -> TraderId:
    raise NotImplementedError


@app.method
def total(unit: str, /, scale: int = 1, *values: int, digits: int, **extra: str) -> float:
    """Every kind of parameter."""
    raise NotImplementedError


@overload
def find(key: str) -> Quote: ...
@overload
def find(key: int) -> Quote | None: ...
@app.method
def find(key: str | int) -> Quote | None:
    """By symbol or number."""
    raise NotImplementedError


@app.method
async def watch(
    symbol: str,
    on_quote: Callable[[Quote, int], Awaitable[bool]],
    on_end: Callable[[], None] | None = None,
) -> None:
    raise NotImplementedError


@app.method
async def ingest(quotes: AsyncIterable[Quote], sizes: Iterator[float] | None = None) -> int:
    """Take items as they come."""
    raise NotImplementedError


@app.method
def wide() -> tuple[Annotated[int, BigInt], Any, int, list[Level]]:
    raise NotImplementedError


@app.method
def rights(of: TraderId) -> Rights:
    raise NotImplementedError


@app.method
def counter() -> Counter:
    raise NotImplementedError
