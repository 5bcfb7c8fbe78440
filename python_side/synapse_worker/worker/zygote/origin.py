"""Which worker a process comes from, told by a mark in the environment that it was started with.

`/proc/<pid>/environ` shows the memory that held the environment when a program began. A fork has a copy of
that memory, and a program that is started then gets its contents: so the worker writes its pid into it,
in place, and all its descendants carry that, whatever session they move to, unless they are given another
environment on purpose.
"""

from __future__ import annotations

import os

NAME = "SYNAPSE_WORKER_PID"
DIGITS = 10
# What the parent starts the zygote with, so that there is room.
UNMARKED = "0" * DIGITS


def place_of_mark() -> int | None:
    """Return the address of the mark, here and in every fork; None where there is none."""
    if os.environ.get(NAME) != UNMARKED:
        return None
    try:
        import ctypes

        getenv = ctypes.CDLL(None).getenv
    except (ImportError, OSError, AttributeError):
        return None
    getenv.restype = ctypes.c_void_p
    place: int | None = getenv(NAME.encode())
    return place


def mark_descendants(place: int | None) -> None:
    """Write this process's pid to the place of the mark."""
    if place is None:
        return
    import ctypes

    pid = f"{os.getpid():0{DIGITS}d}"
    ctypes.memmove(place, pid.encode(), DIGITS)
    os.environ[NAME] = pid


def origin_of(pid: int) -> int | None:
    """Return the pid of the worker that a process comes from; None if it does not tell."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            variables = environ.read().split(b"\0")
    except OSError:
        return None
    prefix = f"{NAME}=".encode()
    for variable in variables:
        if variable.startswith(prefix) and variable[len(prefix) :].isdigit():
            return int(variable[len(prefix) :]) or None
    return None
