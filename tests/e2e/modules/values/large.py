"""Large buffers on all their ways: those that travel as segments."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synapse_worker import Module

app = Module()
table = np.zeros(100_000, dtype="int64")


@app.method
def echo(value: Any) -> Any:
    return value


@app.method
async def echo_later(value: Any) -> Any:
    return value


running = 0


@app.method(concurrency=1)
async def alone(value: Any) -> int:
    """How many run at once; the others have their turn meanwhile."""
    global running
    running += 1
    for _ in range(100):
        await asyncio.sleep(0)
    among, running = running, running - 1
    return among


@app.method
def describe(value: Any) -> dict[str, Any]:
    if isinstance(value, np.ndarray):
        writable = value.flags.writeable
        total = float(value.sum())
        value[...] = 0
        return {
            "type": "ndarray",
            "dtype": value.dtype.name,
            "shape": list(value.shape),
            "owns": value.flags.owndata,
            "writable": writable,
            "sum": total,
        }
    return {"type": type(value).__name__, "size": len(value), "sum": sum(value)}


@app.method
def typed(data: bytes, numbers: NDArray[np.float64]) -> tuple[bytes, NDArray[np.float64]]:
    return data[::-1], numbers * 2


@app.method
def next_table() -> Any:
    """The same array each time, one higher."""
    table[:] += 1
    return table


@app.method
def through(value: Any, change: Callable[[Any], Any]) -> Any:
    return change(value)


@app.method
def nap(seconds: float) -> None:
    time.sleep(seconds)


@app.method
def die(value: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@app.method
def worker_pid() -> int:
    return os.getpid()


@app.method
def shout(size: int) -> bytes:
    """As many bytes as are asked for, by a process that is killed when they are under way."""
    threading.Thread(target=_kill_when_held, daemon=True).start()
    return bytes(size)


def _kill_when_held() -> None:
    (memory,) = [fd for fd in os.listdir("/proc/self/fd") if _is_written_here(fd)]
    while os.pread(int(memory), 1, 0) != b"\1":
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def _is_written_here(fd: str) -> bool:
    try:
        return "synapse-shared_output" in os.readlink(f"/proc/self/fd/{fd}")
    except OSError:  # that of the list itself
        return False
