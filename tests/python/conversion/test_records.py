"""Dataclasses, TypedDicts, NamedTuples, structs of msgspec, attrs classes, models of pydantic; generic and recursive."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid
from decimal import Decimal  # noqa: TC003  # pydantic looks it up

import attrs
import msgspec
import pydantic
import pytest
import typing_extensions as te

from synapse_worker.protocol.codec import decode_value, encode_value
from synapse_worker.protocol.errors import DecodeError, EncodeError, ResultError, ValidationError

from .kit import argument, result

T = t.TypeVar("T")
SOME_ID = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")


@dataclasses.dataclass
class Named:
    name: str
    nick: str = "b"


@dataclasses.dataclass
class Item:
    price: float
    name: str = "thing"


@dataclasses.dataclass(frozen=True)
class Order:
    items: list[Item]
    id: uuid.UUID
    when: dt.date | None = None


@dataclasses.dataclass
class Scaled:
    value: int
    factor: dataclasses.InitVar[int] = 2
    total: float = dataclasses.field(init=False, default=0.0)
    tags: list[str] = dataclasses.field(default_factory=list, kw_only=True)

    def __post_init__(self, factor: int) -> None:
        if self.value < 0:
            raise ValueError("no negative values")
        self.total = self.value * factor


@dataclasses.dataclass
class Tree:
    value: float
    children: list[Tree] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Box(t.Generic[T]):
    content: T
    more: list[T] = dataclasses.field(default_factory=list)


class Movie(te.TypedDict):
    title: str
    year: te.NotRequired[int]


class Spot(t.NamedTuple):
    x: float
    label: str = ""


class User(msgspec.Struct, rename="camel"):
    full_name: str
    birth_day: dt.date | None = None


class Cat(msgspec.Struct, tag="cat", tag_field="type"):
    lives: int


class Dog(msgspec.Struct, tag="dog", tag_field="type", forbid_unknown_fields=True):
    name: str


class Pair(msgspec.Struct, array_like=True, tag="pair"):
    left: int
    right: float = 0.0


@attrs.define
class Account:
    _secret: int
    owner: str = attrs.field(default="me", validator=attrs.validators.min_len(2))


class Line(pydantic.BaseModel):
    id: uuid.UUID
    at: dt.datetime
    amount: Decimal = pydantic.Field(alias="theAmount")


class Basket(pydantic.BaseModel):
    lines: list[Line]
    seen: set[int] = set()


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    id: uuid.UUID


@pytest.mark.parametrize(
    ("annotation", "wire", "python"),
    [
        (Item, {"price": 1, "unknown": 2}, Item(1.0)),
        (Order, {"items": [{"price": 2}], "id": str(SOME_ID)}, Order([Item(2.0)], SOME_ID)),
        (Scaled, {"value": 2, "factor": 3, "tags": ["a"]}, Scaled(2, 3, tags=["a"])),
        (Tree, {"value": 1, "children": [{"value": 2}]}, Tree(1.0, [Tree(2.0)])),
        (Box[int], {"content": 1.0, "more": [2]}, Box(1, [2])),
        (Box[uuid.UUID], {"content": str(SOME_ID)}, Box(SOME_ID)),
        (Box[Box[float]], {"content": {"content": 1}}, Box(Box(1.0))),
        (Movie, {"title": "M", "year": 1931, "other": 1}, {"title": "M", "year": 1931}),
        (Spot, [1], Spot(1.0)),
        (Spot, [1, "a"], Spot(1.0, "a")),
        (User, {"fullName": "A", "birthDay": "2000-01-01"}, User("A", dt.date(2000, 1, 1))),
        (Cat | Dog, {"type": "dog", "name": "Rex"}, Dog("Rex")),
        (Pair, ["pair", 1, 2], Pair(1, 2.0)),
        (Account, {"secret": 1}, Account(1)),
    ],
)
def test_a_record_is_an_instance_of_its_class(annotation, wire, python):
    value = argument(annotation, wire)
    assert value == python
    assert type(value) is type(python)


def test_instances_of_a_generic_are_told_apart():
    assert type(argument(Box[tuple[int, ...]], {"content": [1]}).content) is tuple
    assert type(argument(Box[list[int]], {"content": [1]}).content) is list

    def both(a: Box[bytes], b: Box[bytearray]) -> None: ...

    from .kit import plan_of

    (first, second), _ = plan_of(both).convert_arguments([{"content": b"a"}, {"content": b"a"}], {})
    assert (type(first.content), type(second.content)) == (bytes, bytearray)


@pytest.mark.parametrize(
    ("annotation", "wire", "said"),
    [
        (Item, [], '"value" must be Item, got list of 0 items.'),
        (Item, {}, '"value.price" is missing; it must be float.'),
        (
            Order,
            {"items": [{"price": "x"}], "id": str(SOME_ID)},
            '"value.items[0].price" must be float',
        ),
        (Scaled, {"value": -1}, '"value" was refused by Scaled: ValueError: no negative values.'),
        (
            Tree,
            {"value": 1, "children": [{"value": 1, "children": [{}]}]},
            '"value.children[0].children[0].value" is',
        ),
        (Movie, {}, '"value.title" is missing'),
        (Strict, {}, '"value.id" is missing; it must be UUID (text such as "123e4567'),
        (Spot, ["x"], '"value[0]" must be float'),
        (Spot, [1, "a", 2], '"value" must be Spot (1 to 2 items), got list of 3 items'),
        (User, {"fullName": 1}, '"value.fullName" must be str'),
        (
            Dog,
            {"type": "dog", "name": "a", "nam": 1},
            '"value.nam" is no field of Dog (did you mean "name"?).',
        ),
        (Cat | Dog, {"type": "cow"}, '"value.type" must be one of "cat", "dog", got str "cow"'),
        (Pair, ["pear", 1], '"value[0]" must be "pair"'),
        (Pair, ["pair", "x"], '"value[1]" must be int'),
        (Account, {"secret": 1, "owner": "x"}, '"value" was refused by Account: ValueError'),
        (
            Basket,
            {"lines": [{"id": "x", "at": "2026-01-31T00:00:00Z", "theAmount": "1"}]},
            '"value.lines[0].id" was refused by Basket',
        ),
        (
            Basket,
            {"lines": [{"id": str(SOME_ID), "at": "2026-01-31T00:00:00Z"}]},
            '"value.lines[0].theAmount" is missing',
        ),
    ],
)
def test_a_record_says_where_it_does_not_fit(annotation, wire, said):
    with pytest.raises(ValidationError) as caught:
        argument(annotation, wire)
    assert said in str(caught.value)


def test_pydantic_takes_what_travels_as_text():
    wire = {
        "lines": [
            {
                "id": str(SOME_ID),
                "at": dt.datetime(2026, 1, 31, tzinfo=dt.timezone.utc),
                "theAmount": "1.50",
            }
        ],
        "seen": [1, 1],
    }
    basket = argument(Basket, wire)
    assert basket.lines[0].id == SOME_ID
    assert str(basket.lines[0].amount) == "1.50"
    assert basket.seen == {1}
    assert argument(Strict, {"id": str(SOME_ID)}) == Strict(id=SOME_ID)
    with pytest.raises(ValidationError):
        argument(Strict, {"id": 3})


def test_a_model_is_dumped_by_alias_and_no_further_than_its_class():
    class Secret(Line):
        password: str

    line = Secret(
        id=SOME_ID,
        at=dt.datetime(2026, 1, 31, tzinfo=dt.timezone.utc),
        theAmount="1.50",
        password="x",
    )
    dumped = decode_value(encode_value(result(Line, line)))
    assert dumped == {"id": str(SOME_ID), "at": line.at, "theAmount": "1.50"}


@pytest.mark.parametrize(
    ("annotation", "python", "wire"),
    [
        (Item, Item(1), {"price": 1.0, "name": "thing"}),
        (Item, {"price": 1, "name": "a"}, {"price": 1.0, "name": "a"}),
        (Order, Order([], SOME_ID), {"items": [], "id": SOME_ID, "when": None}),
        (Scaled, Scaled(2), {"value": 2, "total": 4.0, "tags": []}),
        (Tree, Tree(1, [Tree(2)]), {"value": 1.0, "children": [{"value": 2.0, "children": []}]}),
        (Box[complex], Box(1j), {"content": [0.0, 1.0], "more": []}),
        (Movie, {"title": "M"}, {"title": "M"}),
        (Spot, Spot(1), [1.0, ""]),
        (User, User("A"), {"fullName": "A", "birthDay": None}),
        (Pair, Pair(1, 2), ["pair", 1, 2.0]),
        (Account, Account(1), {"secret": 1, "owner": "me"}),
        (
            list[Cat | Dog],
            [Cat(9), Dog("a")],
            [{"type": "cat", "lives": 9}, {"type": "dog", "name": "a"}],
        ),
    ],
)
def test_results_carry_the_fields_by_the_names_that_travel(annotation, python, wire):
    value = result(annotation, python)
    assert decode_value(encode_value(value)) == decode_value(encode_value(wire))


def test_a_field_that_only_the_class_holds_travels_too():
    @dataclasses.dataclass
    class Counted:
        name: str
        count: int = dataclasses.field(init=False, default=0)

    value = result(Counted, Counted("a"))
    assert decode_value(encode_value(value)) == {"name": "a", "count": 0}


def test_a_default_that_msgspec_left_to_the_class_travels_too():
    assert decode_value(encode_value(result(Named, msgspec.convert({"name": "a"}, Named)))) == {
        "name": "a",
        "nick": "b",
    }


def test_a_subclass_travels_as_the_class_that_was_promised():
    @dataclasses.dataclass
    class Named:
        name: str

    @dataclasses.dataclass
    class Hidden(Named):
        password: str = "x"

    plain = Named("a")
    assert result(Named, plain) is plain
    assert result(Named, Hidden("a")) == {"name": "a"}


@pytest.mark.parametrize("wrong", [3, "x", None, [1], Spot(1)])
def test_what_is_no_such_record_is_refused(wrong):
    with pytest.raises(ResultError, match='"result" must be Item, got '):
        result(Item, wrong)


def test_a_record_without_a_field_it_should_have_is_refused():
    with pytest.raises(ResultError, match=r'"result.title" has no title, which Movie has'):
        result(Movie, {"year": 1})


def test_what_nests_too_deeply_is_refused_by_name():
    loop = Tree(1.0)
    loop.children.append(loop)
    with pytest.raises(EncodeError, match=r"app.give\(\): the result nests too deeply") as caught:
        result(Tree, loop)
    assert caught.value.code == "DEPTH_EXCEEDED"
    deep: dict[str, object] = {"value": 1.0}
    for _ in range(2000):
        deep = {"value": 1.0, "children": [deep]}
    with pytest.raises(DecodeError, match='argument "value" nests too deeply'):
        argument(Tree, deep)


def test_trees_as_deep_as_people_have_are_fine():
    deep: dict[str, object] = {"value": 1.0, "children": []}
    for _ in range(60):
        deep = {"value": 1.0, "children": [deep]}
    assert decode_value(encode_value(result(Tree, argument(Tree, deep)))) == deep
