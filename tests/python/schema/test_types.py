"""One annotation, one type: the spelling says all of it."""

import collections
import datetime
import decimal
import enum
import os
import pathlib
import typing as t
import uuid
from collections import abc

import annotated_types
import msgspec
import pydantic
import pytest
import typing_extensions as te

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.schema import types as kinds
from synapse_worker.schema.describe import Describer
from synapse_worker.schema.markers import BigInt, Naive

from .offers import spelled


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Slug(str):
    __slots__ = ()


UserId = t.NewType("UserId", int)
AdminId = t.NewType("AdminId", UserId)
T = t.TypeVar("T")
Bound = t.TypeVar("Bound", bound=abc.Sequence)
Either = t.TypeVar("Either", int, str)

TYPES = [
    (None, "None"),
    (int, "int"),
    (bool, "bool"),
    (float, "float"),
    (complex, "complex"),
    (str, "str"),
    (bytes, "bytes"),
    (bytearray, "bytes"),
    (memoryview, "bytes"),
    (t.Any, "Any"),
    (object, "Any"),
    (t.NoReturn, "Never"),
    (te.Never, "Never"),
    (te.LiteralString, "str"),
    (datetime.datetime, "datetime"),
    (t.Annotated[datetime.datetime, Naive], "NaiveDatetime"),
    (t.Annotated[datetime.datetime, Naive()], "NaiveDatetime"),
    (t.Annotated[datetime.datetime, msgspec.Meta(tz=False)], "NaiveDatetime"),
    (t.Annotated[datetime.datetime, msgspec.Meta(tz=True)], "datetime"),
    (t.Annotated[datetime.datetime, annotated_types.Timezone(None)], "NaiveDatetime"),
    (pydantic.NaiveDatetime, "NaiveDatetime"),
    (pydantic.AwareDatetime, "datetime"),
    (pydantic.PastDate, "date"),
    (datetime.date, "date"),
    (datetime.time, "time"),
    (datetime.timedelta, "timedelta"),
    (uuid.UUID, "uuid"),
    (decimal.Decimal, "decimal"),
    (pathlib.Path, "path"),
    (pathlib.PurePosixPath, "path"),
    (os.PathLike, "path"),
    (os.PathLike[str], "path"),
    (Slug, "str"),
    (t.Annotated[int, BigInt], "BigInt"),
    (t.Annotated[int, BigInt()], "BigInt"),
    (t.Optional[t.Annotated[int, BigInt]], "BigInt | None"),
    (t.Annotated[int | None, BigInt], "BigInt | None"),
    # Enums and literals
    (Color, "Color"),
    (Level, "Level"),
    (t.Literal["a", 1, True, None], "Literal['a', 1, True, None]"),
    (t.Literal[1, True], "Literal[1, True]"),
    (t.Literal[Color.RED, "x"], "Literal['red', 'x']"),
    (t.Literal["a", "b"], "Literal['a', 'b']"),
    (t.Literal[1, True], "Literal[1, True]"),
    # Unions
    (t.Optional[int], "int | None"),
    (int | None, "int | None"),
    (t.Union[None, int, str], "int | str | None"),
    (t.Union[int, str, None], "int | str | None"),
    (t.Union[int, t.Any], "Any"),
    (t.Optional[object], "Any"),
    (int, "int"),
    # Containers
    (list, "list[Any]"),
    (list, "list[Any]"),
    (list[int], "list[int]"),
    (list[int], "list[int]"),
    (abc.Sequence[int], "list[int]"),
    (t.Iterable[int], "list[int]"),
    (abc.Collection[str], "list[str]"),
    (collections.deque[int], "list[int]"),
    (collections.deque[int], "list[int]"),
    (abc.Iterator[int], "list[int]"),
    (set, "set[Any]"),
    (set[int], "set[int]"),
    (frozenset[str], "set[str]"),
    (abc.Set[str], "set[str]"),
    (t.AbstractSet[str], "set[str]"),
    (dict, "dict[str, Any]"),
    (dict, "dict[str, Any]"),
    (dict[str, int], "dict[str, int]"),
    (dict[t.Any, int], "dict[Any, int]"),
    (dict[int, str], "dict[int, str]"),
    (dict[uuid.UUID, str], "dict[uuid, str]"),
    (dict[UserId, str], "dict[UserId, str]"),
    (dict[Color, str], "dict[Color, str]"),
    (dict[t.Literal["a", "b"], str], "dict[Literal['a', 'b'], str]"),
    (dict[int | str, str], "dict[int | str, str]"),
    (abc.Mapping[str, int], "dict[str, int]"),
    (t.Mapping[str, int], "dict[str, int]"),
    (collections.OrderedDict[str, int], "dict[str, int]"),
    (collections.defaultdict[str, list[int]], "dict[str, list[int]]"),
    (collections.defaultdict[str, int], "dict[str, int]"),
    (collections.Counter[str], "dict[str, int]"),
    (t.Counter[str], "dict[str, int]"),
    # Tuples
    (tuple, "list[Any]"),
    (tuple, "list[Any]"),
    (tuple[()], "tuple[()]"),
    (tuple[()], "tuple[()]"),
    (tuple[int, str], "tuple[int, str]"),
    (tuple[int, ...], "list[int]"),
    (tuple[int, ...], "list[int]"),
    (tuple[int, te.Unpack[tuple[str, bool]]], "tuple[int, str, bool]"),
    (tuple[te.Unpack[tuple[str, ...]]], "list[str]"),
    (tuple[int, te.Unpack[tuple[str, ...]]], "tuple[int, *tuple[str, ...]]"),
    (tuple[te.Unpack[tuple[str, ...]], int], "tuple[*tuple[str, ...], int]"),
    (
        tuple[bool, te.Unpack[tuple[int, te.Unpack[tuple[str, ...]]]], float],
        "tuple[bool, int, *tuple[str, ...], float]",
    ),
    # New types and variables
    (UserId, "UserId"),
    (AdminId, "AdminId"),
    (T, "Any"),
    (list[T], "list[Any]"),
    (Bound, "list[Any]"),
    (Either, "int | str"),
    (t.AnyStr, "bytes | str"),
    # Qualifiers
    (t.Final[int], "int"),
    (te.ReadOnly[int], "int"),
    (te.TypeGuard[int], "bool"),
    # Constraints
    (t.Annotated[int, annotated_types.Ge(0), annotated_types.Lt(9)], "int(ge=0, lt=9)"),
    (t.Annotated[int, annotated_types.Interval(gt=0, le=9)], "int(gt=0, le=9)"),
    (t.Annotated[int, annotated_types.MultipleOf(5)], "int(multiple_of=5)"),
    (t.Annotated[str, annotated_types.Len(1, 3)], "str(min_length=1, max_length=3)"),
    (t.Annotated[list[int], annotated_types.MinLen(1)], "list[int](min_length=1)"),
    (t.Annotated[set[int], annotated_types.MaxLen(2)], "set[int](max_length=2)"),
    (t.Annotated[dict[str, int], annotated_types.MinLen(1)], "dict[str, int](min_length=1)"),
    (t.Annotated[str, msgspec.Meta(pattern="^a", min_length=1)], "str(min_length=1, pattern='^a')"),
    (t.Annotated[float, pydantic.Field(gt=0, le=1.5)], "float(gt=0, le=1.5)"),
    (t.Annotated[str, pydantic.StringConstraints(max_length=3)], "str(max_length=3)"),
    (pydantic.PositiveInt, "int(gt=0)"),
    (pydantic.constr(pattern="^x"), "str(pattern='^x')"),
    (t.Annotated[int | None, annotated_types.Ge(0)], "int(ge=0) | None"),
    (t.Annotated[bool, annotated_types.Ge(0)], "bool"),
    (t.Annotated[int, "any words", 3], "int"),
    # Old spellings
    (t.List, "list[Any]"),
    (t.List[int], "list[int]"),
    (t.Iterable[int], "list[int]"),
    (t.Deque[int], "list[int]"),
    (t.Set[int], "set[int]"),
    (t.FrozenSet[int], "set[int]"),
    (t.AbstractSet[str], "set[str]"),
    (t.Dict, "dict[str, Any]"),
    (t.Dict[str, int], "dict[str, int]"),
    (t.Mapping[str, int], "dict[str, int]"),
    (t.DefaultDict[str, int], "dict[str, int]"),
    (t.Counter[str], "dict[str, int]"),
    (t.Tuple, "list[Any]"),
    (t.Tuple[()], "tuple[()]"),
    (t.Tuple[int, str], "tuple[int, str]"),
    (t.Tuple[int, ...], "list[int]"),
    (t.Text, "str"),
    (t.Optional["int"], "int | None"),
    (t.Annotated[t.Optional[int], BigInt], "BigInt | None"),
    (t.Union[int, t.Union[str, t.Optional[int]]], "int | str | None"),
    (t.Union[t.Literal["a"], t.Literal["b"]], "Literal['a', 'b']"),
    (t.List["int"], "list[int]"),
    # Strings
    ("int", "int"),
    ("list[int] | None", "list[int] | None"),
    (list["int"], "list[int]"),
    (t.Optional["int"], "int | None"),
]


