"""Functions of the client's, called from Python: from any kind of method and thread, cancelled and nested."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import PythonError, SynapseError

from .callback_client import CallbackClient

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Started

MODULE = """
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from concurrent.futures import ThreadPoolExecutor
from synapse_worker import JavaScriptError, Module, SynapseError

app = Module()
kept = []

@app.method
def visit(items, callback):
    return [callback(item) for item in items]

@dataclass
class Options:
    on: Any

@app.method
def anything(value: Any, options: Options, typed: Callable[[int], int]) -> list[int]:
    return [value(1), options.on["deep"][0](2), typed(3)]

@app.method
async def anything_async(value: Any, typed: Callable[[int], Awaitable[int]]) -> list[int]:
    return [await value["deep"][0](1), await typed(2)]

@app.method
async def visit_async(items, callback):
    return [await callback(item) for item in items]

@app.method
def nested(options):
    return options["on"][0]("deep")

@app.method
def in_threads(items, callback):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(callback, items))

@app.method
def items(count, callback):
    for number in range(count):
        yield callback(number)

@app.method
async def items_async(count, callback):
    for number in range(count):
        yield await callback(number)

@app.method
def caught(callback):
    try:
        callback()
    except JavaScriptError as error:
        return [error.name, error.message, error.stack, str(error)]

@app.method
def keep(callback):
    kept.append(callback)

@app.method
def use_kept():
    try:
        return kept[-1]()
    except SynapseError as error:
        return error.code

@app.method
def in_finally(callback):
    try:
        callback("wait")
    finally:
        kept.append("cleaned")

@app.method
def what_is_kept():
    return [x for x in kept if isinstance(x, str)]

@app.method
def add(a, b):
    return a + b

@app.method
def count_down(number, callback):
    return callback(number) if number else 0
