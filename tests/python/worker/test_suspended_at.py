"""The answer of a coroutine that was cancelled says where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import asyncio
from synapse_worker import Module
app = Module()

async def wait_for_ever():
    print("waits", flush=True)
    await asyncio.Event().wait()

@app.method
async def outer():
    await wait_for_ever()
"""


def details_of(pending: Any) -> Any:
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    return failed.value.details


def test_a_cancelled_coroutine_says_where_it_was(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    call_id, pending = run.worker.start_call("outer")
    run.logs.wait_for("stdout", "waits")
    run.worker.cancel(call_id)
    heading, *frames = details_of(pending)["stack"].split("\n")
    assert heading == "Task of the call (most recent call first):"
    names = [line.rpartition(" in ")[2] for line in frames]
    assert names == ["wait", "wait_for_ever", "outer"]
    assert 'main.py", line 8 in wait_for_ever' in frames[1]


def test_one_that_had_not_begun_was_nowhere(start: Callable[..., Any]) -> None:
    run = start(SOURCE)
    run.worker.cancel(1)
    _, pending = run.worker.start_call("outer")
    assert details_of(pending) is None
