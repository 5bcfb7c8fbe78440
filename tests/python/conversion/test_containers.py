"""Arrays, sets, tuples, maps and unions."""

import collections
import collections.abc as abc
import dataclasses
import datetime as dt
import typing as t
import uuid

import pytest
import typing_extensions as te
from typing_extensions import TypeAliasType

from synapse_worker.conversion.mismatch import shortened
from synapse_worker.protocol.errors import ResultError, ValidationError

from .kit import argument, plan_of, result

OPEN = tuple[int, te.Unpack[tuple[str, ...]], bool]
SOME_ID = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")


@pytest.mark.parametrize(
    ("annotation", "wire", "python"),
    [
        (list[float], [1, 2.5], [1.0, 2.5]),
        (abc.Sequence[int], [1.0], [1]),
        (tuple[int, ...], [1, 2], (1, 2)),
        (collections.deque[int], [1], collections.deque([1])),
        (set[int], [1, 1, 2], {1, 2}),
        (frozenset[str], ["a"], frozenset("a")),
        (abc.Set[str], ["a"], frozenset("a")),
        (tuple[int, str], [1, "a"], (1, "a")),
        (tuple[()], [], ()),
        (OPEN, [1, True], (1, True)),
        (OPEN, [1, "a", "b", True], (1, "a", "b", True)),
        (dict[str, float], {"a": 1}, {"a": 1.0}),
        (dict[int, str], {1: "a", 2.0: "b"}, {1: "a", 2: "b"}),
        (dict[uuid.UUID, int], {str(SOME_ID): 1}, {SOME_ID: 1}),
        (dict[dt.date, int], {"2026-01-31": 1}, {dt.date(2026, 1, 31): 1}),
        (abc.Mapping[str, list[int]], {"a": [1]}, {"a": [1]}),
        (collections.OrderedDict[str, int], {"a": 1}, collections.OrderedDict(a=1)),
        (collections.Counter[str], {"a": 1}, collections.Counter(a=1)),
    ],
)
def test_containers_are_built_as_annotated(annotation, wire, python):
    value = argument(annotation, wire)
    assert value == python
    assert type(value) is type(python)


@pytest.mark.parametrize(
    ("annotation", "wire", "path", "said"),
    [
        (list[int], "ab", "value", 'must be list[int], got str "ab"'),
        (list[int], [1, "x"], "value[1]", 'must be int, got str "x"'),
        (dict[str, list[int]], {"a": [1, None]}, "value.a[1]", "must be int, got None"),
        (dict[str, int], {"a b": None}, 'value["a b"]', "must be int, got None"),
        (dict[int, int], {1: None}, "value[1]", "must be int, got None"),
        (dict[int, int], {"x": 1}, "value", 'has a key that must be int, got str "x"'),
        (tuple[int, str], [1], "value", "must be tuple[int, str], got list of 1 item"),
        (tuple[int, str], [1, 2], "value[1]", "must be str, got int 2"),
        (OPEN, [1], "value", "must be tuple[int, *tuple[str, ...], bool], got list of 1 item"),
        (OPEN, [1, "a", 2, True], "value[2]", "must be str, got int 2"),
        (OPEN, [1, "a", "b"], "value[2]", 'must be bool, got str "b"'),
        (set[t.Any], [{}], "value", "cannot be a set"),
    ],
)
def test_the_path_leads_to_what_does_not_fit(annotation, wire, path, said):
    with pytest.raises(ValidationError) as caught:
        argument(annotation, wire)
    assert caught.value.path == path
    assert f'"{path}" {said}' in str(caught.value)


@dataclasses.dataclass
class Circle:
    radius: float
    kind: t.Literal["circle"] = "circle"


@dataclasses.dataclass
class Square:
    side: float
    kind: t.Literal["square"] = "square"


@dataclasses.dataclass
class Point:
    x: int


@dataclasses.dataclass
class Point3:
    x: int
    y: int = 0
    z: int = 0


@pytest.mark.parametrize(
    ("annotation", "wire", "python"),
    [
        (int | None, None, None),
        (int | str, "1", "1"),
        (int | float, 1.0, 1.0),
        (int | float, 1, 1),
        (float | str, 1, 1.0),
        (int | str, 1.0, 1),
        (t.Literal["a"] | uuid.UUID, str(SOME_ID), SOME_ID),
        (bool | int, True, True),
        (str | list[str], ["a"], ["a"]),
        (dict[str, int] | list[int], {"a": 1}, {"a": 1}),
        (list[int] | list[str], ["a"], ["a"]),
        (Circle | Square, {"kind": "square", "side": 1}, Square(1.0)),
        (Point | Point3, {"x": 1}, Point(1)),
        (Point | Point3, {"x": 1, "z": 2}, Point3(1, 0, 2)),
        (Point | dict[str, str], {"a": "b"}, {"a": "b"}),
    ],
)
def test_a_union_takes_the_option_that_fits_best(annotation, wire, python):
    value = argument(annotation, wire)
    assert value == python
    assert type(value) is type(python)