"""


class Called:
    """A worker and the client that it calls back."""

    def __init__(self, started: Started) -> None:
        self.worker = started.worker
        self.client = CallbackClient(started.worker)

    def call(self, method: str, *args: Any, timeout_ms: float = 10_000) -> Any:
        plain = [self.client.function(arg) if callable(arg) else arg for arg in args]
        return self.worker.call(method, plain, timeout_ms=timeout_ms)


@pytest.fixture
def called(start: Callable[..., Started]) -> Called:
    return Called(start(MODULE))


@pytest.mark.parametrize("method", ["visit", "visit_async", "in_threads"])
def test_a_method_gets_what_the_callback_returns(called: Called, method: str) -> None:
    assert called.call(method, list(range(50)), lambda n: n * 2) == list(range(0, 100, 2))


@pytest.mark.parametrize("method", ["items", "items_async"])
def test_a_stream_may_call_back_between_its_items(called: Called, method: str) -> None:
    callback = called.client.function(lambda n: n * 10)
    assert list(called.worker.stream(method, [300, callback])) == list(range(0, 3000, 10))


def test_a_function_inside_other_arguments_is_one_too(called: Called) -> None:
    options = {"on": [called.client.function(lambda text: text.upper())]}
    assert called.worker.call("nested", [options]) == "DEEP"


def test_a_function_where_an_annotation_allows_anything_is_one_too(called: Called) -> None:
    one, two, three = (called.client.function(lambda n: n * 10) for _ in range(3))
    assert called.worker.call("anything", [one, {"on": {"deep": [two]}}, three]) == [10, 20, 30]
    assert called.worker.call("anything_async", [{"deep": [one]}, two]) == [10, 20]


def test_what_a_callback_raises_is_a_javascript_error(called: Called) -> None:
    def fail() -> None:
        raise ValueError("no")

    assert called.call("caught", fail) == ["TypeError", "no", "at x", "TypeError: no"]
    with pytest.raises(PythonError) as failed:
        called.call("visit", [1], lambda _: fail())
    assert failed.value.python_type == "JavaScriptError"
    assert called.call("add", 1, 2) == 3


def test_a_callback_that_outlives_its_call_says_so(called: Called) -> None:
    called.call("keep", lambda: 1)
    assert called.call("use_kept") == "CALLBACK_RELEASED"


def test_a_callback_may_call_the_worker_that_waits_for_it(called: Called) -> None:
    def ask_again(n: int) -> int:
        return called.worker.call("add", [n, 1], timeout_ms=10_000)

    assert called.call("visit", [1, 2, 3], ask_again) == [2, 3, 4]


def test_a_callback_may_stream_from_the_worker_that_waits_for_it(called: Called) -> None:
    double = called.client.function(lambda n: n * 2)

    def read(count: int) -> list[Any]:
        return list(called.worker.stream("items", [count, double]))

    assert called.call("visit", [3], read) == [[0, 2, 4]]


def test_methods_wait_inside_one_another_to_a_bound(called: Called) -> None:
    def again(number: int) -> int:
        return 1 + called.worker.call("count_down", [number - 1, reference], timeout_ms=10_000)

    reference = called.client.function(again)
    assert called.worker.call("count_down", [20, reference], timeout_ms=10_000) == 20
    with pytest.raises(SynapseError, match="inside one another"):
        called.worker.call("count_down", [40, reference], timeout_ms=10_000)
    assert called.call("add", 1, 2) == 3


def test_cancel_reaches_a_method_that_waits_for_a_callback(called: Called) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def wait(_: str) -> None:
        waiting.set()
        assert go_on.wait(10)

    call_id, pending = called.worker.start_call("in_finally", [called.client.function(wait)])
    assert waiting.wait(10)
    called.worker.cancel(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    go_on.set()
    assert called.call("what_is_kept") == ["cleaned"]
    assert called.client.cancelled == [1]


def test_threads_that_wait_for_a_callback_notice_a_cancel(called: Called) -> None:
    waiting, go_on = threading.Event(), threading.Event()

    def wait(_: int) -> None:
        waiting.set()
        assert go_on.wait(10)

    call_id, pending = called.worker.start_call("in_threads", [[1], called.client.function(wait)])
    assert waiting.wait(10)
    called.worker.cancel(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    go_on.set()


def test_cancelling_the_inner_call_leaves_the_outer_one_waiting(called: Called) -> None:
    inner_waits, go_on = threading.Event(), threading.Event()
    codes: list[str] = []

    def inner(_: str) -> None:
        inner_waits.set()
        go_on.wait(10)

    def outer(_: str) -> str:
        call_id, pending = called.worker.start_call("in_finally", [called.client.function(inner)])
        assert inner_waits.wait(10)
        called.worker.cancel(call_id)
        assert pending.settled.wait(10)
        with pytest.raises(SynapseError) as failed:
            pending.value()
        codes.append(failed.value.code)
        go_on.set()
        return "done"

    assert called.call("visit", ["x"], outer) == ["done"]
    assert codes == ["CALL_CANCELLED"]


def test_cancelling_the_outer_call_waits_for_the_inner_one(called: Called) -> None:
    inner_waits, go_on, outer_ends = threading.Event(), threading.Event(), threading.Event()
    inner_values: list[Any] = []
    outer_id: list[int] = []

    def inner(item: Any) -> Any:
        inner_waits.set()
        assert go_on.wait(10)
        return item

    def outer(_: str) -> str:
        function = called.client.function(inner)
        _, pending = called.worker.start_call("visit", [[7], function])
        assert inner_waits.wait(10)
        called.worker.cancel(outer_id[0])
        go_on.set()
        assert pending.settled.wait(10)
        inner_values.append(pending.value())
        outer_ends.set()
        return "late"

    function = called.client.function(outer)
    call_id, pending = called.worker.start_call("in_finally", [function])
    outer_id.append(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    assert outer_ends.wait(10)  # its answer was of no interest any more
    assert inner_values == [[7]]


def test_a_client_that_goes_while_it_is_called_lets_the_worker_end(called: Called) -> None:
    hold = threading.Event()
    waiting = threading.Event()

    def wait(_: Any) -> None:
        waiting.set()
        hold.wait(10)

    called.worker.start_call("visit", [[1], called.client.function(wait)])
    assert waiting.wait(10)
    connection = called.worker._connection
    assert connection is not None
    connection.close_output()
    assert called.worker._process.wait(10)
    hold.set()
    assert called.worker.exit_status == 0
