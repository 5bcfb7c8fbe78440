"""What there is to do, in one place: every peer's script offers these, so that all run the same Python."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def echo(value: Any) -> Any:
    return value


def produce(count: int) -> Iterator[int]:
    yield from range(count)


@cache
def fetch_records(count: int) -> list[dict[str, Any]]:
    """Return records that are made once: what is measured is how they travel."""
    return [
        {"id": i, "symbol": f"S{i % 1000}", "price": i / 8, "open": i % 2 == 0}
        for i in range(count)
    ]


def send_records(records: list[Any]) -> int:
    return len(records)


@cache
def fetch_bytes(size: int) -> bytes:
    return bytes(size)


def send_bytes(data: bytes) -> int:
    return len(data)


def spin(rounds: int) -> int:
    """Keep the interpreter busy in plain Python."""
    total = 0
    for i in range(rounds):
        total += i & 3
    return total


OPERATIONS = {
    f.__name__: f for f in (echo, fetch_records, send_records, fetch_bytes, send_bytes, spin)
}
