"""Prices of made-up stocks: every symbol always has the same one."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from synapse_worker import Module

app = Module()


@dataclass
class Quote:
    """What a symbol costs."""

    symbol: str
    price: float
    depth: int = 1


class UnknownSymbolError(Exception):
    """Symbols are upper case."""


@app.method(raises=(UnknownSymbolError,))
def quote(symbol: str, *, depth: int = 1) -> Quote:
    """Price one symbol.

    Args:
        symbol: upper case, as in ACME.
        depth: how deep in the book to look.

    Raises:
        UnknownSymbolError: it is not upper case.
    """
    if not symbol.isupper():
        raise UnknownSymbolError(f"{symbol} is not a symbol")
    return Quote(symbol, crc32(symbol.encode()) % 10_000 / 100, depth)


@app.method
def ticks(symbol: str) -> Iterator[Quote]:
    """Every price of a symbol, for ever."""
    price = quote(symbol).price
    while True:
        yield Quote(symbol, price)
        price = round(price * 1.01, 2)
