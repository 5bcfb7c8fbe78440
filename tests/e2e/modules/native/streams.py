"""Streams: sync, async, failing, endless; each keeps count of what it produced and how it was ended."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from synapse_worker import Module, current_context

app = Module()
produced: dict[str, int] = {}
endings: dict[str, str] = {}


@app.method
def count_to(limit: int) -> Iterator[int]:
    """Count."""
    yield from range(limit)


@app.method
async def count_later(limit: int) -> AsyncIterator[int]:
    """Count on the loop."""
    for number in range(limit):
        await asyncio.sleep(0)
        yield number


@app.method
def nothing() -> Iterator[int]:
    """End at once."""
    yield from ()


@app.method
def endless(label: str) -> Iterator[int]:
    """Go on until stopped, and say how that was."""
    number = 0
    try:
        while True:
            produced[label] = number = number + 1
            yield number
    except GeneratorExit:
        endings[label] = "closed"
        raise
    finally:
        endings.setdefault(label, "other")


@app.method
async def endless_later(label: str) -> AsyncIterator[int]:
    """Go on until stopped, on the loop."""
    number = 0
    try:
        while True:
            produced[label] = number = number + 1
            yield number
            await asyncio.sleep(0)
    finally:
        endings[label] = "closed"


@app.method
def stuck_after(label: str, items: int) -> Iterator[int]:
    """Give some items, then hang inside the generator."""
    try:
        yield from range(items)
        time.sleep(300)
    finally:
        endings[label] = "closed"


@app.method
def fails_after(items: int) -> Iterator[int]:
    """Give some items, then raise."""
    yield from range(items)
    raise ValueError("the well is dry")


@app.method
def bad_item_after(items: int) -> Iterator[object]:
    """Give some items, then one that cannot travel."""
    yield from range(items)
    yield {"fn": print}


@app.method
def with_progress(items: int) -> Iterator[int]:
    """Report progress beside the items."""
    for number in range(items):
        current_context().progress(number * 10)
        yield number


@app.method
def heavy(items: int, size: int) -> Iterator[bytes]:
    """Give large items."""
    for _ in range(items):
        yield b"x" * size


@app.method
def same_object(items: int) -> Iterator[dict[str, object]]:
    """Yield one object again and again, changed in between: each item is what it was when it was yielded."""
    state: dict[str, object] = {"n": 0, "seen": []}
    for number in range(items):
        state["n"] = number
        seen = state["seen"]
        assert isinstance(seen, list)
        seen.append(number)
        yield state


@app.method
async def same_object_later(items: int) -> AsyncIterator[dict[str, object]]:
    """Do the same on the loop."""
    for state in same_object(items):
        yield state


@app.method
def trickle(items: int, pause: float) -> Iterator[float]:
    """Give an item now and then: each should travel at once."""
    for _ in range(items):
        yield time.time()
        time.sleep(pause)


@app.method
def plain(label: str) -> dict[str, object]:
    """Say how far a stream went and how it ended (this is a call, not a stream)."""
    return {"produced": produced.get(label, 0), "ending": endings.get(label)}
