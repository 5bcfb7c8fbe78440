"""Streams of the caller's as arguments: read in sync and async methods, in generators, in part, in vain."""

import asyncio
import threading
import time

from synapse_worker import JavaScriptError, Module, current_context

app = Module()
kept = []


@app.method
def total(numbers):
    """Add up what the caller sends."""
    return sum(numbers)


@app.method
async def total_later(numbers):
    """Add up on the loop."""
    result = 0
    async for number in numbers:
        result += number
    return result


@app.method
def total_beside(numbers):
    """Add up on another thread."""
    result = []
    thread = threading.Thread(target=lambda: result.append(sum(numbers)))
    thread.start()
    thread.join()
    return result[0]


@app.method
def total_of_deep(request):
    """Add up a stream that stands inside a value."""
    return request["scale"] * sum(request["rows"][0])


@app.method
def first(items, count):
    """Take some and leave the rest."""
    taken = []
    for item in items:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


@app.method
async def first_later(items, count):
    """Take some on the loop and leave the rest."""
    taken = []
    async for item in items:
        taken.append(item)
        if len(taken) == count:
            break
    return taken


@app.method
def close_early(items, closed):
    """Close after one item, and go on when the caller says that it saw that."""
    item = next(items)
    items.close()
    closed()
    return [item, list(items)]


@app.method
def doubled(numbers):
    """Answer item by item."""
    for number in numbers:
        yield 2 * number


@app.method
async def doubled_later(numbers):
    """Answer item by item on the loop."""
    async for number in numbers:
        yield 2 * number


@app.method
def zipped(left, right):
    """Read two streams in turns."""
    return [[one, other] for one, other in zip(left, right, strict=True)]


@app.method
async def gathered(left, right):
    """Read two streams at once."""

    async def collect(items):
        return [item async for item in items]

    return await asyncio.gather(collect(left), collect(right))


@app.method
def caught(items):
    """Say what the caller's iterable failed with, and what came before."""
    taken = []
    try:
        for item in items:
            taken.append(item)  # noqa: PERF402  # what came before counts
    except JavaScriptError as error:
        return [taken, error.name, str(error)]
    return [taken, None, None]


@app.method
def uncaught(items):
    """Let the failure of the caller's iterable be this method's."""
    return list(items)


@app.method
def keep(items):
    """Keep a stream beyond its call."""
    kept.append(items)
    return next(items)


@app.method
def read_kept():
    """Read what was kept."""
    return next(kept.pop())


@app.method
async def sync_on_loop(items):
    """Read in a way that would block the loop."""
    return list(items)


@app.method
def add(a, b):
    """Add."""
    return a + b


@app.method
def wait_for_items(items):
    """Wait until cancelled, and say how that ended."""
    try:
        return list(items)
    finally:
        endings["wait"] = current_context().cancelled


@app.method
async def wait_for_items_later(items):
    """Wait on the loop until cancelled."""
    try:
        return [item async for item in items]
    finally:
        endings["wait later"] = current_context().cancelled


endings = {}


@app.method
async def ending(label):
    """Say how a wait ended."""
    return endings.pop(label, None)


@app.method
def size_of(chunks):
    """Count bytes."""
    return sum(len(chunk) for chunk in chunks)


@app.method
def size_of_slowly(chunks):
    """Count bytes, more slowly than they could come."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        time.sleep(0.005)
    return size


@app.method
def die_after(items, count):
    """End the process in the middle."""
    import os

    for number, _ in enumerate(items):
        if number == count:
            os._exit(3)
