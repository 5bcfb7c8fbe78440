"""What `ModuleTest` shows of types, services, callbacks and errors."""

import datetime as dt
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from synapse_worker import Module
from synapse_worker.protocol.errors import PythonError, SynapseError, ValidationError
from synapse_worker.testing import ModuleTest

DEADLINE_SECONDS = 10.0
app = Module()


@dataclass
class Item:
    name: str
    price: Decimal


class OutOfStockError(Exception):
    def __init__(self, item: str) -> None:
        super().__init__(f"no {item} left")


@app.method
def total(items: list[Item], *, day: dt.date | None = None) -> Decimal:
    assert all(type(item.price) is Decimal for item in items)
    return sum((item.price for item in items), Decimal(0))


@app.method(raises=(OutOfStockError,))
def order(item: str) -> Item:
    if item == "tea":
        raise OutOfStockError(item)
    return Item(item, Decimal("1.50"))


@app.method
def double_each(values: list[int], visit: Callable[[int], int]) -> list[int]:
    return [visit(value) for value in values]


@app.method
async def ask(visit: Callable[[str], Awaitable[str]]) -> str:
    return await visit("who?")


@app.method
def in_a_thread(visit: Callable[[str], str]) -> list[str]:
    names: list[str] = []
    thread = threading.Thread(target=lambda: names.append(visit("thread")))
    thread.start()
    thread.join(DEADLINE_SECONDS)
    return names


@app.method
def numbers(to: int, visit: Callable[[int], None]) -> Iterator[int]:
    for number in range(to):
        visit(number)
        yield number


kept: list[Any] = []


@app.method
def keep(visit: Callable[[], None]) -> None:
    kept.append(visit)


@app.method
def use_kept() -> None:
    kept.pop()()


@app.service
class Counter:
    closed = 0

    def __init__(self, start: int = 0) -> None:
        self.value = start

    def increment(self, by: int = 1) -> int:
        self.value += by
        return self.value

    def up_to(self, end: int) -> Iterator[int]:
        yield from range(self.value, end)

    @classmethod
    def from_text(cls, text: str) -> "Counter":
        return cls(int(text))

    def close(self) -> None:
        Counter.closed += 1


@pytest.fixture
def module() -> Iterator[ModuleTest]:
    with ModuleTest(app) as test:
        yield test


def test_arguments_are_converted_and_results_are_plain(module: ModuleTest) -> None:
    items = [{"name": "tea", "price": "1.50"}, {"name": "milk", "price": "0.75"}]
    assert module.call("total", items, day="2026-01-31") == "2.25"
    assert module.call("order", "milk") == {"name": "milk", "price": "1.50"}


def test_an_argument_of_the_wrong_type_is_named_by_its_path(module: ModuleTest) -> None:
    with pytest.raises(ValidationError) as caught:
        module.call("total", [{"name": "tea", "price": "much"}])
    assert caught.value.code == "VALIDATION_FAILED"
    assert "items[0].price" in caught.value.message


def test_an_error_has_its_python_type(module: ModuleTest) -> None:
    with pytest.raises(PythonError, match="no tea left") as caught:
        module.call("order", "tea")
    assert caught.value.python_type == "OutOfStockError"


def test_a_callback_runs_in_the_thread_of_the_test(module: ModuleTest) -> None:
    threads: set[str] = set()

    def double(value: int) -> int:
        threads.add(threading.current_thread().name)
        return 2 * value

    assert module.call("double_each", [1, 2], double) == [2, 4]
    assert threads == {threading.current_thread().name}
    assert module.call("double_each", [1, 2], visit=double) == [2, 4]


def test_an_async_method_awaits_a_callback_sync_or_async(module: ModuleTest) -> None:
    async def reply(question: str) -> str:
        return f"{question} me"

    assert module.call("ask", reply) == "who? me"
    assert module.call("ask", lambda question: f"{question} I") == "who? I"


def test_a_callback_is_called_from_a_thread_of_the_module(module: ModuleTest) -> None:
    assert module.call("in_a_thread", str.upper) == ["THREAD"]


def test_a_stream_calls_its_callback_as_it_goes(module: ModuleTest) -> None:
    seen: list[int] = []
    stream = module.stream("numbers", 3, seen.append)
    assert next(stream) == 0
    assert seen == [0]
    assert list(stream) == [1, 2]
    assert seen == [0, 1, 2]


def test_what_a_callback_raises_reaches_the_method(module: ModuleTest) -> None:
    def fail(value: int) -> int:
        raise ValueError(f"not {value}")

    with pytest.raises(PythonError, match="not 1"):
        module.call("double_each", [1], fail)


def test_a_callback_of_the_wrong_result_is_refused(module: ModuleTest) -> None:
    with pytest.raises(SynapseError, match="int"):
        module.call("double_each", [1], lambda value: "two")


def test_a_callback_may_call_the_module(module: ModuleTest) -> None:
    def nested(value: int) -> int:
        return int(module.call("double_each", [value], lambda inner: inner * 10)[0])

    assert module.call("double_each", [1, 2], nested) == [10, 20]


def test_a_callback_ends_with_its_call(module: ModuleTest) -> None:
    module.call("keep", lambda: None)
    with pytest.raises(SynapseError) as caught:
        module.call("use_kept")
    assert "CALLBACK_RELEASED" in {caught.value.code, getattr(caught.value, "python_type", "")}


def test_a_service_keeps_its_state_until_it_is_closed(module: ModuleTest) -> None:
    before = Counter.closed
    with module.new("Counter", 10) as counter:
        assert counter.call("increment", by=5) == 15
        assert module.new("Counter").call("increment") == 1
        assert list(counter.stream("up_to", 18)) == [15, 16, 17]
    assert Counter.closed == before + 1
    counter.close()
    with pytest.raises(SynapseError) as caught:
        counter.call("increment")
    assert caught.value.code == "SERVICE_CLOSED"


def test_a_result_that_is_an_instance_can_be_taken_up(module: ModuleTest) -> None:
    reference = module.call("Counter.from_text", "7")
    assert module.instance("Counter", reference).call("increment") == 8


def test_instances_are_closed_with_the_kit() -> None:
    before = Counter.closed
    with ModuleTest(app) as module:
        module.new("Counter")
    assert Counter.closed == before + 1
