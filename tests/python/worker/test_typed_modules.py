"""Typed methods in a real worker: arguments are checked before user code runs, results leave converted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Started

MODULE = """
from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from synapse_worker import Module

app = Module()
ran = []


@dataclass
class Quote:
    symbol: str
    price: float
    amount: Decimal = Decimal("1.50")


class Money:
    def __init__(self, cents):
        self.cents = cents


class Unencodable:
    pass


app.codec(Money, wire=int, encode=lambda money: money.cents, decode=Money)


@app.error
@dataclass
class OutOfStock(Exception):
    item: str
    left: int = 0


class Refused(Exception):
    reason: str
    _secret: str

    def __init__(self, reason):
        super().__init__(f"refused: {reason}")
        self.reason = reason
        self._secret = "x"


@app.method
def quote(symbol: str, *, depth: int = 1) -> Quote:
    ran.append(symbol)
    return Quote(symbol, depth)


@app.method
async def quote_async(symbol: str) -> Quote:
    ran.append(symbol)
    return Quote(symbol, 2)


@app.method
def ticks(count: int) -> Iterator[Quote]:
    for number in range(count):
        yield Quote("a", number)


@app.method
async def ticks_async(count: int) -> AsyncIterator[Decimal]:
    for number in range(count):
        yield Decimal(number)


@app.method
def made(count: int) -> Iterator[Decimal]:
    return iter([Decimal(number) for number in range(count)])


@app.method
async def made_async(count: int) -> AsyncIterator[Decimal]:
    return ticks_async(count)


@app.method
def promised(number: int) -> Awaitable[Decimal]:
    async def answer():
        return Decimal(number)

    return answer()


@app.method
def double(money: Money) -> Money:
    return Money(money.cents * 2)


@app.method
def is_uuid(value: UUID) -> bool:
    return isinstance(value, UUID)


@app.method(validate=False)
def unchecked(number: int) -> str:
    return type(number).__name__


@app.method
def sell(item: str) -> None:
    raise OutOfStock(item, 3)


@app.method
def refuse(reason: str) -> None:
    raise Refused(reason)


@app.method
def broken(value: Missing) -> None:
    ran.append(value)


@app.method
def what_ran():
    return ran


@app.method
def loaded(names):
    return [name for name in names if name in sys.modules]
"""


@pytest.fixture
def worker(start: Callable[..., Started]) -> Any:
    return start(MODULE).worker


def test_arguments_are_converted_and_results_too(worker: Any) -> None:
    assert worker.call("quote", ["ACME"], {"depth": 3}) == {
        "symbol": "ACME",
        "price": 3.0,
        "amount": "1.50",
    }
    assert worker.call("quote_async", ["ACME"])["price"] == 2.0
    assert worker.call("is_uuid", ["12345678-1234-5678-1234-567812345678"]) is True


@pytest.mark.parametrize("method", ["quote", "quote_async"])
def test_what_is_not_of_the_annotated_type_is_refused_before_user_code(
    worker: Any, method: str
) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call(method, [3])
    assert failed.value.code == "VALIDATION_FAILED"
    assert failed.value.message == f'main.{method}(): argument "symbol" must be str, got int 3.'
    assert failed.value.details["path"] == "symbol"
    assert worker.call("what_ran") == []


@pytest.mark.parametrize("method", ["ticks", "ticks_async", "made", "made_async"])
def test_streams_check_arguments_and_convert_items(worker: Any, method: str) -> None:
    items = list(worker.stream(method, [2]))
    plain = [item["amount"] if method == "ticks" else item for item in items]
    assert plain == (["1.50", "1.50"] if method == "ticks" else ["0", "1"])
    with pytest.raises(SynapseError) as failed:
        list(worker.stream(method, ["2"]))
    assert failed.value.code == "VALIDATION_FAILED"


def test_a_plain_function_that_returns_an_awaitable_is_awaited(worker: Any) -> None:
    assert worker.call("promised", [7]) == "7"


def test_a_type_of_ones_own_travels_by_its_codec(worker: Any) -> None:
    assert worker.call("double", [21]) == 42


def test_validation_can_be_left_out(worker: Any) -> None:
    assert worker.call("unchecked", ["3"]) == "str"


@pytest.mark.parametrize(
    ("method", "details"),
    [("sell", {"item": "nut", "left": 3}), ("refuse", {"reason": "nut"})],
)
def test_the_data_of_declared_errors_travels(
    worker: Any, method: str, details: dict[str, Any]
) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call(method, ["nut"])
    assert failed.value.code == "PYTHON_EXCEPTION"
    assert failed.value.details == details


def test_annotations_that_mean_nothing_fail_their_method_alone(worker: Any) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call("broken", [1])
    assert failed.value.code == "SCHEMA_INVALID"
    assert "Missing" in failed.value.message
    assert worker.call("what_ran") == []


def test_a_worker_has_loaded_what_types_take_before_its_first_typed_call(worker: Any) -> None:
    rooms = ["synapse_worker.schema.describer", "synapse_worker.conversion"]
    assert worker.call("loaded", [rooms]) == rooms


def test_the_schema_is_told_by_its_hash_its_members_or_whole(
    start: Callable[..., Started],
) -> None:
    worker = start('"""Prices of things."""\n' + MODULE.replace("Missing", "int")).worker
    answer = worker.call("$schema")
    assert len(answer["hash"]) == 32
    assert "quote" in answer["members"]
    assert worker.call("$schema", [answer["hash"]]) == {"hash": answer["hash"]}
    assert worker.call("$schema", ["another"]) == answer
    full = worker.call("$schema", [answer["hash"]], {"full": True})
    assert full["schema"]["hash"] == answer["hash"]
    assert full["schema"]["documentation"]["summary"] == "Prices of things."
    assert {"schema", "services", "uploads"} <= set(worker.hello["capabilities"])


def test_describing_runs_no_setup_and_no_teardown(start: Callable[..., Started]) -> None:
    started = start(
        """
        from synapse_worker import Module
        app = Module()
        @app.setup
        def load(): raise RuntimeError("no model here")
        @app.teardown
        def unload(): print("torn down", flush=True)
        @app.method
        def add(a: int, b: int) -> int: return a + b
        """,
        describe=True,
    )
    assert "add" in started.worker.call("$schema", kwargs={"full": True})["members"]
    started.worker.close()
    assert started.logs.of("stdout") == []


def test_a_schema_that_cannot_be_told_names_the_place(start: Callable[..., Started]) -> None:
    worker = start(MODULE, describe=True).worker
    with pytest.raises(SynapseError) as failed:
        worker.call("$schema")
    assert failed.value.code == "SCHEMA_INVALID"
    assert failed.value.details["file"].endswith("main.py")
    assert MODULE.splitlines()[failed.value.details["line"] - 1].strip() in (
        "@app.method",
        "def broken(value: Missing) -> None:",
    )


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("import synapse_worker\n\ndef f(:\n", 3),
        ("import synapse_worker\n\ndef f():\n    return missing\n\nf()\n", 4),
        ("import synapse_worker, json\n\njson.loads('{')\n", 3),
    ],
    ids=["syntax", "runtime", "inside a library"],
)
def test_a_module_that_does_not_start_names_file_and_line(
    start: Callable[..., Started], source: str, line: int
) -> None:
    with pytest.raises(SynapseError) as failed:
        start(source)
    assert failed.value.code == "MODULE_START_FAILED"
    assert failed.value.details["file"].endswith("main.py")
    assert failed.value.details["line"] == line
