"""What the tests of the Node runtime call."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from synapse_worker import Module, current_context

app = Module()
events: list[str] = []
produced = 0


@app.method
def add(a: int, b: int = 0, *, c: int = 0) -> int:
    return a + b + c


@app.method
def echo(value: object) -> object:
    return value


@app.method
def pid() -> int:
    return os.getpid()


@app.method
def note(text: str) -> None:
    """Remember that this ran, in this worker."""
    events.append(text)


@app.method
def noted() -> list[str]:
    return events


@app.method
def append(path: str, text: str) -> str:
    """Leave a mark in a file: seen whichever worker runs it, and however it ends."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(text + "\n")
    return text


def append_to(path: str) -> list[str]:
    append(path, "x")
    with open(path, encoding="utf-8") as file:
        return file.readlines()


@app.method
def nap(seconds: float) -> str:
    time.sleep(seconds)
    return "rested"


@app.method
def told_to_end() -> int:
    """Get the signal of a service manager, or of an operator, while at work."""
    os.kill(os.getpid(), signal.SIGTERM)
    return os.getpid()


@app.method
def announced_nap(seconds: float) -> str:
    current_context().progress("begun")
    time.sleep(seconds)
    return "rested"


@app.method
async def async_nap(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "rested"


@app.method
def swallow() -> None:
    """Refuse to stop, whatever is raised."""
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


@app.method
def burn_in_c() -> int:
    return sum(range(10**13))


@app.method
def crunch(seconds: float) -> str:
    """Work in C that no signal handler can interrupt, in steps much longer than a grace."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(2 * 10**7))
    return "crunched"


@app.method
def hold(seconds: float) -> None:
    """Keep a lock from being given: an interruptible wait inside the standard library."""
    threading.Event().wait(seconds)


@app.method
def steps(n: int) -> int:
    for step in range(n):
        current_context().progress(step)
    return n


@app.method
def speak(text: str) -> None:
    print(text)
    print(text, file=sys.stderr)


@app.method
def trace() -> list[str | None]:
    context = current_context()
    print("traced")
    logging.getLogger("app").warning("traced, too")
    return [context.traceparent, context.tracestate]


@app.method
def boom() -> None:
    raise ValueError("no such fruit")


@app.method
def die(code: int = 3) -> None:
    print("last words", file=sys.stderr, flush=True)
    os._exit(code)


@app.method
def dies_at_first(path: str, times: int) -> int:
    """End the worker, but for the call after so many."""
    calls = len(append_to(path))
    if calls <= times:
        os._exit(9)
    return calls


@app.method(idempotent=True)
def dies_harmlessly(path: str, times: int) -> int:
    return dies_at_first(path, times)


@app.method(concurrency=1)
async def alone(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "rested"


@app.method
def child() -> int:
    """Start a child that outlives its parent if nobody sweeps."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid


@app.method
def count(n: int) -> Iterator[int]:
    global produced
    produced = 0
    try:
        for i in range(n):
            produced += 1
            yield i
    finally:
        events.append("closed")


@app.method
def leaves_trace(path: str) -> Iterator[int]:
    """Say in a file, not at once, that the generator was closed."""
    try:
        while True:
            yield 1
    finally:
        time.sleep(0.05)
        with open(path, "w") as trace:
            trace.write("closed")


@app.method
def how_many() -> int:
    return produced


@app.method
def large_items(n: int, size: int) -> Iterator[bytes]:
    global produced
    produced = 0
    for _ in range(n):
        produced += 1
        yield bytes(size)


@app.method
def never_closes() -> Iterator[int]:
    try:
        yield 1
    finally:
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass


@app.method
def slow_items() -> Iterator[int]:
    yield 1
    time.sleep(60)
    yield 2
