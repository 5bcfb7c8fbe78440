"""User code that upsets what it shares with the runtime harms its own call at most, never its neighbours."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import PythonError, SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

MODULE = """
import asyncio, fcntl, os, signal, sys, time
from synapse_worker import Module
app = Module()

class Unspeakable(Exception):
    def __str__(self): sys.exit(3)
    __repr__ = __str__

class Annotated(Exception):
    @property
    def __notes__(self): sys.exit(3)

class Unreadable:
    def __getattr__(self, name): sys.exit(3)

@app.teardown
def finish(): print("teardown", os.getpid(), flush=True)

@app.method
def fail(): raise Unspeakable

@app.method
async def fail_async(): raise Unspeakable

@app.method
def fail_annotated(): raise Annotated("noted")

@app.method
def unreadable(): return Unreadable()

@app.method
async def stop_loop():
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)
    return "stopped"

@app.method
async def keep_loop():
    global loop
    loop = asyncio.get_running_loop()

@app.method
def close_loop():
    # What a race of stop() and close() leaves behind, without the race.
    loop._closed = True

@app.method
def echo(value): return value

@app.method
async def echo_async(value): return value

@app.method
def lower_recursion_limit(limit): sys.setrecursionlimit(limit)

@app.method
def recursion_limit(): return sys.getrecursionlimit()

def fork_and_wait(status=None):
    pid = os.fork()
    if pid:
        return [os.getpid(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])]
    if status is not None:
        sys.exit(status)

@app.method
def fork(status=None): return fork_and_wait(status)

@app.method
def fork_and_terminate(number):
    pid = os.fork()
    if not pid:
        time.sleep(20)
        os._exit(3)
    os.kill(pid, number)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

@app.method
async def fork_async(): return fork_and_wait()

@app.method
def fork_stream():
    yield fork_and_wait()

@app.method
def close_descriptors(first, last): os.closerange(first, last)

@app.method
def guards():
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += bool(fcntl.fcntl(int(name), fcntl.F_GETFL) & os.O_ASYNC)
        except OSError: pass  # the one that listed them
    return count
"""


@pytest.mark.parametrize("method", ["fail", "fail_async"])
def test_an_exception_that_exits_when_it_is_formatted_fails_its_own_call_alone(
    start: Callable[..., Any], method: str
) -> None:
    run = start(MODULE)
    with pytest.raises(PythonError) as caught:
        run.worker.call(method)
    assert caught.value.python_type == "Unspeakable"
    assert caught.value.message == "<unprintable Unspeakable>"
    assert run.worker.call("echo", [1]) == 1


def test_notes_and_results_whose_own_code_exits_fail_their_call_alone(
    start: Callable[..., Any],
) -> None:
    run = start(MODULE)
    with pytest.raises(PythonError, match="noted"):
        run.worker.call("fail_annotated")
    with pytest.raises(SynapseError):
        run.worker.call("unreadable")
    assert run.worker.call("echo", [1]) == 1


def test_a_stopped_event_loop_goes_on_with_its_call_and_the_next(start: Callable[..., Any]) -> None:
    run = start(MODULE)
    assert run.worker.call("stop_loop") == "stopped"
    assert run.worker.call("echo_async", [2]) == 2
    assert run.worker.call("echo", [3]) == 3


def test_a_closed_event_loop_refuses_async_calls_and_serves_the_others(
    start: Callable[..., Any],
) -> None:
    run = start(MODULE)
    run.worker.call("keep_loop")
    run.worker.call("close_loop")
    with pytest.raises(SynapseError, match="closed the event loop") as caught:
        run.worker.call("echo_async", [1])
    assert caught.value.code == "CLOSED"
    assert run.worker.call("echo", [2]) == 2


def test_a_low_recursion_limit_does_not_lower_the_depth_of_values(
    start: Callable[..., Any],
) -> None:
    run = start(MODULE)
    value: Any = 1
    for _ in range(128):
        value = [value]
    run.worker.call("lower_recursion_limit", [60])
    assert run.worker.call("echo", [value]) == value
    assert run.worker.call("recursion_limit") == 60


@pytest.mark.parametrize("method", ["fork", "fork_async"])
def test_a_forked_child_ends_where_its_handler_returns(
    start: Callable[..., Any], method: str
) -> None:
    run = start(MODULE)
    pid, status = run.worker.call(method)
    assert (pid, status) == (run.worker.pid, 0)
    run.worker.close()
    assert run.logs.of("stdout") == [f"teardown {pid}\n"]


def test_a_forked_child_ends_with_the_status_it_exits_with(start: Callable[..., Any]) -> None:
    run = start(MODULE)
    assert run.worker.call("fork", [7]) == [run.worker.pid, 7]


def test_a_forked_child_ends_when_it_is_told_to(start: Callable[..., Any]) -> None:
    run = start(MODULE)
    assert run.worker.call("fork_and_terminate", [signal.SIGTERM]) == -signal.SIGTERM
    assert run.worker.call("echo", ["untouched"]) == "untouched"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread is the guard")
def test_closing_the_low_descriptors_cuts_neither_channel_nor_life_guard(
    start: Callable[..., Any],
) -> None:
    run = start(MODULE)
    run.worker.call("close_descriptors", [3, 256])
    assert run.worker.call("echo", ["still here"]) == "still here"
    assert run.worker.call("guards") == 1
    os.kill(run.worker.pid, signal.SIGTERM)  # drains: the wake-up pipe is needed and there
    run.worker.close()
    assert run.worker.exit_status == 0
