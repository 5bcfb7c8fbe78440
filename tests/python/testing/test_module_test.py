"""`ModuleTest`: what a test sees is what a client would see."""

from __future__ import annotations

import asyncio
import sys
import threading
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker import Module, current_context
from synapse_worker.protocol.errors import PythonError, SynapseError, ValidationError
from synapse_worker.testing import ModuleTest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

DEADLINE_SECONDS = 10.0


@pytest.fixture
def app() -> Module:
    app = Module()
    app.events = []  # type: ignore[attr-defined]

    @app.method
    def add(a: int, b: int = 1, *, c: int = 0) -> int:
        return a + b + c

    @app.method
    def echo(value: Any) -> Any:
        return value

    @app.method
    def fail() -> None:
        raise LookupError("no such luck")

    @app.method
    def thread_name() -> str:
        return threading.current_thread().name

    @app.method
    async def later(value: int) -> int:
        await asyncio.sleep(0)
        return value

    @app.method
    def steps(to: int) -> Iterator[int]:
        events = app.events  # type: ignore[attr-defined]
        try:
            for step in range(to):
                events.append(f"made {step}")
                current_context().progress(step)
                yield step
        finally:
            events.append("closed")

    @app.method
    async def async_steps(to: int) -> AsyncIterator[int]:
        events = app.events  # type: ignore[attr-defined]
        try:
            for step in range(to):
                await asyncio.sleep(0)
                yield step
        finally:
            events.append("closed")

    @app.method
    def breaks() -> Iterator[int]:
        yield 1
        raise ValueError("broke")

    @app.method
    def reports() -> None:
        current_context().progress({"at": 1})
        current_context().log("working", level="WARNING", step=1)

    return app


@pytest.fixture
def module(app: Module) -> Iterator[ModuleTest]:
    with ModuleTest(app) as test:
        yield test


def test_a_call_returns_what_the_function_returns(module: ModuleTest) -> None:
    assert module.call("add", 40, c=1) == 42


def test_an_async_function_is_called_alike(module: ModuleTest) -> None:
    assert module.call("later", 7) == 7


def test_values_are_those_that_travel(module: ModuleTest) -> None:
    assert module.call("echo", {"items": (1, 2), "raw": bytearray(b"ab")}) == {
        "items": [1, 2],
        "raw": b"ab",
    }
    given = [1]
    assert module.call("echo", given) is not given


def test_a_value_that_cannot_travel_is_refused_on_its_way_in_and_out(module: ModuleTest) -> None:
    with pytest.raises(SynapseError, match="object"):
        module.call("echo", object())
    assert module.call("add", 1) == 2


def test_an_exception_arrives_as_the_clients_error(module: ModuleTest) -> None:
    with pytest.raises(PythonError, match="no such luck") as caught:
        module.call("fail")
    assert caught.value.code == "PYTHON_EXCEPTION"
    assert caught.value.python_type == "LookupError"
    assert "in fail" in caught.value.traceback


def test_wrong_arguments_and_unknown_methods_are_named(module: ModuleTest) -> None:
    with pytest.raises(SynapseError) as caught:
        module.call("add")
    assert caught.value.code == "INVALID_ARGUMENTS"
    with pytest.raises(SynapseError, match="Did you mean 'add'") as unknown:
        module.call("ad", 1)
    assert unknown.value.code == "METHOD_NOT_FOUND"


def test_synchronous_functions_run_in_the_thread_of_the_test(module: ModuleTest) -> None:
    assert module.call("thread_name") == threading.current_thread().name


@pytest.mark.parametrize("method", ["steps", "async_steps"])
def test_a_stream_yields_every_item(module: ModuleTest, method: str) -> None:
    assert list(module.stream(method, 40)) == list(range(40))


@pytest.mark.parametrize("method", ["steps", "async_steps"])
def test_leaving_a_stream_early_closes_the_generator(
    module: ModuleTest, app: Module, method: str
) -> None:
    for item in module.stream(method, 1000):
        if item == 2:
            break
    assert app.events[-1] == "closed"  # type: ignore[attr-defined]
    assert module.call("add", 1) == 2


def test_a_generator_is_not_ahead_of_its_reader(module: ModuleTest, app: Module) -> None:
    stream = module.stream("steps", 10)
    assert app.events == []  # type: ignore[attr-defined]
    assert next(stream) == 0
    assert app.events == ["made 0"]  # type: ignore[attr-defined]
    assert next(stream) == 1
    assert app.events == ["made 0", "made 1"]  # type: ignore[attr-defined]
    stream.close()
    assert app.events == ["made 0", "made 1", "closed"]  # type: ignore[attr-defined]


def test_items_before_a_failure_are_read_first(module: ModuleTest) -> None:
    stream = module.stream("breaks")
    assert next(stream) == 1
    with pytest.raises(PythonError, match="broke"):
        next(stream)


def test_a_call_during_a_stream_is_served(module: ModuleTest) -> None:
    for item in module.stream("steps", 3):
        assert module.call("add", item) == item + 1


