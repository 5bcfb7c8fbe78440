"""Work done by processes of the module's own: pools of each kind that `multiprocessing` has."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from synapse_worker import Module

app = Module()


def square(number: int) -> tuple[int, int]:
    """What a process of the pool does; say which one did it."""
    return number * number, os.getpid()


@app.method
def squares(manner: str, how: str, count: int) -> tuple[list[int], list[int]]:
    """Square the numbers below `count` in a pool; say who did."""
    context = multiprocessing.get_context(manner)
    if how == "Pool":
        with context.Pool(2) as pool:
            done = pool.map(square, range(count))
    else:
        with ProcessPoolExecutor(2, mp_context=context) as executor:
            done = list(executor.map(square, range(count)))
    return [value for value, _ in done], sorted({pid for _, pid in done})


@app.method
def pid() -> int:
    """Say who answers."""
    return os.getpid()
