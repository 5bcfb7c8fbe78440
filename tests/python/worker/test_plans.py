"""How often a module is described, and where: counted by what the evaluation of its annotations does."""

from __future__ import annotations

import sys
import textwrap
import types
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.messages import Kind
from synapse_worker.worker.config import WorkerConfig
from synapse_worker.worker.zygote.planning import plans_ahead

from .dispatched import Dispatched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOURCE = """
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from synapse_worker import Module

app = Module("shop")
evaluated = []


def noted(annotation):
    evaluated.append(annotation)
    return annotation


@dataclass
class Quote:
    price: float


@app.method
def double(value: noted(int)) -> noted(int):
    return 2 * value


@app.method
def count(until: noted(int)) -> Iterator[int]:
    yield from range(until)


@app.method
def quoted(price: noted(float)) -> Quote:
    return Quote(price)


@app.service
class Counter:
    def __init__(self, start: noted(int)) -> None:
        self.value = start

    def add(self, by: noted(int)) -> noted(int):
        self.value += by
        return self.value
"""
BROKEN = """
@app.method
def broken(value: noted(Missing)) -> int:
    return 1
"""
TYPED = WorkerConfig("/", "main.py", typed=True)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that makes a Python module of a text."""

    def load_module(text: str = SOURCE) -> Any:
        loaded: Any = types.ModuleType("shop_that_notes")
        monkeypatch.setitem(sys.modules, loaded.__name__, loaded)
        exec(compile(textwrap.dedent(text), "main.py", "exec"), vars(loaded))
        return loaded

    return load_module


@pytest.fixture
def connect() -> Iterator[Callable[..., Dispatched]]:
    open_: list[Dispatched] = []

    def connection(*args: Any, **options: Any) -> Dispatched:
        open_.append(Dispatched(*args, **options))
        return open_[-1]

    yield connection
    for dispatched in open_:
        dispatched.close()


def call(connection: Dispatched, call_id: int, name: str, *args: Any) -> Any:
    """Return what a method answers, or the code of its error."""
    connection.send(Kind.CALL, call_id, [name, list(args), {}])
    answer = connection.answers[-1]
    assert answer.id == call_id
    return answer.body["code"] if answer.kind is Kind.ERROR else answer.body


def answers(connection: Dispatched, hash_: str) -> list[Any]:
    """Return what every member of the module answers, to values that fit and to one that does not."""
    first = connection.dispatcher.last_id + 1
    asked: list[tuple[str, list[Any]]] = [
        ("$schema", [hash_]),
        ("double", [2]),
        ("double", ["2"]),
        ("quoted", [1.5]),
        ("Counter.$new", [1]),
        ("Counter.add", [1, 2]),
    ]
    return [
        call(connection, call_id, name, *args) for call_id, (name, args) in enumerate(asked, first)
    ]


EXPECTED = [4, "VALIDATION_FAILED", {"price": 1.5}, 1, 3]


def test_who_has_asked_for_the_schema_has_had_every_method_described(
    load: Callable[..., Any], connect: Callable[..., Dispatched]
) -> None:
    shop = load()
    connection = connect(shop.app)
    hash_ = call(connection, 1, "$schema")["hash"]
    told = len(shop.evaluated)
    assert told > 0
    assert answers(connection, hash_) == [{"hash": hash_}, *EXPECTED]
    assert len(shop.evaluated) == told


def test_a_method_that_is_called_before_is_described_alone(
    load: Callable[..., Any], connect: Callable[..., Dispatched]
) -> None:
    shop = load()
    connection = connect(shop.app)
    assert call(connection, 1, "quoted", 1.5) == {"price": 1.5}
    assert set(shop.evaluated) == {float}
    hash_ = call(connection, 2, "$schema")["hash"]
    assert answers(connection, hash_) == [{"hash": hash_}, *EXPECTED]
    assert hash_ == call(connect(load().app), 1, "$schema")["hash"]


def test_plans_made_ahead_leave_nothing_to_describe_and_answer_the_same(
    load: Callable[..., Any], connect: Callable[..., Dispatched]
) -> None:
    hash_ = call(connect(load().app), 1, "$schema")["hash"]
    shop = load()
    plans = plans_ahead(TYPED, shop.app)
    assert shop.evaluated
    shop.evaluated.clear()
    assert answers(connect(shop.app, plans=plans), hash_) == [{"hash": hash_}, *EXPECTED]
    assert shop.evaluated == []


@pytest.mark.parametrize(
    ("config", "more"),
    [
        (WorkerConfig("/", "main.py"), ""),
        (TYPED, "@app.setup\ndef prepare(): ..."),
    ],
    ids=["nobody asks for the schema", "a setup may change what annotations mean"],
)
def test_nothing_is_evaluated_ahead_where(
    load: Callable[..., Any], config: WorkerConfig, more: str
) -> None:
    shop = load(f"{SOURCE}\n{more}")
    assert plans_ahead(config, shop.app) is None
    assert shop.evaluated == []


def test_what_cannot_be_described_ahead_is_told_to_who_calls_it_until_it_can(
    load: Callable[..., Any], connect: Callable[..., Dispatched]
) -> None:
    shop = load(SOURCE + BROKEN)
    plans = plans_ahead(TYPED, shop.app)
    connection = connect(shop.app, plans=plans)
    assert call(connection, 1, "double", 2) == 4
    assert call(connection, 2, "broken", 1) == "SCHEMA_INVALID"
    assert call(connection, 3, "$schema") == "SCHEMA_INVALID"
    shop.Missing = int
    assert call(connection, 4, "broken", 1) == 1
    assert "broken" in call(connection, 5, "$schema")["members"]


@pytest.mark.parametrize("failure", ["SystemExit(3)", "KeyboardInterrupt", "ValueError('no')"])
def test_an_annotation_that_raises_fails_no_start(
    load: Callable[..., Any], connect: Callable[..., Dispatched], failure: str
) -> None:
    text = BROKEN.replace("Missing", "raising()")
    shop = load(f"{SOURCE}\ndef raising():\n    raise {failure}\n{text}")
    plans = plans_ahead(TYPED, shop.app)
    connection = connect(shop.app, plans=plans)
    assert call(connection, 1, "double", 2) == 4
    assert call(connection, 2, "broken", 1) == "SCHEMA_INVALID"
