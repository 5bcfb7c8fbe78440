"""A result that is returned as it is would have been encoded to the very same bytes."""

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from collections import UserDict
from typing import Any, Generic, Literal, NamedTuple, Optional, TypedDict, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_worker.conversion import carried
from synapse_worker.protocol.codec import decode_value, encode_value
from synapse_worker.protocol.errors import SynapseError

from .kit import giving, result

T = TypeVar("T")


class Side(enum.Enum):
    BUY = "buy"
    SELL = "sell"


@dataclasses.dataclass
class Leaf:
    a: int
    b: float
    side: Side = Side.BUY


class Node(msgspec.Struct):
    leaf: Leaf
    more: dict[str, Optional[float]]  # noqa: UP045


class Loud(enum.Enum):
    YES = "yes"

    @property
    def value(self) -> str:
        return self._value_.upper()


class Row(TypedDict):
    id: int
    price: float
    tags: list[str]
    note: Optional[str]  # noqa: UP045


class Pair(NamedTuple):
    first: float
    second: Optional[Leaf]  # noqa: UP045


@dataclasses.dataclass
class Tree:
    weight: float
    children: "list[Tree]"


@dataclasses.dataclass
class Box(Generic[T]):
    inside: T


class Text(str):
    __slots__ = ()


NOON = dt.datetime(2020, 1, 1, 12)  # noqa: DTZ001  # a naive one is meant
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.sampled_from(
        [1, 1.0, Side.BUY, Loud.YES, "buy", "", Text("x"), 10**400, decimal.Decimal("1.5")]
    ),
    st.sampled_from([NOON, NOON.replace(tzinfo=dt.timezone.utc), NOON.date(), NOON.time()]),
    st.sampled_from([dt.timedelta(1), uuid.UUID(int=7)]),
)
leaves = st.builds(Leaf, scalars, st.floats(allow_nan=False) | scalars, st.just(Side.BUY) | scalars)
rows = st.fixed_dictionaries(
    {"id": st.integers(), "price": st.floats(allow_nan=False) | scalars},
    optional={
        "tags": st.lists(st.text(max_size=2), max_size=2) | st.just(("x",)) | scalars,
        "note": st.none() | st.text(max_size=2),
        "stranger": scalars,
    },
)
values = st.one_of(
    scalars,
    leaves,
    rows,
    rows.map(UserDict),
    st.builds(Node, leaves, st.dictionaries(st.sampled_from("ab"), scalars, max_size=2)),
    st.builds(Pair, scalars, st.none() | leaves),
    st.builds(Tree, scalars, st.lists(st.builds(Tree, scalars, st.just([])), max_size=2)),
    st.builds(Box, scalars),
    st.lists(scalars, max_size=3),
    st.lists(st.floats(allow_nan=False) | st.integers(), max_size=3),
    st.lists(rows, max_size=2),
    st.lists(leaves, max_size=2),
    st.tuples(scalars, st.floats(allow_nan=False) | scalars),
    st.dictionaries(st.sampled_from("ab"), scalars, max_size=2),
    st.dictionaries(st.sampled_from("ab"), leaves, max_size=2),
)
ANNOTATIONS: list[Any] = [
    float,
    int | float | None,
    str | float,
    dt.date | dt.time | None,
    Optional[float],  # noqa: UP045
    decimal.Decimal,
    dt.timedelta | uuid.UUID,
    Leaf,
    Row,
    Node,
    Pair,
    Tree,
    Side,
    Optional[Leaf],  # noqa: UP045
    Leaf | Row,
    Box[float],
    list[Any],
    list[float],
    list[Row],
    list[Leaf],
    list[Optional[Side]],  # noqa: UP045
    list[Loud],
    tuple[int, float],
    dict[str, float],
    dict[str, Leaf],
    dict[Side, float],
    Literal["buy"],
]


def outcome(annotation: Any, value: Any) -> Any:
    """What reaches the client: read back, for the order of a record's fields is nobody's business."""
    try:
        encoded = encode_value(result(annotation, value))
    except SynapseError as error:
        return error.code, error.message
    except Exception as error:
        return type(error), str(error)
    return repr(_sorted(decode_value(encoded)))


def _sorted(value: Any) -> Any:
    if type(value) is list:
        return [_sorted(item) for item in value]
    return (
        sorted((key, _sorted(item)) for key, item in value.items())
        if type(value) is dict
        else value
    )


def only_encoded(type_: Any, encode: Any, encoders: Any) -> Any:
    return encode


def test_with_the_condition_and_without_it_the_same_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @settings(max_examples=2000, deadline=None)
    @given(st.sampled_from(ANNOTATIONS), values)
    def compare(annotation: Any, value: Any) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(
                "synapse_worker.conversion.function_plan.encoding_uncarried", only_encoded
            )
            expected = outcome(annotation, value)
        assert outcome(annotation, value) == expected

    compare()


def is_carried(annotation: Any, value: Any) -> bool:
    """Whether a result is returned without its encoder being asked."""
    asked = []

    def refuse(plain: Any) -> Any:
        asked.append(plain)
        raise AssertionError

    convert = giving(annotation).convert_result
    assert convert is not None
    convert.__globals__["encode"] = refuse
    try:
        return convert(value) is value and not asked
    except AssertionError:
        return False


ROW = {"id": 1, "price": 0.5, "tags": ["x"], "note": None}


@pytest.mark.parametrize(
    ("annotation", "value", "changed"),
    [
        (float, 0.5, 1),
        (Row, ROW, {**ROW, "price": 1}),
        (Row, ROW, {**ROW, "stranger": 1}),
        (Row, ROW, {"id": 1, "price": 0.5, "tags": ["x"]}),
        (list[Row], [ROW, ROW], [ROW, {**ROW, "tags": ("x",)}]),
        (Leaf, Leaf(1, 0.5), Leaf(1, 2)),
        (Leaf | None, None, Leaf(1, 2)),
        (list[Leaf], [Leaf(1, 0.5)], [Leaf(1, 0.5), Leaf(1, True)]),
        (Node, Node(Leaf(1, 0.5), {"x": None}), Node(Leaf(1, 0.5), {"x": 1})),
        (Pair, Pair(0.5, Leaf(1, 0.5)), Pair(0.5, Leaf(1, 1))),
        (Box[float], Box(0.5), Box(1)),
        (list[float], [0.5], [0.5, 1]),
        (dict[str, float], {"x": 0.5}, {"x": 1}),
        (tuple[int, float], (1, 0.5), (1, 1)),
        (str | float, "x", 1),
        (list[dt.date], [NOON.date()], [NOON]),
    ],
)
def test_only_what_changes_nothing_is_carried(annotation: Any, value: Any, changed: Any) -> None:
    assert is_carried(annotation, value)
    assert not is_carried(annotation, changed)


def test_types_that_contain_themselves_too_much_or_odd_names_are_encoded() -> None:
    odd = msgspec.defstruct("odd", [("class", float)])
    wide = TypedDict("wide", {f"f{i}": list[list[float]] for i in range(100)})  # type: ignore[misc]
    for annotation in (Tree, wide, odd, Side):
        convert = giving(annotation).convert_result
        assert convert is not None
        assert convert.__module__ == carried.__name__.replace("carried", "function_plan")
