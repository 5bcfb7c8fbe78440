"""Frozen records behave like frozen dataclasses."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from synapse_worker.frozen import Frozen, field, fields, replace


class Shape(Frozen):
    kind: ClassVar[str] = "shape"
    name: str


class Circle(Shape):
    kind: ClassVar[str] = "circle"
    radius: float = 1.0
    tags: list[str] = field(default_factory=list)
    drawn_by: Any = field(default=None, local=True)


class Labelled(Shape):
    label: str = field(kw_only=True)


def test_values_are_given_by_position_or_name_after_those_of_the_base() -> None:
    circle = Circle("c", radius=2.0)
    assert (circle.name, circle.radius, circle.tags) == ("c", 2.0, [])
    assert [own.name for own in fields(Circle)] == ["name", "radius", "tags", "drawn_by"]


def test_each_record_has_a_default_of_its_own() -> None:
    one, other = Circle("a"), Circle("b")
    one.tags.append("x")
    assert other.tags == []


def test_records_of_one_class_with_equal_fields_are_equal_whatever_is_local() -> None:
    assert Circle("a", drawn_by=print) == Circle("a")
    assert Circle("a") != Circle("b")
    assert Shape("a") != Circle("a")
    assert Shape("a") != "a"
    assert hash(Shape("a")) == hash(Shape("a"))


def test_what_is_local_is_not_shown() -> None:
    assert repr(Circle("a", drawn_by=print)) == "Circle(name='a', radius=1.0, tags=[])"


def test_a_replaced_record_leaves_the_first_as_it_was() -> None:
    circle = Circle("a", drawn_by=print)
    assert replace(circle, radius=3.0) == Circle("a", 3.0)
    assert replace(circle, radius=3.0).drawn_by is print
    assert circle.radius == 1.0


def test_a_record_does_not_change() -> None:
    shape = Shape("a")
    with pytest.raises(AttributeError, match="a record does not change"):
        shape.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="a record does not change"):
        del shape.name
    assert shape.name == "a"


@pytest.mark.parametrize(
    ("given", "named", "problem"),
    [
        ((), {}, "lacks 'name'"),
        (("a", 1.0, [], None, 5), {}, "more values"),
        (("a",), {"name": "b"}, "more values"),
        (("a",), {"colour": "red"}, "no field colour"),
        ((), {"colour": "red"}, "lacks 'name'"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    given: tuple[Any, ...], named: dict[str, Any], problem: str
) -> None:
    with pytest.raises(TypeError, match=problem):
        Circle(*given, **named)


def test_a_field_by_name_only_takes_no_place() -> None:
    assert Labelled("a", label="b").label == "b"
    with pytest.raises(TypeError, match="more values"):
        Labelled("a", "b")  # type: ignore[misc]
