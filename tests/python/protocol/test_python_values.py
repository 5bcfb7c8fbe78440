"""What only Python has: its own types, its recursion limit, and objects that resist."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import pathlib
import subprocess
import sys
import types
import uuid
from typing import NamedTuple

import msgspec
import pytest

from synapse_worker.protocol.errors import DecodeError, EncodeError


class Colour(enum.Enum):
    RED = "red"
    HUGE = 2**70


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    pass


class Number(int):
    pass


class Real(float):
    pass


class Blob(bytes):
    pass


class Bag(dict):
    pass


@dataclasses.dataclass
class Quote:
    symbol: str
    price: object


class Tick(msgspec.Struct):
    at: int
    what: object


class Tagged(msgspec.Struct, tag="kind-a", rename="camel"):
    some_value: object


class Row(msgspec.Struct, array_like=True):
    left: int
    right: object


class Pair(NamedTuple):
    x: int
    y: int


UTC = dt.timezone.utc
CET = dt.timezone(dt.timedelta(hours=1))


class Stamp(dt.datetime):
    """A subclass, as pandas.Timestamp is one."""


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Colour.RED, "red"),
        (Colour.HUGE, 2**70),
        ([Colour.RED, 2**70], ["red", 2**70]),
        (Level.HIGH, 3),
        (Text("t"), "t"),
        (Number(7), 7),
        (Real(1.5), 1.5),
        (Blob(b"b"), b"b"),
        (bytearray(b"b"), b"b"),
        (memoryview(b"abcd")[1:3], b"bc"),
        (Bag(a=1), {"a": 1}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        ((1, (2,)), [1, [2]]),
        ({3}, [3]),
        (frozenset({3}), [3]),
        (Pair(1, 2), [1, 2]),
        (Quote("ACME", 1.5), {"symbol": "ACME", "price": 1.5}),
        (Quote("ACME", 2**70), {"symbol": "ACME", "price": 2**70}),
        (
            [Quote("A", Quote("B", None))],
            [{"symbol": "A", "price": {"symbol": "B", "price": None}}],
        ),
        (dt.datetime(2024, 2, 29, 12, 0, tzinfo=CET), dt.datetime(2024, 2, 29, 11, 0, tzinfo=UTC)),
        (Stamp(2024, 2, 29, 12, tzinfo=UTC), dt.datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (
            dt.datetime(2024, 2, 29, 12, 0, 0, 5),  # noqa: DTZ001
            "2024-02-29T12:00:00.000005",
        ),
        (Stamp(2024, 2, 29, 12), "2024-02-29T12:00:00"),
        (dt.date(2024, 2, 29), "2024-02-29"),
        (dt.time(1, 2, 3), "01:02:03"),
        (dt.time(1, 2, 3, 4, UTC), "01:02:03.000004Z"),
        (dt.timedelta(days=1, seconds=5, microseconds=3), "P1DT5.000003S"),
        (dt.timedelta(seconds=-30), "-PT30S"),
        (dt.timedelta(0), "P0D"),
        (decimal.Decimal("1.50"), "1.50"),
        (uuid.UUID(int=3), "00000000-0000-0000-0000-000000000003"),
        (pathlib.Path("a/b"), "a/b"),
        ({Level.HIGH: 1}, {3: 1}),
        ({Text("k"): 2**70}, {"k": 2**70}),
    ],
    ids=repr,
)
def test_pythons_own_types_travel_in_their_documented_form(codec, value, read):
    decoded = codec.decode(codec.encode(value))
    assert decoded == read
    assert type(decoded) is type(read)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (Tick(1, "x"), {"at": 1, "what": "x"}),
        (Tick(1, 2**70), {"at": 1, "what": 2**70}),
        (Tagged(1), {"type": "kind-a", "someValue": 1}),
        (Tagged(2**70), {"type": "kind-a", "someValue": 2**70}),
        (Row(1, 2), [1, 2]),
        (Row(1, 2**70), [1, 2**70]),
    ],
    ids=repr,
)
def test_structs_travel_the_same_fast_or_slow(value, read):
    from synapse_worker.protocol.codec import decode_value, encode_value

    assert decode_value(encode_value(value)) == read


class _NumpyLike:
    """Stands for numpy's types, which are recognised by module and name without importing numpy."""

    def __init__(self, item):
        self._item = item

    def item(self):
        return self if self._item is None else self._item


def _numpy(name, item):
    return type(name, (_NumpyLike,), {"__module__": "numpy"})(item)


