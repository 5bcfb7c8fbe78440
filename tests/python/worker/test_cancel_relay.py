"""Async calls are cancelled while the main thread is inside C code, which handles no signal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.cancel_relay import CancelRelay
from synapse_worker.worker.channel import PipeOfIds

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import asyncio, hashlib
from synapse_worker import Module, current_context
app = Module()

@app.method
async def rest():
    current_context().progress("resting")
    await asyncio.sleep(600)

@app.method
async def numbers():
    number = 0
    while True:
        yield number
        number += 1
        await asyncio.sleep(0.001)

@app.method
def in_c(rounds):
    current_context().progress("in C")
    hashlib.pbkdf2_hmac("sha256", b"", b"", rounds)  # lets go of the interpreter, handles no signal

@app.method
def spin():
    current_context().progress("spinning")
    while True: pass

@app.method
def answer(): return 42
"""

MINUTES_OF_C = 10**9

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs the cancel pipe")


def begin(run: Any, method: str, *args: Any) -> tuple[int, Any]:
    begun: list[Any] = []
    call_id, pending = run.worker.start_call(method, args, on_progress=begun.append)
    while not begun:
        assert not pending.settled.wait(0.001)
    return call_id, pending


def assert_cancelled(pending: Any) -> None:
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"


def test_an_async_call_is_cancelled_while_the_main_thread_is_in_c(
    start: Callable[..., Any],
) -> None:
    run = start(SOURCE)
    resting, rest = begin(run, "rest")
    _, in_c = begin(run, "in_c", MINUTES_OF_C)
    run.worker.cancel(resting)
    assert_cancelled(rest)
    assert not in_c.settled.is_set()


def test_an_async_stream_is_closed_while_the_main_thread_is_in_c(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    stream = run.worker.stream("numbers")
    assert next(stream) == 0
    begin(run, "in_c", MINUTES_OF_C)
    run.worker.cancel(stream.stream_id)
    with pytest.raises(SynapseError) as failed:
        for _ in stream:
            pass
    assert failed.value.code == "CALL_CANCELLED"


def test_ids_of_other_calls_reach_the_main_thread_whoever_finds_them(
    start: Callable[..., Any],
) -> None:
    run = start(SOURCE)
    resting, rest = begin(run, "rest")  # there is a loop that looks, too
    for _ in range(100):
        spinning, spin = begin(run, "spin")
        run.worker.cancel(spinning)
        assert_cancelled(spin)
        run.worker.cancel(0)
        assert run.worker.call("answer") == 42
    assert not rest.settled.is_set()
    run.worker.cancel(resting)
    assert_cancelled(rest)
    assert len(run.events("alive")) == 100


def test_a_loop_that_a_setup_has_started_looks_as_well(start: Callable[..., Any]) -> None:
    run = start(f"{SOURCE}\n@app.setup\nasync def prepare(): await asyncio.sleep(0)\n")
    resting, rest = begin(run, "rest")
    begin(run, "in_c", MINUTES_OF_C)
    run.worker.cancel(resting)
    assert_cancelled(rest)


def test_a_pipe_that_is_closed_is_watched_no_more() -> None:
    there, here = os.pipe()
    os.set_blocking(there, False)
    relay = CancelRelay(there, PipeOfIds(there).take, lambda call_id: True, lambda: None)
    assert relay.on_readable() is True  # the main thread was faster
    os.write(here, (7).to_bytes(8, "little"))
    os.close(here)
    assert relay.on_readable() is True
    assert relay.on_readable() is False
    os.close(there)
