"""Methods that leave a mark when they begin, in a file that outlives their worker: none may do so twice."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from synapse_worker import Module, SynapseError

app = Module()

_marks: dict[str, int] = {}
# Unlike CDLL it keeps the interpreter's lock.
_c = ctypes.PyDLL(None)


def _leave(path: str, token: str) -> None:
    if path not in _marks:
        _marks[path] = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(_marks[path], f"{token}\n".encode())


@app.method
def pid() -> int:
    return os.getpid()


@app.method
def mark(path: str, token: str, milliseconds: float = 0) -> str:
    _leave(path, token)
    if milliseconds > 0:
        time.sleep(milliseconds / 1000)
    return token


@app.method
def mark_in_c(path: str, token: str, milliseconds: int = 0) -> str:
    """Hold the interpreter's lock meanwhile."""
    _leave(path, token)
    end = time.monotonic() + milliseconds / 1000
    while (left := end - time.monotonic()) > 0:
        _c.usleep(int(left * 1_000_000))  # signals end it early
    return token


@app.method
def mark_and_sum(path: str, token: str, count: int = 0) -> str:
    """Hold the interpreter's lock without a break, whatever is signalled."""
    _leave(path, token)
    sum(range(count))
    return token


@app.method
def mark_stubbornly(path: str, token: str, milliseconds: float = 0) -> str:
    """Let nobody interrupt it."""
    _leave(path, token)
    end = time.monotonic() + milliseconds / 1000
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(BaseException):
            time.sleep(left)
    return token


@app.method
def mark_and_die(path: str, token: str, dies: bool = False) -> str:
    _leave(path, token)
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    return token


@app.method
async def mark_async(path: str, token: str, milliseconds: float = 0) -> str:
    _leave(path, token)
    await asyncio.sleep(milliseconds / 1000)
    return token


@app.method
def mark_items(path: str, token: str) -> Iterator[str]:
    _leave(path, token)
    yield token


@app.method
async def mark_items_async(path: str, token: str) -> AsyncIterator[str]:
    _leave(path, token)
    yield token


@app.method
def mark_and_ask(path: str, token: str, answer: Callable[[str], str]) -> str:
    _leave(path, token)
    return answer(token)


@app.method
async def mark_and_ask_async(path: str, token: str, answer: Callable[[str], Awaitable[str]]) -> str:
    _leave(path, token)
    return await answer(token)


@app.method
def mark_and_claim_not_to_have_begun(path: str, token: str) -> str:
    _leave(path, token)
    raise SynapseError("CLOSED", "as a worker says that shuts down", details={"begun": False})