def test_progress_and_logs_are_kept(module: ModuleTest) -> None:
    module.call("reports")
    assert module.progress == [{"at": 1}]
    (record,) = module.logs
    assert (record["message"], record["level"], record["extra"]) == (
        "working",
        "WARNING",
        {"step": 1},
    )
    module.call("add", 1)
    assert module.progress == []


def test_preloads_and_setups_run_before_the_first_call_and_teardowns_last(app: Module) -> None:
    ran: list[str] = []
    app.setup(lambda: ran.append("setup"))

    @app.setup
    async def asynchronously() -> None:
        ran.append("async setup")

    app.teardown(lambda: ran.append("first teardown"))
    app.preload(lambda: ran.append("preload"))
    app.teardown(lambda: ran.append("second teardown"))
    with ModuleTest(app) as module:
        assert ran == ["preload", "setup", "async setup"]
        module.call("add", 1)
    assert ran == ["preload", "setup", "async setup", "second teardown", "first teardown"]


def test_a_setup_that_fails_fails_the_test(app: Module) -> None:
    @app.setup
    def broken() -> None:
        raise OSError("no disk")

    with pytest.raises(OSError, match="no disk"), ModuleTest(app):
        pass


def test_a_teardown_that_fails_fails_the_test_after_the_others_ran(app: Module) -> None:
    ran: list[str] = []
    app.teardown(lambda: ran.append("other"))

    @app.teardown
    def broken() -> None:
        raise OSError("no disk")

    module = ModuleTest(app)
    module.call("add", 1)
    with pytest.raises(OSError, match="no disk"):
        module.close()
    assert ran == ["other"]
    module.close()


def test_a_closed_kit_says_so(app: Module) -> None:
    module = ModuleTest(app)
    module.close()
    with pytest.raises(RuntimeError, match="closed"):
        module.call("add", 1)


def test_no_thread_is_left(app: Module) -> None:
    before = threading.active_count()
    with ModuleTest(app) as module:
        module.call("later", 1)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_two_kits_of_one_module_do_not_meet(app: Module) -> None:
    with ModuleTest(app) as one, ModuleTest(app) as other:
        stream = one.stream("steps", 3)
        assert next(stream) == 0
        assert list(other.stream("steps", 2)) == [0, 1]
        assert list(stream) == [1, 2]


def test_it_takes_the_python_module_that_holds_the_module(app: Module) -> None:
    namespace = ModuleType("main")
    namespace.app = app  # type: ignore[attr-defined]
    with ModuleTest(namespace) as module:
        assert module.call("add", 1) == 2
    with pytest.raises(SynapseError, match="defines no Module"):
        ModuleTest(sys)


@pytest.fixture
def readers() -> Module:
    app = Module()

    @app.method
    def total(numbers: Iterator[int]) -> int:
        return sum(numbers)

    @app.method
    async def total_later(numbers: AsyncIterator[int]) -> int:
        result = 0
        async for number in numbers:
            result += number
        return result

    @app.method
    def first(numbers):
        return next(numbers)

    @app.method
    def doubled(numbers: Iterator[int]) -> Iterator[int]:
        for number in numbers:
            yield 2 * number

    @app.method
    def total_on_a_thread(numbers):
        totals: list[int] = []
        thread = threading.Thread(target=lambda: totals.append(sum(numbers)))
        thread.start()
        thread.join()
        return totals[0]

    return app


def counting(most: int, seen: list[str]) -> Iterator[int]:
    try:
        yield from range(most)
    finally:
        seen.append("closed")


async def counting_later(most: int, seen: list[str]) -> AsyncIterator[int]:
    try:
        for number in range(most):
            await asyncio.sleep(0)
            yield number
    finally:
        seen.append("closed")


@pytest.mark.parametrize("source", [counting, counting_later])
@pytest.mark.parametrize("method", ["total", "total_later", "total_on_a_thread"])
def test_a_method_reads_an_iterator_of_the_tests(readers: Module, method: str, source: Any) -> None:
    seen: list[str] = []
    with ModuleTest(readers) as module:
        assert module.call(method, source(1000, seen)) == 499_500
    assert seen == ["closed"]


def test_an_iterator_is_closed_when_its_call_has_read_enough(readers: Module) -> None:
    for source in (counting, counting_later):
        seen: list[str] = []
        with ModuleTest(readers) as module:
            assert module.call("first", source(1000, seen)) == 0
            assert seen == ["closed"]


def test_a_generator_transforms_an_iterator(readers: Module) -> None:
    with ModuleTest(readers) as module:
        assert list(module.stream("doubled", iter(range(100)))) == [2 * n for n in range(100)]


def test_an_item_of_another_type_is_refused_with_its_place(readers: Module) -> None:
    with ModuleTest(readers) as module, pytest.raises(ValidationError) as caught:
        module.call("total", iter([1, 2, "x"]))
    assert caught.value.details["path"] == "numbers[2]"


def test_what_an_iterator_raises_reaches_the_method(readers: Module) -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise LookupError("no more")

    with ModuleTest(readers) as module, pytest.raises(PythonError, match="no more"):
        module.call("total", failing())
