"""Callbacks, streams, services, codecs of the user's own, numpy arrays and tables."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from synapse_worker.protocol.codec import (
    CallbackReference,
    StreamReference,
    WireArray,
    decode_value,
    encode_value,
)
from synapse_worker.protocol.errors import ResultError, ValidationError

from .kit import argument, codec, giving, plan_of, result


class Money:
    """A type that says nothing of its data."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    @staticmethod
    def parse(text: str) -> "Money":
        return Money(round(float(text) * 100))

    def __str__(self) -> str:
        return f"{self.cents / 100:.2f}"


MONEY = {Money: codec(str, str, Money.parse)}


def test_a_codec_of_the_users_own_is_applied_wherever_the_type_stands():
    assert [m.cents for m in argument(list[Money], ["1.50"], codecs=MONEY)] == [150]
    assert result(dict[str, Money], {"a": Money(150)}, codecs=MONEY) == {"a": "1.50"}


def test_what_a_codec_refuses_is_named():
    with pytest.raises(
        ValidationError, match=r'"value\[0\]" was refused by Money: ValueError: could'
    ):
        argument(list[Money], ["x"], codecs=MONEY)
    with pytest.raises(ValidationError, match=r'"value" must be str, got int 3'):
        argument(Money, 3, codecs=MONEY)


def test_a_codec_that_fails_on_a_result_says_whose_it_was():
    def broken(value: object) -> str:
        raise KeyError("no")

    with pytest.raises(ResultError, match="was refused by the codec of Money: KeyError") as caught:
        result(Money, Money(1), codecs={Money: codec(str, broken, Money.parse)})
    assert isinstance(caught.value.__cause__, KeyError)


class Counter:
    """A service."""


def test_an_instance_of_a_service_is_registered():
    seen = []

    def register(name: str, instance: object) -> int:
        seen.append((name, instance))
        return 7

    options = {"services": {Counter: "Counter"}, "register_service": register}
    counter = Counter()
    assert result(list[Counter], [counter], **options) == [7]
    assert seen == [("Counter", counter)]
    with pytest.raises(ResultError, match="must be an instance of Counter, got None"):
        result(Counter, None, **options)


def watch(on_change: Callable[[float, complex], int]) -> None:
    """Take a callback."""


class Watchers(TypedDict):
    on_change: Callable[[int], list[int]]


def watch_all(watchers: Watchers) -> None:
    """Take callbacks in a record."""


def watch_later(on_change: Callable[..., Awaitable[str]] | None = None) -> None:
    """Take one that is awaited."""


def test_a_callback_is_bound_by_the_call_it_came_with():
    bound = []

    def bind(reference, plan):
        bound.append((reference, plan))
        return print

    args, _ = plan_of(watch).convert_arguments([CallbackReference(3)], {}, bind)
    assert args == [print]
    ((reference, plan),) = bound
    assert (reference.id, plan.is_async) == (3, False)
    assert plan.encode_arguments((1, 2j)) == [1.0, [0.0, 2.0]]
    assert plan.decode_result(4.0) == 4
    with pytest.raises(TypeError, match="takes 2 arguments, got 1"):
        plan.encode_arguments((1,))
    with pytest.raises(
        ResultError, match=r'"arguments\[1\]" of the callback "on_change" must be complex'
    ):
        plan.encode_arguments((1, "x"))
    with pytest.raises(
        ValidationError,
        match=r'^app\.\w+\(\): what the callback "\w+" returned must be int, got str "x"',
    ):
        plan.decode_result("x")


def test_what_a_callback_in_a_record_returned_names_no_parameter_of_another_method():
    bound = []
    plan = plan_of(watch_all)
    plan.convert_arguments(
        [{"on_change": CallbackReference(1)}], {}, lambda _, one: bound.append(one)
    )
    with pytest.raises(
        ValidationError, match=r'^What the callback returned, at "result\[1\]", must be int'
    ):
        bound[0].decode_result([1, "x"])


class Row(TypedDict):
    price: float


def ingest(rows: Iterator[Row], marks: AsyncIterator[int] | None = None) -> None:
    """Take streams."""


def bound_stream(plan, *args):
    plans = []
    plan.convert_arguments(list(args), {}, lambda _, one: plans.append(one))
    return plans[-1]


def test_a_stream_is_bound_by_the_call_it_came_with_and_its_items_converted():
    bound = []
    args, _ = plan_of(ingest).convert_arguments(
        [StreamReference(3), StreamReference(4)],
        {},
        lambda reference, plan: bound.append((reference.id, plan)) or reference.id,
    )
    assert args == [3, 4]
    (_, rows), (_, marks) = bound
    assert rows.decode_item({"price": 1}, 0) == {"price": 1.0}
    assert type(rows.decode_item({"price": 1}, 0)["price"]) is float
    assert marks.decode_item(5.0, 1) == 5


