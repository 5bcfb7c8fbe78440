"""Async calls that come together start together: one wake-up of the loop, and none stands in another's way."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker import Module
from synapse_worker.protocol.messages import Kind

from .dispatched import DEADLINE_SECONDS, Dispatched

if TYPE_CHECKING:
    from collections.abc import Iterator

app = Module()


@app.method
async def echo(value):  # type: ignore[no-untyped-def]
    return value


@app.method
async def refuse_next_task():  # type: ignore[no-untyped-def]
    refused: list[Any] = []

    def make_task(loop: Any, coroutine: Any, **options: Any) -> Any:
        if not refused:
            refused.append(coroutine)
            coroutine.close()
            raise RuntimeError("no task for this one")
        return asyncio.Task(coroutine, loop=loop, **options)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(make_task)
    loop.set_exception_handler(lambda loop, context: None)


@pytest.fixture
def connection() -> Iterator[Dispatched]:
    dispatched = Dispatched(app)
    yield dispatched
    dispatched.close()


@contextmanager
def busy_loop(connection: Dispatched) -> Iterator[None]:
    """Keep the loop from everything until the end of the block."""
    is_over, is_busy = threading.Event(), threading.Event()

    def wait() -> None:
        is_busy.set()
        is_over.wait(DEADLINE_SECONDS)

    connection.loop.call(wait)
    assert is_busy.wait(DEADLINE_SECONDS)
    yield
    is_over.set()


def test_a_burst_wakes_the_loop_once(
    connection: Dispatched, monkeypatch: pytest.MonkeyPatch
) -> None:
    wake_ups: list[Any] = []
    call = connection.loop.call

    def counting(callback: Any, *args: Any) -> None:
        wake_ups.append(callback)
        call(callback, *args)

    with busy_loop(connection):
        monkeypatch.setattr(connection.loop, "call", counting)
        for call_id in range(1, 11):
            connection.send(Kind.CALL, call_id, ["echo", [call_id], {}])
        assert len(wake_ups) == 1
    for call_id in range(1, 11):
        assert connection.last_of(call_id).body == call_id


def test_calls_start_in_the_order_in_which_they_came(connection: Dispatched) -> None:
    with busy_loop(connection):
        for call_id in range(1, 11):
            connection.send(Kind.CALL, call_id, ["echo", [call_id], {}])
    connection.last_of(10)
    answered = [answer.id for answer in connection.answers if answer.kind is Kind.RESULT]
    assert answered == sorted(answered)


def test_a_call_cancelled_before_the_loop_has_it_never_begins(connection: Dispatched) -> None:
    with busy_loop(connection):
        connection.send(Kind.CALL, 1, ["echo", [1], {}])
        connection.send(Kind.CANCEL, 1)
        connection.send(Kind.CALL, 2, ["echo", [2], {}])
    assert connection.last_of(1).body["code"] == "CALL_CANCELLED"
    assert connection.last_of(2).body == 2


def test_a_task_that_cannot_be_made_holds_up_no_other(connection: Dispatched) -> None:
    connection.send(Kind.CALL, 1, ["refuse_next_task", [], {}])
    connection.last_of(1)
    with busy_loop(connection):
        for call_id in (2, 3, 4):
            connection.send(Kind.CALL, call_id, ["echo", [call_id], {}])
    assert connection.last_of(3).body == 3
    assert connection.last_of(4).body == 4