@pytest.mark.parametrize(
    ("annotation", "wire", "said"),
    [
        (float | None, "x", 'argument "value" must be float | None, got str "x".'),
        (int | str, [], 'argument "value" must be int | str, got list of 0 items.'),
        (Circle | Square, {"radius": 1}, 'argument "value.kind" is missing'),
        (
            Circle | Square,
            {"kind": "disc"},
            'argument "value.kind" must be one of "circle", "square"',
        ),
        (
            Circle | Square,
            {"kind": "circle"},
            'argument "value.radius" is missing; it must be float.',
        ),
        (
            Point | Circle | None,
            {"y": 1},
            "(as Point: x is missing; it must be int; as Circle: radius is",
        ),
        (Point | None, {"x": "1"}, 'argument "value.x" must be int, got str "1".'),
    ],
)
def test_a_union_says_what_each_option_wanted(annotation, wire, said):
    with pytest.raises(ValidationError) as caught:
        argument(annotation, wire)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "python", "wire"),
    [
        (list[int], (1, 2), [1, 2]),
        (abc.Iterable[int], iter([1, 2]), [1, 2]),
        (list[float], [1, 2.5], [1.0, 2.5]),
        (set[int], {1}, [1]),
        (tuple[float, str], (1, "a"), [1.0, "a"]),
        (OPEN, (1, "a", False), [1, "a", False]),
        (tuple[te.Unpack[tuple[float, ...]], str], (1, 2, "a"), [1.0, 2.0, "a"]),
        (dict[str, float], {"a": 1}, {"a": 1.0}),
        (dict[uuid.UUID, float], {SOME_ID: 1}, {str(SOME_ID): 1.0}),
        (dict[dt.timedelta, int], {dt.timedelta(seconds=1): 1}, {"PT1S": 1}),
        (complex | str, 1j, [0.0, 1.0]),
        (complex | str, "x", "x"),
        (float | None, None, None),
        (float | int, 1, 1),
        (list[float] | dict[str, float], {"a": 1}, {"a": 1.0}),
    ],
)
def test_results_are_plain(annotation, python, wire):
    value = result(annotation, python)
    assert value == wire
    assert type(value) is type(wire)
    assert repr(value) == repr(wire)


def test_a_list_that_needs_nothing_is_not_copied():
    numbers = [1.0, 2.0]
    assert result(list[float], numbers) is numbers
    assert result(dict[str, int], both := {"a": 1}) is both


@pytest.mark.parametrize(
    ("annotation", "python", "path"),
    [
        (list[complex], [1j, "x"], "result[1]"),
        (dict[str, list[float]], {"a": [1.0, None]}, "result.a[1]"),
        (tuple[int, float], (1,), "result"),
        (complex | float, "x", "result"),
        (list[int], None, "result"),
        (set[int], {1: 2}, "result"),
    ],
)
def test_the_path_leads_to_what_cannot_be_a_result(annotation, python, path):
    with pytest.raises(ResultError) as caught:
        result(annotation, python)
    assert caught.value.path == path


def test_what_a_users_iterable_raises_stays_its_own():
    def broken():
        yield 1
        raise KeyError("mine")

    with pytest.raises(KeyError):
        result(abc.Iterable[int], broken())


def test_a_defaultdict_has_the_factory_of_its_values():
    counts = argument(collections.defaultdict[str, int], {"a": 1})
    assert type(counts) is collections.defaultdict
    assert (counts["a"], counts["b"]) == (1, 0)
    groups = argument(collections.defaultdict[str, list[int]], {"a": [1]})
    groups["b"].append(2)
    assert groups == {"a": [1], "b": [2]}
    nested = argument(collections.defaultdict[str, collections.defaultdict[str, int]], {})
    assert nested["a"]["b"] == 0


Json = TypeAliasType("Json", t.Union[bool, int, str, "list[Json]", "dict[str, Json]", None])


def take_json(value: Json) -> None:
    """Take what contains itself."""


def test_a_mismatch_deep_in_a_recursive_union_is_named_where_it_is():
    at = dt.datetime(2026, 1, 31, tzinfo=dt.timezone.utc)
    with pytest.raises(ValidationError) as caught:
        plan_of(take_json).convert_arguments([{"x": [1, {"y": at}]}], {})
    assert caught.value.path == "value.x[1].y"
    assert caught.value.got.startswith("datetime 2026")
    assert 'argument "value.x[1].y" must be Json (' in str(caught.value)


def test_a_mismatch_is_found_in_one_walk_however_deep_it_is():
    nested: t.Any = dt.datetime(2026, 1, 31, tzinfo=dt.timezone.utc)
    for _ in range(60):
        nested = [nested]
    with pytest.raises(ValidationError) as caught:
        plan_of(take_json).convert_arguments([nested], {})
    assert caught.value.path == "value" + "[0]" * 60


def test_the_option_that_fits_best_tells_what_is_wrong():
    with pytest.raises(ValidationError) as caught:
        argument(int | list[int] | dict[str, int], [1, "x"])
    assert (caught.value.path, caught.value.expected) == ("value[1]", "int")


def test_messages_are_cut_between_words():
    assert shortened("one two three", 9) == "one two …"
    assert shortened("one two three", 13) == "one two three"
    assert shortened("x" * 20, 9) == "xxxxxxxx…"