def test_an_item_that_does_not_fit_names_its_place():
    plan = bound_stream(plan_of(ingest), StreamReference(1))
    with pytest.raises(ValidationError) as caught:
        plan.decode_item({"price": "x"}, 3)
    assert re.match(
        r'^app\.\w+\(\): argument "rows\[3\]\.price" must be float', caught.value.message
    )
    assert caught.value.details["path"] == "rows[3].price"
    assert caught.value.details["parameter"] == "rows"


def test_a_list_is_a_stream_whose_items_are_there():
    (rows,), _ = plan_of(ingest).convert_arguments([[{"price": 1}, {"price": 2}]], {})
    assert next(rows) == {"price": 1.0}
    assert list(rows) == [{"price": 2.0}]
    (_, marks), _ = plan_of(ingest).convert_arguments([[], [1, 2.0]], {})

    async def collected():
        return [mark async for mark in marks]

    assert asyncio.run(collected()) == [1, 2]
    with pytest.raises(ValidationError, match=r'"rows\[1\]\.price" must be float'):
        plan_of(ingest).convert_arguments([[{"price": 1}, {"price": None}]], {})


@pytest.mark.parametrize("value", [5, "text", {"price": 1}, CallbackReference(1)])
def test_what_is_no_stream_is_refused(value):
    with pytest.raises(ValidationError, match=r'"rows" must be a stream of Row, got'):
        plan_of(ingest).convert_arguments([value], {})


def test_a_stream_is_no_list_and_no_function():
    with pytest.raises(ValidationError, match=r"must be a function, got a stream"):
        plan_of(watch).convert_arguments([StreamReference(1)], {})


def test_a_callback_of_any_arguments_takes_them_as_they_are():
    plans = []
    args, _ = plan_of(watch_later).convert_arguments(
        [CallbackReference(1)], {}, lambda reference, plan: plans.append(plan) or print
    )
    assert args == [print]
    assert plans[0].is_async
    assert plans[0].encode_arguments((1, "a")) == [1, "a"]
    assert plan_of(watch_later).convert_arguments([None], {}) == ([None], {})


def test_what_is_no_function_is_refused():
    with pytest.raises(ValidationError, match="must be a function, got int 3"):
        plan_of(watch).convert_arguments([3], {}, lambda reference, plan: print)


def wire(array: np.ndarray) -> WireArray:
    return WireArray(array.dtype.name, array.shape, memoryview(array.tobytes()))


def test_an_array_is_writable_and_of_the_annotated_dtype():
    value = argument(npt.NDArray[np.float32], wire(np.array([[1, 2]], "float32")))
    value[0, 0] = 5
    assert value.tolist() == [[5, 2]]
    read_only = np.frombuffer(b"\0" * 8, "float32")
    assert argument(npt.NDArray[np.float32], read_only).flags.writeable


def test_an_array_of_another_dtype_is_refused():
    with pytest.raises(
        ValidationError, match=r"must be float32 array, got int8 array of shape \(2\)"
    ):
        argument(npt.NDArray[np.float32], wire(np.array([1, 2], "int8")))
    with pytest.raises(ValidationError, match="must be float32 array, got list of 1 item"):
        argument(npt.NDArray[np.float32], [1.0])


def test_results_are_widened_and_never_narrowed():
    widened = result(npt.NDArray[np.float64], np.array([1.5], "float32"))
    assert widened.dtype == np.float64
    assert result(npt.NDArray[np.float64], [1, 2]).dtype == np.float64
    same = np.array([1.5])
    assert result(npt.NDArray[np.float64], same) is same
    with pytest.raises(ResultError, match="must be int8 array, got float64 array"):
        result(npt.NDArray[np.int8], same)


def test_a_scalar_of_numpys_is_a_plain_number():
    assert decode_value(encode_value(result(float, np.float32(1.5)))) == 1.5
    assert decode_value(encode_value(result(int, np.int8(3)))) == 3


@pytest.mark.parametrize(
    ("library", "table"),
    [
        (pd.DataFrame, pd.DataFrame({"a": [1, 2], "b": ["x", None]})),
        (pa.Table, pa.table({"a": [1, 2]})),
        (pl.DataFrame, pl.DataFrame({"a": [1, 2], "b": ["x", None]})),
    ],
)
def test_a_table_travels_as_an_arrow_stream(library, table):
    stream = result(library, table)
    assert type(stream) is bytes
    assert pa.ipc.open_stream(stream).read_all().column("a").to_pylist() == [1, 2]
    back = argument(library, stream)
    assert type(back) is type(table)
    assert back.equals(table)


def test_what_is_no_table_is_refused():
    with pytest.raises(
        ValidationError, match=r"value. was refused by pandas, which reads Arrow IPC"
    ):
        argument(pd.DataFrame, b"no arrow")
    with pytest.raises(ValidationError, match="must be pandas table"):
        argument(pd.DataFrame, [1])
    with pytest.raises(ResultError, match="must be pandas table"):
        giving(pd.DataFrame).convert_result([1])
