"""What a module says of its methods to whoever sends their calls: `idempotent`, `concurrency`."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from synapse_worker import Module
from synapse_worker.worker.roster import described


def test_the_greeting_tells_only_what_is_set() -> None:
    app = Module()

    @app.method
    def plain() -> None: ...

    @app.method(idempotent=True, concurrency=2)
    async def limited() -> None: ...

    @app.method(idempotent=False)
    def never_twice() -> None: ...

    assert described(app) == {
        "plain": {"kind": "call", "mode": "sync"},
        "limited": {"kind": "call", "mode": "async", "idempotent": True, "concurrency": 2},
        "never_twice": {"kind": "call", "mode": "sync"},
    }


def test_methods_of_services_say_it_in_their_class() -> None:
    app = Module()

    @app.service
    class Counter:
        @app.method(idempotent=True)
        def value(self) -> int:
            return 1

        @app.method
        def increment(self) -> None: ...

        @app.method(concurrency=1)
        @staticmethod
        def zero() -> int:
            return 0

        @classmethod
        @app.method(idempotent=True)
        def parse(cls) -> int:
            return 0

    assert described(app) == {
        "Counter.value": {"kind": "call", "mode": "sync", "idempotent": True},
        "Counter.increment": {"kind": "call", "mode": "sync"},
        "Counter.zero": {"kind": "call", "mode": "sync", "concurrency": 1},
        "Counter.parse": {"kind": "call", "mode": "sync", "idempotent": True},
    }
    assert Counter().value() == 1
    assert Counter.zero() == 0


def test_a_subclass_inherits_what_was_said_and_may_say_otherwise() -> None:
    app = Module()

    class Base:
        @app.method(idempotent=True)
        def read(self) -> int:
            return 1

        @app.method(idempotent=True)
        def write(self) -> int:
            return 1

    @app.service
    class Store(Base):
        def write(self) -> int:
            return 2

    assert described(app)["Store.read"] == {"kind": "call", "mode": "sync", "idempotent": True}
    assert described(app)["Store.write"] == {"kind": "call", "mode": "sync"}


def test_functions_of_a_finished_class_can_be_offered_by_themselves() -> None:
    class Tools:
        @staticmethod
        def add(a: int, b: int) -> int:
            return a + b

        def scale(self, a: int) -> int:
            return 3 * a

    app = Module()
    app.method(Tools.add)
    app.method(Tools().scale)
    app.method(name="double")(partial(Tools.add, 2))
    assert list(app.methods) == ["add", "scale", "double"]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"concurrency": 0}, "concurrency must be an integer from 1 on, not 0"),
        ({"concurrency": True}, "not True"),
        ({"concurrency": 1.5}, r"not 1\.5"),
        ({"idempotent": "yes"}, "idempotent must be True or False, not 'yes'"),
    ],
)
def test_options_without_such_a_value_are_refused(options: dict[str, Any], part: str) -> None:
    with pytest.raises(ValueError, match=part):
        Module().method(**options)


def test_in_a_class_nothing_else_can_be_said() -> None:
    app = Module()
    with pytest.raises(TypeError, match="`idempotent` and `concurrency` alone"):

        class Counter:
            @app.method(name="other")
            def value(self) -> int:
                return 1
