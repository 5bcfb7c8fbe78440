"""Every family of classes becomes a definition that says what travels."""

import dataclasses
import datetime
import enum
import typing as t
from collections import namedtuple

import attrs
import msgspec
import pydantic
import pydantic.dataclasses
import pytest
import typing_extensions as te

from synapse_worker.schema import types as kinds
from synapse_worker.schema.describe import Describer

from .offers import definition, spelled

T = t.TypeVar("T")
K = t.TypeVar("K")


@dataclasses.dataclass
class Item:
    """What is sold.

    Attributes:
        name: What it is called.
    """

    name: str
    tags: list[str] = dataclasses.field(default_factory=list)
    kind: t.ClassVar[str] = "item"
    price: float = 1.5
    total: float = dataclasses.field(init=False)
    seed: dataclasses.InitVar[int] = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    a: int


@dataclasses.dataclass
class Box(t.Generic[T]):
    value: T
    more: "list[Box[T]]" = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Named(Box[str]):
    count: int = 0


@dataclasses.dataclass
class Pair(Box[list[K]], t.Generic[K, T]):
    other: T | None = None


@dataclasses.dataclass
class Left:
    right: "Right | None"


@dataclasses.dataclass
class Right:
    left: "Left | None" = None


def test_dataclasses_by_their_fields() -> None:
    assert definition(Item) == (
        "dataclass {name: str, tags: list[str] = ..., price: float = ..., output total: float, "
        "input seed: int = ...}"
    )


def test_inherited_fields_keep_their_place() -> None:
    @dataclasses.dataclass
    class Base:
        a: int
        b: int = 1

    @dataclasses.dataclass
    class Child(Base):
        c: str = ""
        a: int | None = None  # type: ignore[assignment]

    assert definition(Child) == "dataclass {a: int | None = ..., b: int = ..., c: str = ...}"


def test_slots_and_frozen_change_nothing() -> None:
    assert definition(Slotted) == "dataclass {a: int}"


def test_keyword_only_fields_are_fields() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Options:
        depth: int = 1
        name: str

    assert definition(Options) == "dataclass {depth: int = ..., name: str}"


def test_defaults_are_told_as_json_or_as_text() -> None:
    class Size(enum.Enum):
        SMALL = "s"

    def now() -> datetime.datetime:
        raise AssertionError

    @dataclasses.dataclass
    class Defaults:
        plain: int = 1
        size: Size = Size.SMALL
        day: datetime.date = datetime.date(2024, 1, 2)
        tags: list[str] = dataclasses.field(default_factory=list)
        at: t.Any = dataclasses.field(default_factory=now)
        odd: t.Any = dataclasses.field(default_factory=lambda: 1)
        words: frozenset[str] = frozenset({"b", "a"})
        big: int = 2**60
        nothing: int | None = None
        far: float = float("inf")
        thing: object = object()

    describer = Describer()
    describer.type_of(Defaults)
    told = {
        field.name: (field.default.value, field.default.text)
        for field in describer.definitions["Defaults"].fields
    }
    assert told == {
        "plain": (1, None),
        "size": ("s", None),
        "day": (None, "datetime.date(2024, 1, 2)"),
        "tags": ([], None),
        "at": (None, "..."),
        "odd": (None, "..."),
        "words": (None, "frozenset({'a', 'b'})"),
        "big": (None, "1152921504606846976"),
        "nothing": (None, None),
        "far": (None, "inf"),
        "thing": (None, "..."),
    }


def test_generics_are_described_once_and_referred_to_with_arguments() -> None:
    describer = Describer()
    assert spelled(Box[int], describer) == "Box[int]"
    assert spelled(Box, describer) == "Box[Any]"
    assert definition(Box, describer) == "[T] dataclass {value: T, more: list[Box[T]] = ...}"
    assert describer.type_of(Box[int]).python == Box[int]


def test_inherited_generics_have_their_arguments() -> None:
    assert (
        definition(Named) == "dataclass {value: str, more: list[Box[str]] = ..., count: int = ...}"
    )
    assert definition(Pair) == (
        "[K, T] dataclass {value: list[K], more: list[Box[list[K]]] = ..., other: T | None = ...}"
    )


def test_mutual_recursion_ends() -> None:
    describer = Describer()
    assert spelled(Left, describer) == "Left"
    assert definition(Left, describer) == "dataclass {right: Right | None}"
    assert definition(Right, describer) == "dataclass {left: Left | None = ...}"


def test_two_classes_of_one_name_get_two_names() -> None:
    class Outer:
        @dataclasses.dataclass
        class Item:
            a: int

    describer = Describer()
    assert [spelled(Item, describer), spelled(Outer.Item, describer)] == ["Item", "OuterItem"]


# --- TypedDict -----------------------------------------------------------------------------------


class Movie(te.TypedDict):
    title: str
    year: te.NotRequired[int]


