"""What there is to do as an annotated module: arguments are validated and converted, the client is generated."""

from collections.abc import Iterator
from functools import cache
from typing import TypedDict

from synapse_worker import Module

app = Module()


class Quote(TypedDict):
    """The record that is echoed."""

    id: int
    symbol: str
    price: float
    open: bool
    tags: list[str]
    note: str | None


class Row(TypedDict):
    """One of many records."""

    id: int
    symbol: str
    price: float
    open: bool


@app.method
def echo(record: Quote) -> Quote:
    return record


@app.method
def produce(count: int) -> Iterator[int]:
    yield from range(count)


@app.method
def consume(items: Iterator[int]) -> int:
    return sum(1 for _ in items)


@cache
def rows(count: int) -> list[Row]:
    return [
        {"id": i, "symbol": f"S{i % 1000}", "price": i / 8, "open": i % 2 == 0}
        for i in range(count)
    ]


@app.method
def fetch_records(count: int) -> list[Row]:
    return rows(count)


@app.method
def send_records(records: list[Row]) -> int:
    return len(records)


@cache
def data_of(size: int) -> bytes:
    return bytes(size)


@app.method
def fetch_bytes(size: int) -> bytes:
    return data_of(size)


@app.method
def send_bytes(data: bytes) -> int:
    return len(data)


@app.method
def echo_bytes(data: bytes) -> bytes:
    return data


@app.method
def spin(rounds: int) -> int:
    total = 0
    for i in range(rounds):
        total += i & 3
    return total
