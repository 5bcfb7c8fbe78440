"""What the chaos drill calls: honest methods, and ones that end, stop, starve or garble their worker.

Each call brings its number, and notes it in a ledger before it does anything else: afterwards the
drill knows of each call how often it ran, whatever became of the worker and of its answer.
"""

import asyncio
import contextlib
import hashlib
import itertools
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from synapse_worker import Module, current_context
from synapse_worker.transport.descriptors import DescriptorTransport

app = Module()

# The descriptor on which answers travel, which no module should know of.
answers: dict[str, int] = {}
# Opened in each worker: a process with open files is not forked.
ledger: dict[str, int] = {}
MORE_MEMORY = 32 * 1024 * 1024


own_pipes = DescriptorTransport.__init__


def betray(transport: DescriptorTransport, input_fd: int, output_fd: int) -> None:
    """Remember where the worker writes."""
    answers["fd"] = output_fd
    own_pipes(transport, input_fd, output_fd)


DescriptorTransport.__init__ = betray  # type: ignore[method-assign]


@app.setup
def open_ledger() -> None:
    """One write of eight bytes to a file opened for appending is whole, whoever else writes."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    ledger["fd"] = os.open(os.environ["CHAOS_LEDGER"], flags, 0o600)


def note(number: int) -> None:
    """Enter that this call has begun."""
    os.write(ledger["fd"], struct.pack("<Q", number))


@app.method
def echo(number: int, payload: Any) -> list[Any]:
    """Give back what came."""
    note(number)
    return [number, payload]


@app.method
def digest(number: int, data: bytes) -> list[Any]:
    """Say what arrived of many bytes, and send as many back."""
    note(number)
    return [number, hashlib.sha256(data).hexdigest(), bytes(len(data))]


@app.method
def nap(number: int, seconds: float) -> int:
    """Sleep in the main thread."""
    note(number)
    time.sleep(seconds)
    return number


@app.method
async def later(number: int, seconds: float) -> int:
    """Sleep on the event loop."""
    note(number)
    await asyncio.sleep(seconds)
    return number


@app.method
def burn(number: int, seconds: float) -> int:
    """Compute in pure Python."""
    note(number)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
    return number


@app.method
def chatter(number: int, lines: int) -> int:
    """Print from Python and from a child, and log."""
    note(number)
    for line in range(lines):
        print(f"call {number} prints line {line}")
    sys.stderr.write(f"call {number} complains")
    return number


@app.method
def fail(number: int) -> None:
    """Raise an error of its own."""
    note(number)
    raise ValueError(f"call {number} fails as it should")


@app.method
async def fail_later(number: int) -> None:
    """Raise on the event loop."""
    note(number)
    await asyncio.sleep(0)
    raise ValueError(f"call {number} fails as it should")


@app.method
def unfit(number: int) -> object:
    """Return what cannot travel."""
    note(number)
    return {"number": number, "value": print}


@app.method
def steps(number: int, count: int) -> int:
    """Report progress."""
    note(number)
    for step in range(count):
        current_context().progress([number, step])
    return number


@app.method
def count(number: int, items: int) -> Iterator[list[int]]:
    """Give numbered items."""
    note(number)
    for item in range(items):
        yield [number, item]


@app.method
async def count_later(number: int, items: int) -> AsyncIterator[list[int]]:
    """Give numbered items from the event loop."""
    note(number)
    for item in range(items):
        yield [number, item]
        if item % 16 == 0:
            await asyncio.sleep(0)


@app.method
def break_after(number: int, items: int) -> Iterator[list[int]]:
    """Give some items, then raise."""
    note(number)
    for item in range(items):
        yield [number, item]
    raise ValueError(f"call {number} fails as it should")


@app.method
def ask(number: int, function: Callable[[int], int], times: int) -> int:
    """Call a function of the caller, and add up what it says."""
    note(number)
    return sum(function(turn) for turn in range(times))


@app.method
async def ask_later(number: int, function: Callable[[int], Awaitable[int]], times: int) -> int:
    """Do so on the event loop."""
    note(number)
    return sum([await function(turn) for turn in range(times)])


@app.method
def take(number: int, rows: Iterator[int], items: int) -> list[int]:
    """Add up what the caller streams, or the first of it."""
    note(number)
    return [number, sum(itertools.islice(rows, items))]


@app.method
async def take_later(number: int, rows: AsyncIterator[int], items: int) -> list[int]:
    """Do so on the event loop."""
    note(number)
    total = taken = 0
    if items > 0:
        async for row in rows:
            total += row
            taken += 1
            if taken == items:
                break
    return [number, total]


@app.method
def die(number: int, how: str) -> int:
    """End this worker, or stop it, in one of the ways there are."""
    note(number)
    if how == "exit":
        os._exit(number % 250 + 1)
    if how == "exit 0":
        os._exit(0)
    if how == "SystemExit":
        sys.exit(3)
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(0.005)
    return number


@app.method
def hang(number: int, how: str) -> None:
    """Never come back by itself."""
    note(number)
    while how == "swallow":
        with contextlib.suppress(BaseException):
            time.sleep(300)
    if how == "in C":
        sum(range(10**13))
    if how == "stopped":
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(300)


@app.method
def eat_memory(number: int) -> int:
    """Ask for more memory than there may be."""
    note(number)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as statm:
        in_use = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MORE_MEMORY, hard))
    try:
        return len(bytes(8 * MORE_MEMORY))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@app.method
def eat_descriptors(number: int, seconds: float) -> int:
    """Have all files open that may be, for a while."""
    note(number)
    opened: list[int] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Few enough that this takes no time, and more than the worker has.
    resource.setrlimit(resource.RLIMIT_NOFILE, (600, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                opened.append(os.dup(ledger["fd"]))
        time.sleep(seconds)
        return number
    finally:
        for fd in opened:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def frame(kind: int, number: int, body: bytes) -> bytes:
    """Lay out a message as docs/protocol.md says."""
    payload = bytes((kind, 0)) + number.to_bytes(6, "little") + body
    return struct.pack("<I", len(payload)) + payload


@app.method
def garble(number: int, how: str) -> int:
    """Write what is no answer where answers travel."""
    note(number)
    fd = answers["fd"]
    if how == "noise":
        os.write(fd, os.urandom(256))
    elif how == "oversized":
        os.write(fd, b"\xff\xff\xff\xff" + bytes(64))
    elif how == "unknown id":
        os.write(fd, frame(3, 2**40 + number, b"\xc0"))
    elif how == "unknown kind":
        os.write(fd, frame(99, number + 1, b""))
    elif how == "ignored kind":
        os.write(fd, frame(200, number, b"anything"))
    elif how == "truncated":
        os.write(fd, struct.pack("<I", 100_000) + bytes(100))
        os._exit(0)
    elif how == "undecodable log":
        os.write(fd, frame(11, 0, b"\xc1\xc1"))
    return number