class Rated(Movie, total=False):
    stars: int
    votes: te.Required[te.Annotated[int, msgspec.Meta(ge=0)]]
    source: te.ReadOnly[te.NotRequired[str]]


class Page(te.TypedDict, t.Generic[T]):
    items: list[T]
    next: "Page[T] | None"


class Movies(Page[Movie]):
    count: int


Functional = t.TypedDict("Functional", {"class": str, "some-key": int}, total=False)


def test_typed_dicts_say_what_may_be_absent() -> None:
    assert definition(Movie) == "typed_dict {title: str, year?: int}"
    assert definition(Rated) == (
        "typed_dict {title: str, year?: int, stars?: int, votes: int(ge=0), source?: str}"
    )
    assert definition(Functional) == "typed_dict {class?: str, some-key?: int}"


def test_generic_typed_dicts_pass_their_arguments_on() -> None:
    assert definition(Page) == "[T] typed_dict {items: list[T], next: Page[T] | None}"
    assert (
        definition(Movies)
        == "typed_dict {items: list[Movie], next: Page[Movie] | None, count: int}"
    )


# --- NamedTuple, NewType -------------------------------------------------------------------------


class Point(t.NamedTuple):
    """A point.

    Attributes:
        x: To the right.
    """

    x: float
    y: float = 0.0
    label: "Point | None" = None


def test_named_tuples_by_place() -> None:
    describer = Describer()
    assert definition(Point, describer) == (
        "tuple (x: float, y: float = ..., label: Point | None = ...)"
    )
    assert describer.definitions["Point"].fields[0].documentation == "To the right."
    assert definition(namedtuple("Old", "a b", defaults=[1])) == "tuple (a: Any, b: Any = ...)"


def test_new_types_of_new_types() -> None:
    describer = Describer()
    user = t.NewType("UserId", int)
    admin = t.NewType("AdminId", user)
    assert definition(admin, describer) == "new type of UserId"
    assert definition(user, describer) == "new type of int"


# --- msgspec -------------------------------------------------------------------------------------


class Shape(msgspec.Struct, tag_field="kind", tag=str.lower):
    pass


class Circle(Shape):
    radius: float


class Square(Shape):
    side: float = 1.0


