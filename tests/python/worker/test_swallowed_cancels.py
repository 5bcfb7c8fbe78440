"""A cancel that lands where Python swallows every exception is raised again, and hits its call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import gc, sys, time, weakref
from synapse_worker import Module, current_context
app = Module()

def busy(seconds):
    current_context().progress("here")
    end = time.monotonic() + seconds
    while time.monotonic() < end: pass

class Heavy:
    def __del__(self): busy(0.3)

class Light: pass

def in_destructor(): Heavy()

def in_weakref_callback():
    light = Light()
    reference = weakref.ref(light, lambda _: busy(0.3))
    del light

def in_gc_callback():
    def called(phase, info): busy(0.3)
    gc.callbacks.append(called)
    try: gc.collect()
    finally: gc.callbacks.remove(called)

@app.method
def swallow(where, seconds):
    globals()[where]()
    time.sleep(seconds)
    return "finished"

@app.method
def broken_destructor():
    class Broken:
        def __del__(self): raise ValueError("in a destructor")
    Broken()

@app.method
def answer(): return 42
"""


@pytest.mark.parametrize("where", ["in_destructor", "in_weakref_callback", "in_gc_callback"])
def test_a_swallowed_cancel_still_ends_its_call(start: Callable[..., Any], where: str) -> None:
    run = start(SOURCE)
    for _ in range(2):
        begun: list[Any] = []
        call_id, pending = run.worker.start_call("swallow", [where, 60], on_progress=begun.append)
        while not begun:
            assert not pending.settled.wait(0.001)
        run.worker.cancel(call_id)
        assert pending.settled.wait(10)
        with pytest.raises(SynapseError) as failed:
            pending.value()
        assert failed.value.code == "CALL_CANCELLED"
        assert run.worker.call("answer") == 42
    assert run.logs.of("stderr") == []


def test_a_call_that_ends_before_it_could_be_raised_again_does_not_hand_it_on(
    start: Callable[..., Any],
) -> None:
    run = start(SOURCE)
    for _ in range(5):
        begun: list[Any] = []
        call_id, pending = run.worker.start_call(
            "swallow", ["in_destructor", 0], on_progress=begun.append
        )
        while not begun:
            assert not pending.settled.wait(0.001) or begun  # both, where it is looked late
        run.worker.cancel(call_id)
        assert run.worker.call("answer") == 42
        assert pending.settled.is_set()


def test_what_else_a_destructor_raises_is_reported_as_always(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    run.worker.call("broken_destructor")
    run.logs.wait_for("stderr", "ValueError: in a destructor")
