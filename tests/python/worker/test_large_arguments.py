"""Arguments of many bytes: what is done with them besides the call itself, and when."""

from __future__ import annotations

import weakref
from typing import Any

from synapse_worker import Module
from synapse_worker.protocol.codec import WireArray
from synapse_worker.protocol.messages import Kind

from .dispatched import Dispatched

MANY_NUMBERS = WireArray("uint8", (300_000,), memoryview(bytes(300_000)))


def test_the_answer_leaves_before_its_arguments_are_let_go_of() -> None:
    app = Module()
    taken: list[weakref.ref[Any]] = []

    @app.method
    def take(values):  # type: ignore[no-untyped-def]
        taken.append(weakref.ref(values))

    served = Dispatched(app)
    take_answers = served._take
    held: list[bool] = []

    def take_noting_arguments(data: bytes) -> None:
        held.append(taken[-1]() is not None)
        take_answers(data)

    served.outbox._write = take_noting_arguments
    served.send(Kind.CALL, 1, ["take", [MANY_NUMBERS], {}])
    served.close()
    assert held == [True]
    assert taken[-1]() is None