class Renamed(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    first_name: str
    last_seen: datetime.date | msgspec.UnsetType = msgspec.UNSET
    tags: list[str] = []
    special: int = msgspec.field(name="SPECIAL", default_factory=int)


class Row(msgspec.Struct, array_like=True, tag=7):
    id: int
    name: str = ""


class Wrapped(msgspec.Struct, t.Generic[T]):
    value: T
    next: t.Optional["Wrapped[T]"] = None


class WrappedInt(Wrapped[int]):
    pass


def test_structs_by_their_wire_names() -> None:
    assert definition(Renamed) == (
        "msgspec {firstName: str, lastSeen?: date, tags: list[str] = ..., SPECIAL: int = ...} "
        "forbid unknown fields"
    )
    assert definition(Row) == "tuple (7, id: int, name: str = ...)"


def test_tagged_structs_make_discriminated_unions() -> None:
    describer = Describer()
    assert spelled(t.Union[Circle, Square, None], describer) == "(Circle | Square | None) by kind"
    assert definition(Circle, describer) == "msgspec {tag kind='circle', radius: float}"


def test_generic_structs() -> None:
    assert definition(Wrapped) == "[T] msgspec {value: T, next: Wrapped[T] | None = ...}"
    assert definition(WrappedInt) == "msgspec {value: int, next: Wrapped[int] | None = ...}"


# --- pydantic ------------------------------------------------------------------------------------


class Cat(pydantic.BaseModel):
    kind: t.Literal["cat"] = "cat"
    lives: int = pydantic.Field(9, ge=0, description="How many are left.")


class Dog(pydantic.BaseModel):
    kind: t.Literal["dog", "puppy"]


class Owner(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    pet: t.Annotated[Cat | Dog, pydantic.Field(discriminator="kind")]
    full_name: str = pydantic.Field(alias="fullName")
    input_only: int = pydantic.Field(1, validation_alias="inOnly")
    choice: int = pydantic.Field(validation_alias=pydantic.AliasChoices("c1", "c2"))
    secret: str = pydantic.Field("", exclude=True)
    _private: int = 3
    parent: "Owner | None" = None

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def shout(self) -> str:
        """Louder."""
        return self.full_name.upper()


class Response(pydantic.BaseModel, t.Generic[T]):
    data: T
    again: "Response[T] | None" = None


class IntResponse(Response[int]):
    code: int = 200


class Tags(pydantic.RootModel[list[str]]):
    """Words."""


@pydantic.dataclasses.dataclass
class Checked:
    a: t.Annotated[int, pydantic.Field(gt=0)]
    b: str = pydantic.Field("x", max_length=3)


def test_models_by_alias_with_what_differs_by_direction() -> None:
    assert definition(Owner) == (
        "pydantic {pet: (Cat | Dog) by kind, fullName: str, input inOnly: int = ..., "
        "output input_only: int, input c1: int, output choice: int, input secret: str = ..., "
        "parent: Owner | None = ..., output shout: str} forbid unknown fields"
    )


def test_models_with_constraints_and_descriptions() -> None:
    describer = Describer()
    assert (
        definition(Cat, describer)
        == "pydantic {kind: Literal['cat'] = ..., lives: int(ge=0) = ...}"
    )
    assert describer.definitions["Cat"].fields[1].documentation == "How many are left."
    assert definition(Checked) == "pydantic {a: int(gt=0), b: str(max_length=3) = ...}"


def test_discriminators_need_no_annotation() -> None:
    assert spelled(t.Union[Cat, Dog]) == "(Cat | Dog) by kind"
    assert spelled(t.Union[Cat, Dog, Item]) == "Cat | Dog | Item"


def test_generic_models_are_one_definition() -> None:
    describer = Describer()
    reference = describer.type_of(Response[int])
    assert reference == kinds.Reference("Response", (kinds.Scalar("int"),))
    assert reference.python is Response[int]
    assert (
        definition(Response, describer) == "[T] pydantic {data: T, again: Response[T] | None = ...}"
    )
    assert definition(IntResponse, describer) == (
        "pydantic {data: int, again: Response[int] | None = ..., code: int = ...}"
    )


def test_root_models_are_aliases() -> None:
    describer = Describer()
    assert definition(Tags, describer) == "alias of list[str]"
    assert describer.definitions["Tags"].python is Tags
    assert describer.definitions["Tags"].documentation.summary == "Words."


def test_fields_that_are_read_from_something_else_are_two() -> None:
    class Read(pydantic.BaseModel):
        data: pydantic.Json[list[int]]
        plain: t.Annotated[int, pydantic.PlainValidator(int)]
        told: t.Annotated[int, pydantic.BeforeValidator(int, json_schema_input_type=str)]
        before: t.Annotated[int, pydantic.BeforeValidator(int)]

    assert definition(Read) == (
        "pydantic {input data: str, output data: list[int], input plain: Any, output plain: int, "
        "input told: str, output told: int, before: int}"
    )


def test_serializers_are_warned_of() -> None:
    class Odd(pydantic.BaseModel):
        a: int

        @pydantic.field_serializer("a")
        def as_text(self, value: int) -> str:
            return str(value)

    describer = Describer()
    assert definition(Odd, describer) == "pydantic {a: int}"
    assert "serializers are not used" in describer.warnings[0].message


# --- attrs ---------------------------------------------------------------------------------------


def to_float(text: str) -> float:
    return float(text)


def same(value: int) -> int:
    return value


@attrs.define
class Reading:
    """A reading.

    Attributes:
        _raw: As it came.
    """

    _raw: bytes
    value: float = attrs.field(converter=to_float)
    count: int = attrs.field(converter=same, default=0)
    loose: int = attrs.field(converter=int, default=0)
    name: str = attrs.field(alias="label", factory=str)
    size: int = attrs.field(init=False, default=3)


@attrs.frozen
class Holder(t.Generic[T]):
    value: T


def test_attrs_classes_by_what_their_constructor_takes() -> None:
    describer = Describer()
    assert definition(Reading, describer) == (
        "attrs {raw: bytes, input value: str, output value: float, count: int = ..., "
        "input loose: Any = ..., output loose: int, label: str = ..., output size: int}"
    )
    (warning,) = describer.warnings
    assert warning.where == "Reading.loose"
    assert [field.python_name for field in describer.definitions["Reading"].fields[:2]] == [
        "_raw",
        None,
    ]


def test_generic_attrs_classes() -> None:
    assert definition(Holder) == "[T] attrs {value: T}"


# --- enums ---------------------------------------------------------------------------------------


class Mode(enum.Flag):
    READ = 1
    WRITE = 2
    BOTH = 3


class Planet(str, enum.Enum):
    EARTH = "earth"
    HOME = "earth"


class Number(enum.IntEnum):
    ONE = enum.auto()
    TWO = enum.auto()


def test_enums_by_value_without_aliases() -> None:
    assert definition(Planet) == "enum {EARTH='earth'}"
    assert definition(Number) == "enum {ONE=1, TWO=2}"
    assert definition(Mode) == "flag {READ=1, WRITE=2, BOTH=3}"


@pytest.mark.parametrize("cls", [Item, Movie, Point, Circle, Cat, Reading, Number], ids=str)
def test_definitions_keep_the_class_for_the_conversion(cls: type) -> None:
    describer = Describer()
    reference = describer.type_of(cls)
    assert describer.definitions[reference.name].python is cls
