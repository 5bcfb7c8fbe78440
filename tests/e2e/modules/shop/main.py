"""A typed module as one writes it: functions, streams, services, callbacks and errors of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated, Literal, NewType, overload

from synapse_worker import Module, current_context

app = Module()

Sku = NewType("Sku", str)


@dataclass(frozen=True)
class Range:
    """Bounds by the attributes that annotated-types, msgspec and pydantic use."""

    ge: int | None = None
    le: int | None = None
    min_length: int | None = None


@dataclass
class Item:
    """One line of an order.

    Attributes:
        sku: What it is.
        price: In euros.
    """

    sku: Sku
    price: float
    amount: int = 1


@dataclass
class Order:
    customer: str
    items: list[Item]
    placed: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Receipt:
    total: float
    order: Order
    at: datetime


@app.error
class ShopError(Exception):
    """Whatever goes wrong in the shop."""


@app.error
@dataclass
class OutOfStock(ShopError):
    """There is not enough of it."""

    sku: str
    left: int
    until: datetime

    def __str__(self) -> str:
        return f"only {self.left} of {self.sku} left"


class HiddenError(OutOfStock):
    """Not declared, but of a declared kind."""


@app.method(raises=(OutOfStock,))
def checkout(order: Order, *, rebate: float = 0.0, express: bool) -> Receipt:
    """Buy what is in the order.

    Args:
        order: What to buy.
        rebate: How much less to pay; a share between 0 and 1.
        express: Whether to hurry.

    Returns:
        What was paid.

    Raises:
        OutOfStock: When there is too little left.
    """
    for item in order.items:
        if item.amount > 10:
            raise OutOfStock(item.sku, 10, datetime(2026, 2, 1, tzinfo=timezone.utc))
    total = sum(item.price * item.amount for item in order.items) * (1 - rebate)
    return Receipt(total + (5 if express else 0), order, datetime(2026, 1, 31, tzinfo=timezone.utc))


@app.method
def fail(kind: Literal["shop", "hidden", "value"]) -> None:
    """Raise one of each."""
    match kind:
        case "shop":
            raise ShopError("closed on Sundays")
        case "hidden":
            raise HiddenError("S-1", 0, datetime(2026, 2, 1, tzinfo=timezone.utc))
        case "value":
            raise ValueError("no such thing")


@app.method
def die() -> None:
    """Take the whole process along."""
    os._exit(3)


# Parameters of every kind.


@app.method
def kinds(
    only: int, /, both: str = "b", last: str | None = None, *rest: float, key: int = 1, **extra: bool
) -> tuple[int, str, str | None, list[float], int, dict[str, bool]]:
    """Every kind of parameter at once."""
    return only, both, last, list(rest), key, extra


@app.method
def skips(a: int = 1, b: int = 2, c: int = 3, /) -> list[int]:
    """Positional only: in the middle, `undefined` leaves one out."""
    return [a, b, c]


@app.method
def middle(a: int = 1, b: int = 2, c: int = 3) -> list[int]:
    """Any can be left out."""
    return [a, b, c]


@overload
def find(key: int) -> Item: ...
@overload
def find(key: str) -> list[Item]: ...
@app.method
def find(key: int | str) -> Item | list[Item]:
    """Find by number, or by name."""
    item = Item(Sku(f"S-{key}"), 1.5)
    return item if isinstance(key, int) else [item, item]


@app.method
def bounded(
    count: Annotated[int, Range(ge=1, le=10)], name: Annotated[str, Range(min_length=2)] = "ab"
) -> int:
    """Bounds, in the way of annotated-types."""
    return count


# Streams.

stopped: list[str] = []


@app.method
def prices(start: float, *, step: float = 0.5) -> Iterator[Item]:
    """Prices without end; tells `stopped` when nobody reads on."""
    try:
        while True:
            yield Item(Sku("S-1"), start)
            start += step
    finally:
        stopped.append("prices")


@app.method
async def arrivals(count: int) -> AsyncIterator[datetime]:
    """Points in time, as they come."""
    for second in range(count):
        await asyncio.sleep(0)
        yield datetime(2026, 1, 1, 0, 0, second, tzinfo=timezone.utc)


@app.method
def breaks_off(after: int) -> Iterator[int]:
    """Fail in the middle."""
    yield from range(after)
    raise ShopError("the shelf is empty")


@app.method
def was_stopped() -> list[str]:
    """Which streams ended early."""
    return stopped


# Callbacks.


@app.method
def total_of(items: list[Item], price: Callable[[Item], float]) -> float:
    """Ask the caller for each price."""
    return sum(price(item) for item in items)


@app.method
async def watch(upto: int, on_change: Callable[[int, datetime], Awaitable[str]]) -> list[str]:
    """Tell the caller of each change, and wait for what it says."""
    return [
        await on_change(change, datetime(2026, 1, change, tzinfo=timezone.utc))
        for change in range(1, upto + 1)
    ]


@app.method
def guarded(back: Callable[[], int]) -> str:
    """Say what the caller's function threw."""
    try:
        return f"returned {back()!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@app.method