@pytest.mark.parametrize(("annotation", "text"), TYPES, ids=lambda value: str(value)[:60])
def test_an_annotation_means_one_type(annotation: t.Any, text: str) -> None:
    describer = Describer()
    assert spelled(annotation, describer) == text
    assert describer.warnings == []


def test_what_builds_a_value_is_kept_for_the_conversion() -> None:
    type_of = Describer().type_of
    assert type_of(bytearray).python is bytearray
    assert type_of(Slug).python is Slug
    assert type_of(list[int]).python is list
    assert type_of(tuple[int, ...]).python is tuple
    assert type_of(collections.deque[int]).python is collections.deque
    assert type_of(frozenset[int]).python is frozenset
    made = type_of(collections.defaultdict[str, list[int]]).python({"a": [1]})
    assert made["b"] == []
    assert (
        type_of(collections.Counter[str]).python({"a": 2}).total() == 2
        if hasattr(collections.Counter, "total")
        else True
    )
    assert type_of(t.Literal[Color.RED, "x"]).python == (Color.RED, "x")


@pytest.mark.parametrize(
    ("annotation", "problem", "advice"),
    [
        (dict[bool, int], "the keys of a dict must be", "list[tuple[K, V]]"),
        (dict[tuple[int, int], str], "the keys of a dict must be", "list[tuple[K, V]]"),
        (dict[bytes, str], "the keys of a dict must be", "list[tuple[K, V]]"),
        (list[abc.AsyncIterator[int]], "streams are what functions return", "list[…]"),
        ("Missing", "the name 'Missing' means nothing here", "Define or import it"),
        ("list[Missing]", "the name 'Missing' (in 'list[Missing]')", "Define or import it"),
        ("list[", "cannot be evaluated: SyntaxError", "Annotations must also hold"),
        ("int()[0]", "cannot be evaluated: TypeError", "Annotations must also hold"),
    ],
    ids=str,
)
def test_what_cannot_be_described_is_an_error_that_says_what_to_do(
    annotation: t.Any, problem: str, advice: str
) -> None:
    with pytest.raises(SynapseError) as caught:
        Describer().type_of(annotation, where="quote(): parameter x")
    assert caught.value.code == "SCHEMA_INVALID"
    assert caught.value.message.startswith("quote(): parameter x: ")
    assert problem in caught.value.message
    assert advice in caught.value.message


