"""Async calls that come together start together: one wake-up of the loop, and none stands in another's way."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
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
            raise RuntimeError("no task for this one")
        return asyncio.Task(coroutine, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(make_task)


@app.method
async def begin_next_task_and_fail():  # type: ignore[no-untyped-def]
    begun: list[Any] = []

    def make_task(loop: Any, coroutine: Any, **options: Any) -> Any:
        if not begun:
            begun.append(coroutine)
            with suppress(StopIteration):
                coroutine.send(None)
            raise RuntimeError("begun, and left")
        return asyncio.Task(coroutine, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(make_task)


@app.method
async def later(value):  # type: ignore[no-untyped-def]
    await asyncio.sleep(0)
    return value


@app.method
async def numbers():  # type: ignore[no-untyped-def]
    yield 1


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


def test_a_task_that_cannot_be_made_fails_its_call_alone(connection: Dispatched) -> None:
    connection.send(Kind.CALL, 1, ["refuse_next_task", [], {}])
    connection.last_of(1)
    with busy_loop(connection):
        for call_id in (2, 3, 4):
            connection.send(Kind.CALL, call_id, ["echo", [call_id], {}])
    assert connection.last_of(2).body["message"] == "no task for this one"
    assert connection.last_of(3).body == 3
    assert connection.last_of(4).body == 4


def test_a_stream_whose_task_cannot_be_made_fails(connection: Dispatched) -> None:
    connection.send(Kind.CALL, 1, ["refuse_next_task", [], {}])
    connection.last_of(1)
    connection.send(Kind.OPEN, 2, ["numbers", [], {}, 16])
    assert connection.last_of(2).body["message"] == "no task for this one"


def test_a_call_cancelled_before_its_task_fails_is_cancelled(connection: Dispatched) -> None:
    connection.send(Kind.CALL, 1, ["refuse_next_task", [], {}])
    connection.last_of(1)
    with busy_loop(connection):
        connection.send(Kind.CALL, 2, ["echo", [2], {}])
        connection.send(Kind.CANCEL, 2)
    assert connection.last_of(2).body["code"] == "CALL_CANCELLED"


@pytest.mark.parametrize("method", ["echo", "later"])
def test_a_call_begun_by_a_factory_that_then_fails_is_answered_once(
    connection: Dispatched, method: str
) -> None:
    """As an eager factory would: `echo` has its result by then, `later` still waits."""
    connection.send(Kind.CALL, 1, ["begin_next_task_and_fail", [], {}])
    connection.last_of(1)
    connection.send(Kind.CALL, 2, [method, [2], {}])
    first = connection.last_of(2)
    assert first.kind is (Kind.RESULT if method == "echo" else Kind.ERROR)
    connection.send(Kind.CALL, 3, ["echo", [3], {}])
    assert connection.last_of(3).body == 3
    assert len(connection.of(2)) == 1
