"""Large buffers on all their ways: those that travel as segments."""

import os
import signal
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
