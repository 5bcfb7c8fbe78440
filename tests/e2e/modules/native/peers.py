"""What the fixtures of other pools do, in Python: wait to be told, hang, leak, crash, tear down."""

import asyncio
import contextlib
import os
import pathlib
import subprocess
import threading
import time
from collections.abc import Iterator

from synapse_worker import Module, current_context

app = Module()
leaked: list[bytes] = []
state = {"served": 0}


def exists(path: str) -> bool:
    """Look for a file."""
    return os.path.exists(path)


@app.setup
async def prepare() -> None:
    """Take a while: nobody is served before."""
    await asyncio.sleep(0.01)
    state["ready"] = 1


@app.teardown
async def leave() -> None:
    """Leave a note where asked to."""
    notes = os.environ.get("PEERS_TEARDOWN")
    await asyncio.sleep(float(os.environ.get("PEERS_TEARDOWN_SECONDS", "0")))
    if notes is not None:
        note(notes, str(os.getpid()))


@app.method
def wait_for(path: str) -> str:
    """Tell the caller that it runs, then wait until the file is there."""
    current_context().progress("begun")
    while not os.path.exists(path):
        time.sleep(0.002)
    return path


@app.method
async def wait_for_later(path: str) -> str:
    """Do so on the event loop."""
    current_context().progress("begun")
    while not exists(path):  # noqa: ASYNC110 - another process makes it, and no event of ours
        await asyncio.sleep(0.002)
    return path


@app.method
def spin() -> None:
    """Run for ever."""
    current_context().progress("begun")
    while True:
        pass


@app.method
def spin_in_c() -> int:
    """Run for ever where no exception can reach."""
    # Told to stop before it is in C, it goes there all the same.
    with contextlib.suppress(BaseException):
        current_context().progress("begun")
        sum(range(10**13))
    return sum(range(10**13))


@app.method
def nap(seconds: float) -> int:
    """Sleep."""
    time.sleep(seconds)
    return os.getpid()


@app.method
def note(path: str, text: str) -> None:
    """Add a line to a file, to show in which order calls ran."""
    with pathlib.Path(path).open("a") as file:
        file.write(f"{text}\n")


@app.method
def pid() -> int:
    """Say who answers."""
    return os.getpid()


@app.method
def count() -> list[int]:
    """Count the calls of this worker: state of a module lives as long as its worker."""
    state["served"] += 1
    return [os.getpid(), state["served"], state["ready"]]


@app.method
def leak(megabytes: int) -> int:
    """Keep more and more memory."""
    leaked.append(os.urandom(1024) * 1024 * megabytes)
    return os.getpid()


@app.method
def gobble() -> None:
    """Take memory until something stops it."""
    hoard = []
    while True:
        hoard.append(bytes(b"x" * 8_000_000))


@app.method
def crash_in_a_thread(path: str) -> int:
    """Have a thread end the process when the file is there, whatever else runs then."""

    def crash() -> None:
        while not exists(path):
            time.sleep(0.002)
        os._exit(9)

    threading.Thread(target=crash).start()
    return os.getpid()


@app.method
def raise_in_a_thread() -> int:
    """Have an exception that nobody catches, outside of any call."""

    def fail() -> None:
        raise RuntimeError("nobody catches this")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    return os.getpid()


@app.method
def child() -> list[int]:
    """Start a child that goes on."""
    return [os.getpid(), subprocess.Popen(["/bin/sleep", "300"]).pid]


@app.method
def stop_when_told(path: str) -> str:
    """Look now and then whether the caller still wants it, as cooperative code does."""
    context = current_context()
    try:
        context.progress("begun")
        while not context.cancelled:
            time.sleep(0.001)
    except BaseException:
        pathlib.Path(path).write_text("interrupted")
        raise
    pathlib.Path(path).write_text("saw it")
    return "stopped early"


@app.method
async def clean_up_when_cancelled(path: str) -> None:
    """Clean up for a while after a cancel."""
    current_context().progress("begun")
    try:
        await asyncio.sleep(300)
    finally:
        await asyncio.sleep(0.02)
        note(path, "cleaned up")


@app.method
def numbers(path: str) -> Iterator[int]:
    """Give numbers until told to stop, and note that."""
    number = 0
    try:
        while True:
            yield number
            number += 1
    finally:
        pathlib.Path(path).write_text("closed")
