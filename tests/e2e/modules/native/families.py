"""Workers with children, that then do for ever whatever is asked of them."""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
import time

from synapse_worker import Module, current_context

app = Module()

# A child that ignores every signal which can be ignored, with a child of its own.
STUBBORN = """
import signal, subprocess, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGIO):
    signal.signal(number, signal.SIG_IGN)
child = subprocess.Popen(["/bin/sleep", "300"])
print(child.pid, flush=True)
time.sleep(300)
"""


def found_family() -> list[int]:
    """Start a child, and one that ignores signals and has a child itself; say who all are."""
    child = subprocess.Popen(["/bin/sleep", "300"])
    stubborn = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", STUBBORN], stdout=subprocess.PIPE
    )
    assert stubborn.stdout is not None
    grandchild = int(stubborn.stdout.readline())
    return [os.getpid(), child.pid, stubborn.pid, grandchild]


def sleep() -> None:
    """Wait in the kernel."""
    time.sleep(300)


def spin() -> None:
    """Burn in pure Python."""
    while True:
        pass


def spin_in_c() -> None:
    """Burn in C with the interpreter lock held."""
    sum(range(10**13))


def backtrack() -> None:
    """Burn in the regular expression engine."""
    re.match(r"(a+)+$", "a" * 40 + "b")


def swallow() -> None:
    """Refuse every exception."""
    while True:
        with contextlib.suppress(BaseException):
            time.sleep(300)


def wait_for_lock() -> None:
    """Wait for a lock that nobody gives back."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def wait_for_child() -> None:
    """Wait for a child that does not end."""
    subprocess.run(["/bin/sleep", "300"], check=False)


def fork_on_and_on() -> None:
    """Start one short child after the other."""
    while True:
        subprocess.run(["/bin/true"], check=False)


MANNERS = {
    manner.__name__: manner
    for manner in (
        sleep,
        spin,
        spin_in_c,
        backtrack,
        swallow,
        wait_for_lock,
        wait_for_child,
        fork_on_and_on,
    )
}


@app.method
def live(manner: str) -> None:
    """Found a family, tell who it is, then live like this."""
    current_context().progress(found_family())
    MANNERS[manner]()


@app.method
async def live_on_the_loop() -> None:
    """Do so on the event loop."""
    current_context().progress(found_family())
    await asyncio.sleep(300)


@app.method
def family_with_strays(where: str) -> list[int]:
    """Start a child that moves to a group, or a session, of its own."""
    move = os.setpgrp if where == "group" else os.setsid
    child = subprocess.Popen(["/bin/sleep", "300"], preexec_fn=move)
    return [os.getpid(), child.pid]


@app.method
def pid() -> int:
    """Say who answers."""
    return os.getpid()