def unguarded(back: Callable[[], int]) -> int:
    """Let pass what the caller's function threw."""
    return back()


@app.method
def streamed(upto: int, square: Callable[[int], int]) -> Iterator[int]:
    """A stream whose items come through the caller."""
    for number in range(upto):
        yield square(number)


@app.method
async def ingest(items: AsyncIterator[Item]) -> float:
    """Add up the prices of what the caller sends."""
    total = 0.0
    async for item in items:
        total += item.price
    return total


@app.method
def labelled(days: Iterator[datetime], mark: str = "#") -> Iterator[str]:
    """Answer each moment of the caller's with a text."""
    for number, day in enumerate(days):
        yield f"{mark}{number} {day.isoformat()}"


kept: list[Callable[[], int]] = []


@app.method
def keep(back: Callable[[], int]) -> None:
    """Keep the function beyond the call."""
    kept.append(back)


@app.method
def call_kept() -> str:
    """Call what was kept."""
    try:
        return str(kept.pop()())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


# Cancellation.


@app.method
def grind(seconds: float) -> str:
    """Keep the processor busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return "ground"


@app.method
def steps(count: int) -> int:
    """Say how far it is."""
    for step in range(count):
        current_context().progress({"step": step})
    return count


# Services.

closed: list[str] = []


@app.service
class Counter:
    """Counts, and remembers."""

    def __init__(self, start: int = 0, *, name: str = "counter") -> None:
        if start < 0:
            raise ValueError("a count starts at 0 or above")
        self.count = start
        self.name = name
        self._private = True

    def increment(self, by: int = 1) -> int:
        """Add to the count."""
        self.count += by
        return self.count

    async def later(self, by: int) -> int:
        """Add, but not at once."""
        await asyncio.sleep(0)
        return self.increment(by)

    def countdown(self) -> Iterator[int]:
        """Stream down to zero."""
        while self.count > 0:
            self.count -= 1
            yield self.count

    def born(self) -> datetime:
        """Tell the date."""
        return datetime(2026, 1, 31, tzinfo=timezone.utc)

    def twin(self) -> Counter:
        """Make another one like it."""
        return Counter(self.count, name=f"{self.name} twin")

    def each(self, upto: int, tell: Callable[[int], None]) -> None:
        """Call back for each."""
        for number in range(upto):
            tell(self.count + number)

    @classmethod
    def of(cls, text: str) -> Counter:
        """Count the letters of a text."""
        return cls(len(text))

    @staticmethod
    def limit() -> int:
        """How far one can count."""
        return 1_000_000

    def _hidden(self) -> None:
        """Nobody's business."""

    def close(self) -> None:
        """Say so when it is given back."""
        closed.append(self.name)


@app.service
class Till:
    """Has no constructor of its own and nothing to close."""

    money: float = 0.0

    def pay(self, amount: float) -> float:
        """Put money in."""
        self.money += amount
        return self.money


@app.method
def open_counter(start: int) -> Counter:
    """A service may be a result."""
    return Counter(start, name="opened")


@app.method
def was_closed() -> list[str]:
    """Which counters were given back."""
    return closed