def test_numpy_scalars_travel_as_their_item(codec):
    value = {"a": _numpy("int64", 7), "b": [_numpy("float32", 0.5)], "c": _numpy("bool_", True)}
    assert codec.decode(codec.encode(value)) == {"a": 7, "b": [0.5], "c": True}


def test_a_numpy_scalar_without_a_counterpart_is_refused(codec):
    with pytest.raises(EncodeError, match="longdouble"):
        codec.encode([_numpy("longdouble", None)])


class _Broken:
    @property
    def __dict__(self):
        raise ValueError("no")


class _Resisting:
    def __fspath__(self):
        raise RuntimeError("not today")


class _Unprintable:
    def __repr__(self):
        raise ValueError("no")


@pytest.mark.parametrize(
    ("value", "path", "advice"),
    [
        (lambda: 1, "$", "send what it returns"),
        ({"items": [0, 1, 2, {"fn": print}]}, "$.items[3].fn", "function"),
        ({"a b": {1: object()}}, "$['a b'][1]", "dataclass"),
        ([int], "$[0]", "class"),
        ({"x": iter([])}, "$.x", "iterator"),
        ({"x": (n for n in ())}, "$.x", "iterator"),
        ({"x": range(3)}, "$.x", "list"),
        ({"x": {}.keys()}, "$.x", "list"),
        ([1, ({"y": {object()}},)], "$[1][0].y[0]", "object"),
        ([Quote("A", print)], "$[0].price", "function"),
        ([_Broken()], "$[0]", "_Broken"),
        ([_Unprintable()], "$[0]", "_Unprintable"),
        ([1j], "$[0]", "complex"),
        ([Ellipsis], "$[0]", "ellipsis"),
    ],
)
def test_what_cannot_travel_is_refused_with_path_and_advice(codec, value, path, advice):
    with pytest.raises(EncodeError) as caught:
        codec.encode(value)
    assert caught.value.path == path
    assert path in str(caught.value)
    assert advice in str(caught.value)


def test_an_object_that_raises_while_it_is_read_is_refused(codec):
    with pytest.raises(EncodeError) as caught:
        codec.encode({"q": _Resisting()})
    assert caught.value.path == "$.q"
    assert "not today" in str(caught.value)


def test_a_structure_that_contains_itself_is_refused(codec):
    endless: list[object] = []
    endless.append(endless)
    for value in (endless, {"a": endless}, {"a": (endless, 2**70)}):
        with pytest.raises(EncodeError) as caught:
            codec.encode(value)
        assert caught.value.code == "DEPTH_EXCEEDED"
        assert len(str(caught.value)) < 500


def test_only_what_the_user_stops_passes_through(codec):
    class Stop(BaseException):
        pass

    class Interrupted:
        def __fspath__(self):
            raise Stop

    with pytest.raises(Stop):
        codec.encode([Interrupted()])


HOSTILE = """
import sys
from synapse_worker.protocol.codec import {binding} as library
from synapse_worker.protocol.errors import DecodeError, EncodeError
sys.setrecursionlimit({limit})
codec = library.binding
assert codec.decode(b"\\x91" * 127 + b"\\x90") is not None
for data in (b"\\x91" * 1_000_000 + b"\\xc0", b"\\xdc\\xff\\xff" * 24_000, b"\\x81\\xa1a" * 500_000 + b"\\xc0"):
    try:
        codec.decode(data)
    except DecodeError as error:
        assert error.code == "DEPTH_EXCEEDED", error
    else:
        raise SystemExit("decoded")
deep = []
for _ in range(300_000):
    deep = [deep]
try:
    codec.encode(deep)
except EncodeError as error:
    assert error.code == "DEPTH_EXCEEDED", error
else:
    raise SystemExit("encoded")
assert sys.getrecursionlimit() == {limit}
sys.stdout.write("unharmed")
sys.stdout.flush()
import os
os._exit(0)  # to take the deep list apart would overflow the stack of some interpreters
"""


@pytest.mark.parametrize("limit", [400, 1000, 10**6])
def test_hostile_depth_is_an_error_whatever_the_recursion_limit(codec, limit):
    program = HOSTILE.format(binding=f"{codec.name}_binding", limit=limit)
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(pathlib.Path(__file__).parents[3] / "python_side")},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "unharmed", "")


def test_claims_cost_no_memory(codec):
    import tracemalloc

    tracemalloc.start()
    try:
        for claim in ("ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff01"):
            with pytest.raises(DecodeError):
                codec.decode(bytes.fromhex(claim) + b"\x01" * 100)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
