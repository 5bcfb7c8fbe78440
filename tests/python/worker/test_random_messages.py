"""Whatever a client sends, and in whatever order: each call is answered once, each stream ends once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_worker import Module
from synapse_worker.protocol.errors import ProtocolError
from synapse_worker.protocol.messages import FLAG_TIMING, FLAG_WANTS_PROGRESS, NO_BODY, Kind

from .dispatched import Dispatched

if TYPE_CHECKING:
    from collections.abc import Callable

SETTLING = (Kind.RESULT, Kind.ERROR, Kind.END)
EXAMPLES = 150


def make_module() -> Module:
    app = Module()

    @app.method
    def echo(value):
        return value

    @app.method
    def fail():
        raise KeyError("as asked")

    @app.method
    def leave():
        raise SystemExit(1)

    @app.method
    async def echo_async(value):
        await asyncio.sleep(0)
        return value

    @app.method
    async def wait_async():
        await asyncio.sleep(3600)

    @app.method
    def count(stop):
        yield from range(stop)

    @app.method
    async def count_async(stop):
        for number in range(stop):
            yield number

    @app.method
    def break_off(stop):
        yield from range(stop)
        raise KeyError("as asked")

    return app


CALLS = st.one_of(
    st.tuples(st.just("echo"), st.tuples(st.integers(0, 9))),
    st.tuples(st.sampled_from(["fail", "leave", "wait_async", "missing", "count"]), st.just(())),
    st.tuples(st.just("echo_async"), st.tuples(st.integers(0, 9))),
    st.tuples(st.just("echo"), st.just(())),
)
STREAMS = st.tuples(
    st.sampled_from(["count", "count_async", "break_off", "echo", "missing"]),
    st.tuples(st.integers(0, 600)),
    st.integers(0, 300),
)
STEPS = st.one_of(
    st.tuples(st.just("call"), CALLS, st.integers(0, 3)),
    st.tuples(st.just("open"), STREAMS),
    st.tuples(st.just("undecodable"), st.sampled_from([Kind.CALL, Kind.OPEN])),
    st.tuples(st.just("credit"), st.integers(0, 30), st.integers(1, 300)),
    st.tuples(st.just("cancel"), st.integers(-3, 30)),
    st.tuples(st.just("cancel by signal"), st.integers(-3, 30)),
    st.tuples(st.just("ping"), st.integers(0, 9)),
    st.just(("turn",)),
    st.just(("drain",)),
)


class Client:
    """Plays the steps, and knows what must come back."""

    def __init__(self) -> None:
        self.worker = Dispatched(make_module())
        self.called: set[int] = set()
        self.opened: dict[int, int] = {}
        self.pinged: list[int] = []
        self._last_id = 0

    def play(self, name: str, *details: Any) -> None:
        step: Callable[..., None] = getattr(self, "_" + name.replace(" ", "_"))
        step(*details)

    def finish(self) -> None:
        """Let every stream go on, cancel what waits for ever, and wait until all has settled."""
        for stream_id in self.opened:
            self._credit(stream_id, 1000)
        for call_id in sorted(self.called):
            self.worker.dispatcher.cancel(call_id)
        while self.worker.dispatcher.runnable:
            self.worker.turn()
        for number in (*self.called, *self.opened):
            self.worker.last_of(number)

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _call(self, call: tuple[str, tuple[Any, ...]], flags: int) -> None:
        method, args = call
        assert FLAG_WANTS_PROGRESS | FLAG_TIMING == 3
        call_id = self._new_id()
        self.called.add(call_id)
        self.worker.send(Kind.CALL, call_id, [method, list(args), {}], flags)

    def _open(self, stream: tuple[str, tuple[int], int]) -> None:
        method, args, credit = stream
        stream_id = self._new_id()
        self.opened[stream_id] = credit
        self.worker.send(Kind.OPEN, stream_id, [method, list(args), {}, credit])

    def _undecodable(self, kind: Kind) -> None:
        call_id = self._new_id()
        self.called.add(call_id)
        self.worker.send(kind, call_id, "not what this asks for")

    def _credit(self, stream_id: int, items: int) -> None:
        if stream_id in self.opened:
            self.opened[stream_id] += items
            self.worker.send(Kind.CREDIT, stream_id, items)

    def _cancel(self, call_id: int) -> None:
        if call_id > 0:
            self.worker.send(Kind.CANCEL, call_id, NO_BODY)

    def _cancel_by_signal(self, call_id: int) -> None:
        if call_id > 0:
            self.worker.dispatcher.cancel(call_id)

    def _ping(self, value: int) -> None:
        self.pinged.append(value)
        self.worker.send(Kind.PING, 0, value)

    def _turn(self) -> None:
        self.worker.turn()

    def _drain(self) -> None:
        self.worker.send(Kind.DRAIN, 0)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_each_call_is_answered_once_and_each_stream_keeps_to_its_credit(steps: list[Any]) -> None:
    client = Client()
    try:
        for step in steps:
            client.play(*step)
        client.finish()
        answers = list(client.worker.answers)
    finally:
        client.worker.close()
    assert [a.body for a in answers if a.kind == Kind.PONG] == client.pinged
    for call_id in client.called:
        (answer,) = [a for a in answers if a.id == call_id]
        assert answer.kind in (Kind.RESULT, Kind.ERROR)
    for stream_id, credit in client.opened.items():
        *batches, last = [a for a in answers if a.id == stream_id]
        assert last.kind in (Kind.END, Kind.ERROR)
        assert all(batch.kind == Kind.ITEMS for batch in batches)
        items = [item for batch in batches for item in batch.body]
        assert items == list(range(len(items)))
        assert len(items) <= credit


@pytest.mark.parametrize(
    ("kind", "call_id", "body"),
    [
        (Kind.CALL, 3, ["echo", [1], {}]),
        (Kind.OPEN, 2, ["count", [1], {}, 1]),
        (Kind.CREDIT, 4, 1),
        (Kind.DRAIN, 0, NO_BODY),
        (Kind.HELLO, 0, {}),
        (Kind.LOG, 1, {}),
    ],
)
def test_what_breaks_the_protocol_is_told_from_what_does_not(
    kind: Kind, call_id: int, body: Any
) -> None:
    client = Client()
    try:
        for number in range(3):
            client.play("call", ("echo", (number,)), 0)
        if kind == Kind.DRAIN:
            client.worker.send(kind, call_id, body)
        else:
            with pytest.raises(ProtocolError):
                client.worker.send(kind, call_id, body)
        assert [client.worker.last_of(number).body for number in (1, 2, 3)] == [0, 1, 2]
    finally:
        client.worker.close()
