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


def mark_descendants() -> None:
    """Write this process's pid into the environment that its descendants begin with."""
    if os.environ.get(NAME) != UNMARKED:
        return
    pid = f"{os.getpid():0{DIGITS}d}"
    try:
        import ctypes

        getenv = ctypes.CDLL(None).getenv
    except (ImportError, OSError, AttributeError):
        return
    getenv.restype = ctypes.c_void_p
    place = getenv(NAME.encode())
    if place:
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
