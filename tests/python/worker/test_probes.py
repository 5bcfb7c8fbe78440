"""The id 0 among the cancels asks whether the interpreter runs Python; `alive` is the answer."""

from __future__ import annotations

import os
import socket
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.worker.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_SECONDS = 10

SOURCE = """
import asyncio, threading, time
from synapse_worker import Module, current_context
app = Module()

def begin(): current_context().progress("running")

@app.method
def spin():
    begin()
    while True: pass

@app.method
def rest():
    begin()
    time.sleep(60)

@app.method
def in_c():
    begin()
    return sum(range(3 * 10**7))

@app.method
async def rest_async():
    begin()
    await asyncio.sleep(60)

@app.method
def ticks():
    begin()
    yield 1

@app.method
def answer(): return 42
"""


def wait_for_answers(run: Any, count: int) -> None:
    deadline = monotonic() + LIMIT_SECONDS
    while len(run.events("alive")) < count:
        assert monotonic() < deadline, f"{len(run.events('alive'))} of {count} probes answered"
        sleep(0.001)


@pytest.mark.parametrize("channel", ["auto", "socket"])
def test_an_idle_worker_answers_each_probe_and_goes_on(
    start: Callable[..., Any], channel: str
) -> None:
    run = start(SOURCE, channel=channel)
    for count in range(1, 4):
        run.worker.cancel(0)
        wait_for_answers(run, count)
    assert run.worker.call("answer") == 42


@pytest.mark.parametrize("channel", ["auto", "socket"])
@pytest.mark.parametrize("method", ["spin", "rest", "rest_async"])
def test_a_busy_worker_answers_without_harm_to_its_call(
    start: Callable[..., Any], method: str, channel: str
) -> None:
    run = start(SOURCE, channel=channel)
    begun: list[Any] = []
    call_id, pending = run.worker.start_call(method, on_progress=begun.append)
    while not begun:
        assert not pending.settled.wait(0.001)
    run.worker.cancel(0)
    wait_for_answers(run, 1)
    assert not pending.settled.is_set()
    run.worker.cancel(call_id)
    assert pending.settled.wait(LIMIT_SECONDS)


def test_a_worker_with_an_open_stream_answers(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    with run.worker.stream("ticks", window_items=1) as stream:
        assert next(stream) == 1
        run.worker.cancel(0)
        wait_for_answers(run, 1)


def test_a_probe_is_answered_when_c_has_let_go_of_the_interpreter(
    start: Callable[..., Any],
) -> None:
    run = start(SOURCE)
    begun: list[Any] = []
    _, pending = run.worker.start_call("in_c", on_progress=begun.append)
    while not begun:
        assert not pending.settled.wait(0.001) or begun  # both, where it is looked late
    run.worker.cancel(0)
    wait_for_answers(run, 1)
    assert pending.settled.wait(LIMIT_SECONDS)


def test_a_line_from_a_signal_handler_waits_for_the_end_of_the_line_it_broke_into(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = socket.socketpair()
    control = Control(ours.fileno())
    write = os.write

    def write_some_and_be_interrupted(fd: int, data: memoryview) -> int:
        written = write(fd, data[:5])
        monkeypatch.setattr(os, "write", write)
        control.send("alive")
        return written

    monkeypatch.setattr(os, "write", write_some_and_be_interrupted)
    control.send("exit", last_id=3)
    ours.close()
    with theirs, theirs.makefile("rb") as lines:
        assert lines.readlines() == [b'{"event": "exit", "last_id": 3}\n', b'{"event": "alive"}\n']
