"""Methods that a supervisor has to look after: they fall silent, hold the interpreter, take memory."""

import asyncio
import contextlib
import ctypes
import os
import shlex
import time
from collections.abc import Iterator

from synapse_worker import Module, current_context

app = Module()
kept: list[bytes] = []


@app.method
def pid() -> int:
    """Say which process answers."""
    return os.getpid()


@app.method
def echo(value: int) -> int:
    """Answer at once."""
    return value


@app.method
def sleep(seconds: float) -> str:
    """Wait in the kernel."""
    time.sleep(seconds)
    return "slept"


@app.method
def leave_mark(path: str, seconds: float = 0) -> str:
    """Add a line to a file, as soon as it has begun."""
    with open(path, "a") as marks:
        marks.write("begun\n")
    time.sleep(seconds)
    return "left"


@app.method
def report(times: int, every: float, then: float) -> str:
    """Give signs of life for a while, then none."""
    context = current_context()
    for time_ in range(times):
        context.progress(time_)
        time.sleep(every)
    time.sleep(then)
    return "done"


@app.method
def items(count: int, every: float) -> Iterator[int]:
    """Yield slowly."""
    for number in range(count):
        time.sleep(every)
        yield number


@app.method
def hold_interpreter(seconds: float) -> str:
    """Work in C without letting anything else run, neither threads nor signal handlers, about so long."""
    began = time.perf_counter()
    sum(range(10**6))
    steps_a_second = 10**6 / (time.perf_counter() - began)
    sum(range(int(steps_a_second * seconds)))
    return "let go"


@app.method
def hold_interpreter_until(fifo: str) -> str:
    """Wait in C, letting nothing else run either, until somebody has written to the FIFO."""
    # A `PyDLL` keeps the interpreter's lock; `system` waits on where signals interrupt other waits.
    ctypes.PyDLL(None).system(b"cat " + shlex.quote(fifo).encode())
    return "let go"


@app.method
def compute(seconds: float) -> int:
    """Work in pure Python."""
    end = time.monotonic() + seconds
    steps = 0
    while time.monotonic() < end:
        steps += 1
    return steps


@app.method
def take_memory(mebibytes: int) -> int:
    """Take memory, touch it, and keep it, a little at a time."""
    for _ in range(mebibytes):
        kept.append(os.urandom(2**20))
        time.sleep(0.001)
    time.sleep(60)
    return len(kept)


@app.method
def refuse_to_stop() -> None:
    """Tell the caller that it runs, then go on, whatever is raised."""
    # Told where nothing that is raised can end it any more.
    with contextlib.suppress(BaseException):
        current_context().progress("running")
        time.sleep(60)
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(60)


@app.method
async def wait(seconds: float) -> str:
    """Wait on the event loop."""
    await asyncio.sleep(seconds)
    return "waited"
