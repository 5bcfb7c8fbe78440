"""Methods that hurt: they die, hang in Python and in C, swallow exceptions, and leave children behind."""

import asyncio
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import threading
import time

from synapse_worker import Module, current_context

app = Module()


@app.method
def pid() -> int:
    """Say which process answers."""
    return os.getpid()


@app.method
def group() -> list[int]:
    """Start a child that sleeps, and say who is who."""
    child = subprocess.Popen(["/bin/sleep", "300"])
    return [os.getpid(), child.pid]


@app.method
def die_by_signal(name: str) -> None:
    """Kill this worker."""
    os.kill(os.getpid(), getattr(signal, name))
    time.sleep(60)


@app.method
def segfault() -> None:
    """Touch the null pointer."""
    ctypes.string_at(0)


@app.method
def os_exit(code: int) -> None:
    """Leave without ceremony."""
    os._exit(code)


@app.method
def sleep(seconds: float) -> str:
    """Wait in the kernel."""
    time.sleep(seconds)
    return "slept"


@app.method
async def async_sleep(seconds: float) -> str:
    """Wait on the event loop."""
    await asyncio.sleep(seconds)
    return "slept"


@app.method
def say_and_sleep(seconds: float) -> None:
    """Tell the caller that it runs, then sleep."""
    current_context().progress("running")
    time.sleep(seconds)


@app.method
def spin() -> None:
    """Burn in pure Python."""
    while True:
        pass


@app.method
async def async_spin() -> None:
    """Burn on the event loop, and so block it."""
    while True:
        pass


@app.method
def spin_in_c() -> int:
    """Burn in C with the interpreter lock held: no exception can reach this."""
    return sum(range(10**13))


@app.method
def regex() -> object:
    """Backtrack for ages."""
    return re.match(r"(a+)+$", "a" * 40 + "b")


@app.method
def wait_for_lock() -> None:
    """Wait for a lock that nobody gives back."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@app.method
def wait_for_child() -> None:
    """Wait for a child that does not end."""
    subprocess.run(["/bin/sleep", "300"], check=False)


@app.method
def swallow() -> None:
    """Refuse to be interrupted."""
    while True:
        with contextlib.suppress(BaseException):
            while True:
                time.sleep(0.01)


@app.method
async def async_swallow() -> None:
    """Refuse to be cancelled on the loop."""
    while True:
        with contextlib.suppress(BaseException):
            await asyncio.sleep(300)


@app.method
def talk_then_die(text: str) -> None:
    """Say last words on stderr."""
    os.write(2, f"{text}\n".encode())
    os._exit(5)
