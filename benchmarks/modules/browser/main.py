"""What a page would ask of a server: records, scalars, a stream and errors of a type of its own. Only its client is used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from synapse_worker import Module

app = Module()


@dataclass
class Quote:
    """The price of something at some time."""

    symbol: str
    price: float
    at: datetime
    tags: list[str]
    note: str | None = None


@app.error
@dataclass
class UnknownSymbolError(Exception):
    """Nothing is known by this name."""

    symbol: str


@app.method
def add(a: int, b: int) -> int:
    return a + b


@app.method
def quote(symbol: str) -> Quote:
    raise UnknownSymbolError(symbol)


@app.method
def average(quotes: list[Quote]) -> float:
    return sum(one.price for one in quotes) / len(quotes)


@app.method
def follow(symbol: str, limit: int = 10) -> Iterator[Quote]:
    for _ in range(limit):
        yield quote(symbol)
