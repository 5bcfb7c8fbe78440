"""Services in a real worker: instances live there, are called by number, and are let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Started

MODULE = """
from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from synapse_worker import Module

if TYPE_CHECKING:
    from typing_extensions import Self

app = Module()
closed = []


@app.service
class Counter:
    step = 1

    def __init__(self, start: int = 0) -> None:
        if start < 0:
            raise ValueError("below zero")
        self.value = start

    def increment(self, by: int = 1) -> int:
        self.value += by
        return self.value

    async def later(self, by: int) -> Decimal:
        return Decimal(self.value + by)

    def up_to(self, count: int) -> Iterator[Decimal]:
        for number in range(count):
            yield Decimal(self.value + number)

    @classmethod
    def parse(cls, text: str) -> Counter:
        return cls(int(text))

    @staticmethod
    def zero() -> int:
        return 0

    @property
    def double(self) -> int:
        return self.value * 2

    def me(self) -> Counter:
        return self

    def _private(self) -> None:
        pass

    def close(self) -> None:
        print("closed", self.value, flush=True)
        closed.append(self.value)


@app.service(name="Session")
class AsyncSession:
    def value(self):
        return "untyped"

    async def __aexit__(self, *error) -> None:
        closed.append("aexit")

    def close(self) -> None:
        closed.append("wrong")


@app.service
class Bad:
    def close(self) -> None:
        raise RuntimeError("will not close")


@app.method
def make(start: int) -> Counter:
    return Counter(start)


@app.method
def what_closed():
    return closed


@app.method
def is_prepared():
    import gc
    return any(type(made).__name__ == "FunctionPlan" for made in gc.get_objects())
"""


@pytest.fixture
def started(start: Callable[..., Started]) -> Started:
    return start(MODULE)


@pytest.fixture
def worker(started: Started) -> Any:
    return started.worker


def code_of(worker: Any, method: str, *args: Any) -> str:
    with pytest.raises(SynapseError) as failed:
        worker.call(method, args)
    return str(failed.value.code)


def test_an_instance_keeps_its_state(worker: Any) -> None:
    one, two = worker.call("Counter.$new", [5]), worker.call("Counter.$new")
    assert (one, two) == (1, 2)
    assert worker.call("Counter.increment", [one]) == 6
    assert worker.call("Counter.increment", [one, 4]) == 10
    assert worker.call("Counter.increment", [two], {"by": 2}) == 2
    assert worker.call("Counter.later", [one, 1]) == "11"
    assert list(worker.stream("Counter.up_to", [one, 2])) == ["10", "11"]


def test_methods_of_the_class_need_no_instance_and_may_make_one(worker: Any) -> None:
    assert worker.call("Counter.zero") == 0
    parsed = worker.call("Counter.parse", ["12"])
    assert worker.call("Counter.increment", [parsed]) == 13
    made = worker.call("make", [3])
    assert worker.call("Counter.increment", [made]) == 4
    assert worker.call("Counter.me", [made]) == made


def test_the_constructor_s_arguments_are_checked_and_its_errors_told(worker: Any) -> None:
    assert code_of(worker, "Counter.$new", "5") == "VALIDATION_FAILED"
    assert code_of(worker, "Counter.$new", -1) == "PYTHON_EXCEPTION"
    assert code_of(worker, "Counter.increment", 1) == "SERVICE_CLOSED"


@pytest.mark.parametrize("number", [0, 2, -1, True, "1", None, 1.0])
def test_an_instance_that_is_not_there_is_closed(worker: Any, number: object) -> None:
    worker.call("Counter.$new")
    assert code_of(worker, "Counter.increment", number) == "SERVICE_CLOSED"
    assert code_of(worker, "Counter.$dispose", number) == "SERVICE_CLOSED"


def test_an_instance_of_another_service_is_none_of_this(worker: Any) -> None:
    session = worker.call("Session.$new")
    assert code_of(worker, "Counter.increment", session) == "SERVICE_CLOSED"


@pytest.mark.parametrize("name", ["_private", "double", "step", "__init__", "nope"])
def test_what_is_no_public_method_is_not_there(worker: Any, name: str) -> None:
    number = worker.call("Counter.$new")
    assert code_of(worker, f"Counter.{name}", number) == "METHOD_NOT_FOUND"


def test_disposal_calls_the_first_closer_there_is_and_forgets(worker: Any) -> None:
    counter, session = worker.call("Counter.$new", [7]), worker.call("Session.$new")
    assert worker.call("Session.value", [session]) == "untyped"
    assert worker.call("Counter.$dispose", [counter]) is None
    assert worker.call("Session.$dispose", [session]) is None
    assert worker.call("what_closed") == [7, "aexit"]
    assert code_of(worker, "Counter.increment", counter) == "SERVICE_CLOSED"


def test_an_instance_that_is_on_its_way_again_is_not_given_back(worker: Any) -> None:
    counter = worker.call("Counter.$new", [1])
    assert worker.call("Counter.me", [counter]) == counter
    assert worker.call("Counter.$dispose", [counter, 1]) is None
    assert worker.call("Counter.increment", [counter]) == 2
    assert worker.call("Counter.$dispose", [counter, 1]) is None
    assert code_of(worker, "Counter.increment", counter) == "SERVICE_CLOSED"


def test_an_unknown_instance_is_no_exception_of_the_user_s(worker: Any) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call("Counter.increment", [99])
    assert type(failed.value) is SynapseError
    assert "no instance 99" in failed.value.message


def test_methods_are_made_ready_when_a_generated_client_connects_and_not_before(
    worker: Any,
) -> None:
    worker.call("$schema", [])
    assert worker.call("is_prepared") is False
    worker.call("$schema", ["the hash of the client"])
    assert worker.call("is_prepared") is True


def test_what_is_left_at_the_end_is_disposed_of(started: Started) -> None:
    worker = started.worker
    worker.call("Counter.$new", [1])
    worker.call("Bad.$new")
    worker.call("Counter.$new", [2])
    worker.close()
    assert worker.exit_status == 0
    closed = [line.strip() for line in started.logs.of("stdout")]
    assert closed == ["closed 2", "closed 1"]
    assert any("will not close" in line for line in started.logs.of("stderr"))


def test_the_greeting_tells_kinds_of_methods(worker: Any) -> None:
    methods = worker.hello["methods"]
    assert methods["Counter.up_to"] == {"kind": "stream", "mode": "sync"}
    assert methods["Counter.later"] == {"kind": "call", "mode": "async"}
    assert "Counter._private" not in methods
    assert "Counter.double" not in methods