class Plain:
    pass


class Odd(enum.Enum):
    PAIR = (1, 2)


class Empty(enum.Enum):
    pass


class Huge(enum.IntEnum):
    MOST = 2**60


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (Plain, "Plain says nothing of its data."),
        (Odd, "Odd.PAIR has the value (1, 2)."),
        (Empty, "the enum Empty has no members."),
        (Huge, "Huge.MOST is an integer that JavaScript's numbers cannot hold."),
        (t.Literal[2**53], "Literal[9007199254740992] is an integer that JavaScript's"),
        (t.Literal[b"x"], "Literal[b'x'] is no value that JavaScript could name."),
        (type[int], "type says nothing of its data."),
        (range, "range says nothing of its data."),
    ],
    ids=str,
)
def test_what_says_nothing_becomes_unknown_with_a_warning(annotation: t.Any, problem: str) -> None:
    describer = Describer()
    assert describer.type_of(annotation, where="f(): result") == kinds.UNKNOWN
    (warning,) = describer.warnings
    assert warning.where == "f(): result"
    assert warning.message.startswith(problem)
    assert "`unknown`" in warning.message


def test_a_tuple_with_two_parts_of_any_length_is_not_widened_in_silence() -> None:
    describer = Describer()
    parts = (te.Unpack[tuple[str, ...]], te.Unpack[tuple[int, ...]])
    found = describer.type_of(tuple[parts], where="f(): result")
    assert found == kinds.Array(kinds.UNKNOWN)
    assert "`unknown`" in describer.warnings[0].message


def test_a_flag_that_lacks_a_member_says_so() -> None:
    describer = Describer()
    describer.type_of(enum.IntFlag("Bits", {"LOW": 1, "HIGH": 2**60}), where="f(): result")
    assert "The client's constant Bits lacks it." in describer.warnings[0].message


def test_a_failed_description_leaves_nothing_behind() -> None:
    describer = Describer()
    inner = t.NamedTuple("inner", [("a", int)])
    broken = t.NamedTuple("broken", [("good", inner), ("bad", "Missing")])  # noqa: F821  # it is missing
    with pytest.raises(SynapseError, match=r"broken\.bad"):
        describer.type_of(broken)
    assert describer.definitions == {}
    assert spelled(inner, describer) == "inner"
    assert list(describer.definitions) == ["inner"]
