"""What a request may add: words about the call (`meta`), and the wish to know how long it runs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker import Module, current_context
from synapse_worker.protocol.messages import FLAG_TIMING, FLAG_WANTS_PROGRESS, Kind

from .dispatched import Dispatched

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SLEPT_NS = 20_000_000


@pytest.fixture
def module() -> Iterator[Dispatched]:
    app = Module()

    @app.method
    def where():
        context = current_context()
        return [context.method, context.traceparent, context.tracestate]

    @app.method
    async def where_async():
        await asyncio.sleep(0)
        return where()

    @app.method
    def each():
        yield where()

    @app.method
    def rest(seconds):
        time.sleep(seconds)
        return "rested"

    @app.method
    async def rest_async(seconds):
        await asyncio.sleep(seconds)
        return "rested"

    @app.method
    def unsendable():
        return {"items": [object()]}

    @app.method
    async def unsendable_async():
        return unsendable()

    @app.service
    class Counter:
        def where(self):
            return where()

    dispatched = Dispatched(app)
    yield dispatched
    dispatched.close()


@pytest.mark.parametrize("method", ["where", "where_async"])
@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ([], [None, None]),
        ([{}], [None, None]),
        ([{"traceparent": TRACEPARENT}], [TRACEPARENT, None]),
        ([{"traceparent": TRACEPARENT, "tracestate": "a=1"}], [TRACEPARENT, "a=1"]),
        ([{"traceparent": 7, "color": ["blue"]}], [None, None]),
    ],
)
def test_a_call_finds_its_method_and_its_trace_in_its_context(
    module: Dispatched, method: str, meta: list[Any], told: list[Any]
) -> None:
    module.send(Kind.CALL, 1, [method, [], {}, *meta])
    assert module.last_of(1).body == [method, *told]


def test_a_stream_finds_them_too(module: Dispatched) -> None:
    module.send(Kind.OPEN, 1, ["each", [], {}, 8, {"tracestate": "a=1"}], FLAG_WANTS_PROGRESS)
    module.turn()
    module.turn()
    assert module.last_of(1).kind == Kind.END
    assert module.of(1)[0].body == [["each", None, "a=1"]]


def test_a_method_of_a_service_has_its_whole_name(module: Dispatched) -> None:
    module.send(Kind.CALL, 1, ["Counter.$new", [], {}])
    number = module.last_of(1).body
    module.send(Kind.CALL, 2, ["Counter.where", [number], {}])
    assert module.last_of(2).body[0] == "Counter.where"


@pytest.mark.parametrize("method", ["rest", "rest_async"])
@pytest.mark.parametrize("further", [0, FLAG_WANTS_PROGRESS])
def test_a_result_tells_how_long_its_method_ran_when_asked(
    module: Dispatched, method: str, further: int
) -> None:
    module.send(Kind.CALL, 1, [method, [SLEPT_NS / 1e9], {}], FLAG_TIMING | further)
    answer = module.last_of(1)
    run_ns, value = answer.body
    assert answer.flags == FLAG_TIMING
    assert run_ns >= SLEPT_NS
    assert value == "rested"


@pytest.mark.parametrize("method", ["rest", "rest_async"])
def test_a_result_tells_nothing_more_when_not_asked(module: Dispatched, method: str) -> None:
    module.send(Kind.CALL, 1, [method, [0], {}], FLAG_WANTS_PROGRESS)
    answer = module.last_of(1)
    assert (answer.flags, answer.body) == (0, "rested")


@pytest.mark.parametrize("method", ["unsendable", "unsendable_async"])
def test_a_timed_result_that_cannot_travel_names_the_same_place(
    module: Dispatched, method: str
) -> None:
    module.send(Kind.CALL, 1, [method, [], {}], FLAG_TIMING)
    answer = module.last_of(1)
    assert (answer.kind, answer.flags) == (Kind.ERROR, 0)
    assert answer.body["code"] == "ENCODE_FAILED"
    assert "$.items[0]" in answer.body["message"]
