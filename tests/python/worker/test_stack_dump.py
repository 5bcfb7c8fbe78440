"""The stacks of a worker can be read at any time, whatever it is doing."""

from __future__ import annotations

import os
import signal
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_MS = 30_000

SOURCE = """
import asyncio, os, signal, time
from synapse_worker import Module, current_context
app = Module()

@app.method
def spin(kind):
    current_context().progress("running")
    if kind == "python":
        while True: pass
    if kind == "sleep":
        time.sleep(60)
    sum(range(10**10))  # holds the interpreter

@app.method
async def nest():
    def deeper(depth):
        return depth and deeper(depth - 1)

    while True:
        deeper(50)
        await asyncio.sleep(0)


@app.method
def fork_and_signal():
    pid = os.fork()
    if pid == 0:
        os.kill(os.getpid(), signal.SIGUSR2)
        os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def read_stack_with(run: Any, part: str) -> str:
    """Return what is read of stacks until this part has been in one.

    A stack has no end mark. Where the processor is taken away from the worker while it writes, for longer than
    the quiet that ends a stack, what is read is the first half of one, and the next time the second.
    """
    deadline = monotonic() + TIMEOUT_MS / 1000
    read: list[str] = []
    while not read or part not in read[-1]:
        assert monotonic() < deadline, f"{part!r} is not in {read!r}"
        read.append(str(run.worker.read_stack(TIMEOUT_MS)))
    return "\n".join(read)


needs_proc = pytest.mark.skipif(
    sys.platform != "linux", reason="pipes are opened by number through /proc"
)


@needs_proc
@pytest.mark.parametrize("kind", ["python", "sleep", "in C"])
def test_the_stack_is_read_from_its_own_pipe(start: Callable[..., Any], kind: str) -> None:
    run = start(SOURCE)
    begun: list[Any] = []
    call_id, pending = run.worker.start_call("spin", [kind], on_progress=begun.append)
    while not begun:
        assert not pending.settled.wait(0.01)
    for _ in range(2):
        assert 'main.py", line' in read_stack_with(run, "in spin")
    run.worker.cancel(call_id)
    run.worker.kill()
    assert run.logs.of("stderr") == []


def test_a_parent_that_does_not_open_the_pipe_finds_the_stack_on_stderr(
    start: Callable[..., Any],
) -> None:
    run = start(SOURCE, channel="socket")
    run.worker.start_call("spin", ["sleep"])
    os.kill(run.worker.pid, signal.SIGUSR2)
    run.logs.wait_for("stderr", "most recent call first")
    assert run.worker.read_stack(TIMEOUT_MS) is None


@needs_proc
def test_forked_children_do_not_write_to_the_pipe(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    assert run.worker.call("fork_and_signal") == 7
    assert "fork_and_signal" not in read_stack_with(run, "serve_loop.py")


@needs_proc
def test_stacks_are_asked_for_while_the_event_loop_runs(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    call_id, _ = run.worker.start_call("nest")
    begun: list[Any] = []
    _, sleeping = run.worker.start_call("spin", ["sleep"], on_progress=begun.append)
    while not begun:
        assert not sleeping.settled.wait(0.01)
    for _ in range(20_000):
        os.kill(run.worker.pid, signal.SIGUSR2)
    assert run.worker.exit_status is None
    read_stack_with(run, "in spin")
    run.worker.cancel(call_id)
    run.worker.kill()
