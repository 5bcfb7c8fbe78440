"""Streams both ways: items of one size made, counted, and passed through, with a look at the memory in use."""

from __future__ import annotations

from synapse_worker import Module

app = Module()


@app.method
def produce(items, size):
    """Yield items: whole numbers, or bytes of a size."""
    if size == 0:
        yield from range(items)
    else:
        chunk = b"x" * size
        for _ in range(items):
            yield chunk


@app.method
async def produce_later(items, size):
    """Yield items on the event loop."""
    for item in produce(items, size):
        yield item


@app.method
def consume(items):
    """Count what the caller sends."""
    count = 0
    for _ in items:
        count += 1
    return count


@app.method
async def consume_later(items):
    """Count what the caller sends, on the event loop."""
    count = 0
    async for _ in items:
        count += 1
    return count


@app.method
def passed_on(items):
    """Yield what the caller sends."""
    yield from items


@app.method
async def passed_on_later(items):
    """Yield what the caller sends, on the event loop."""
    async for item in items:
        yield item
