"""Scalars: strict, but for what JavaScript cannot say otherwise."""

import datetime as dt
import decimal
import enum
import math
import pathlib
import typing as t
import uuid

import msgspec
import pytest

from synapse_worker.protocol.errors import ResultError, ValidationError
from synapse_worker.schema.markers import BigInt, Naive

from .kit import argument, result

UTC = dt.timezone.utc
NOON = dt.datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
SOME_ID = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")


class Sku(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("annotation", "wire", "python"),
    [
        (int, 3, 3),
        (int, -0.0, 0),
        (int, 4.0, 4),
        (int, 1e21, 10**21),
        (t.Annotated[int, BigInt], 2**70, 2**70),
        (float, 3, 3.0),
        (float, 2.5, 2.5),
        (complex, [1, -2.5], 1 - 2.5j),
        (bool, True, True),
        (str, "é", "é"),
        (Sku, "a1", Sku("a1")),
        (None, None, None),
        (bytes, b"a", b"a"),
        (bytearray, b"a", bytearray(b"a")),
        (dt.datetime, NOON, NOON),
        (dt.datetime, "2026-01-31T12:30:00Z", NOON),
        (t.Annotated[dt.datetime, Naive], "2026-01-31T12:30:00", NOON.replace(tzinfo=None)),
        (dt.date, "2026-01-31", dt.date(2026, 1, 31)),
        (dt.time, "12:30:00.5", dt.time(12, 30, 0, 500_000)),
        (dt.time, "12:30+02:00", dt.time(12, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
        (dt.timedelta, "P1DT2H3M4.5S", dt.timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        (dt.timedelta, "-PT30S", dt.timedelta(seconds=-30)),
        (dt.timedelta, "P0D", dt.timedelta()),
        (uuid.UUID, str(SOME_ID), SOME_ID),
        (decimal.Decimal, "12.50", decimal.Decimal("12.50")),
        (pathlib.Path, "/tmp/x", pathlib.Path("/tmp/x")),
        (pathlib.PurePosixPath, "a", pathlib.PurePosixPath("a")),
        (t.Any, {"a": [1]}, {"a": [1]}),
    ],
)
def test_user_code_is_handed_the_annotated_type(annotation, wire, python):
    value = argument(annotation, wire)
    assert value == python
    assert type(value) is type(python)
    if isinstance(value, decimal.Decimal):
        assert str(value) == "12.50"


def test_a_memoryview_is_a_view():
    value = argument(memoryview, b"abc")
    assert type(value) is memoryview
    assert bytes(value) == b"abc"


@pytest.mark.parametrize(
    ("annotation", "wire", "said"),
    [
        (int, True, "must be int, got bool True"),
        (int, "3", 'must be int, got str "3"'),
        (int, 2.5, "must be int, got float 2.5"),
        (int, math.nan, "must be int, got float nan"),
        (int, None, "must be int, got None"),
        (float, "1", 'must be float, got str "1"'),
        (float, True, "must be float, got bool True"),
        (float, 10**400, "must be float, got int …"),
        (complex, [1], "must be complex ([re, im]), got list of 1 item"),
        (bool, 1, "must be bool, got int 1"),
        (str, 1, "must be str, got int 1"),
        (str, b"abc", "must be str, got bytes of 3 bytes"),
        (bytes, "abc", 'must be bytes, got str "abc"'),
        (None, 0, "must be None, got int 0"),
        (
            dt.datetime,
            "2026-01-31T12:30:00",
            "must be datetime (a Date, with its time zone), got str",
        ),
        (t.Annotated[dt.datetime, Naive], NOON, "must be naive datetime (text such as"),
        (dt.date, "2026-02-30", "must be date (text such as"),
        (dt.date, NOON, "must be date (text such as"),
        (dt.time, "25:00", "must be time (text such as"),
        (dt.timedelta, "P1Y", "must be timedelta (text such as"),
        (dt.timedelta, "P", "must be timedelta (text such as"),
        (dt.timedelta, "PT", "must be timedelta (text such as"),
        (dt.timedelta, f"P{10**12}D", "must be timedelta (text such as"),
        (uuid.UUID, "{123e4567-e89b-12d3-a456-426614174000}", "must be UUID (text such as"),
        (decimal.Decimal, 1.5, "must be Decimal (text such as"),
        (decimal.Decimal, "x", "must be Decimal (text such as"),
        (pathlib.Path, 3, "must be Path (text), got int 3"),
        (t.Literal["a", 1], "b", 'must be one of "a", 1, got str "b"'),
        (t.Literal[1], True, "must be 1, got bool True"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(annotation, wire, said):
    with pytest.raises(ValidationError) as caught:
        argument(annotation, wire)
    assert str(caught.value).startswith(f'app.take(): argument "value" {said}')
    assert caught.value.parameter == caught.value.path == "value"
    assert caught.value.method == "take"


def test_long_values_are_shortened():
    with pytest.raises(ValidationError) as caught:
        argument(int, "secret " * 1000)
    assert len(str(caught.value)) < 140
    assert "…" in str(caught.value)


@pytest.mark.parametrize(
    ("bounds", "fits", "does_not", "said"),
    [
        ({"ge": 1}, 1, 0, "must be at least 1, got int 0"),
        ({"gt": 1}, 2, 1, "must be greater than 1, got int 1"),
        ({"le": 1}, 1, 2, "must be at most 1, got int 2"),
        ({"lt": 1}, 0, 1, "must be less than 1, got int 1"),
        ({"multiple_of": 5}, 10, 11, "must be a multiple of 5, got int 11"),
    ],
)
def test_bounds_of_numbers(bounds, fits, does_not, said):
    annotation = t.Annotated[int, msgspec.Meta(**bounds)]
    assert argument(annotation, fits) == fits
    with pytest.raises(ValidationError) as caught:
        argument(annotation, does_not)
    assert said in str(caught.value)


def test_a_nan_is_in_no_range_and_floats_divide_as_people_expect():
    with pytest.raises(ValidationError, match="at least 0"):
        argument(t.Annotated[float, msgspec.Meta(ge=0)], math.nan)
    assert argument(t.Annotated[float, msgspec.Meta(multiple_of=0.1)], 0.3) == 0.3


def test_lengths_and_patterns_are_checked():
    annotation = t.Annotated[str, msgspec.Meta(min_length=2, max_length=3, pattern="^[a-z]+$")]
    assert argument(annotation, "ab") == "ab"
    for value, said in [("a", "at least 2"), ("abcd", "at most 3"), ("AB", "matches '^[a-z]+$'")]:
        with pytest.raises(ValidationError, match="must be ") as caught:
            argument(annotation, value)
        assert said in str(caught.value)
    with pytest.raises(ValidationError, match="of length at most 1"):
        argument(t.Annotated[list[int], msgspec.Meta(max_length=1)], [1, 2])


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"
    CRIMSON = "red"  # noqa: PIE796  # an alias


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


def test_an_enum_comes_by_its_value():
    assert argument(Color, "red") is Color.RED
    assert argument(Level, 2.0) is Level.HIGH
    assert argument(t.Literal[Color.BLUE], "blue") is Color.BLUE
    with pytest.raises(ValidationError, match=r'Color \(one of "red", "blue"\), got str "green"'):
        argument(Color, "green")
    with pytest.raises(ValidationError, match="got bool True"):
        argument(Level, True)


def test_a_flag_comes_as_the_sum_of_its_members():
    assert argument(Access, 3) == Access.READ | Access.WRITE
    assert argument(Access, 0) == Access(0)
    with pytest.raises(ValidationError, match="got int 4"):
        argument(Access, 4)


@pytest.mark.parametrize(
    ("annotation", "python", "wire"),
    [
        (float, 3, 3.0),
        (complex, 1 - 2j, [1.0, -2.0]),
        (Color, Color.RED, "red"),
        (Color, "blue", "blue"),
        (Access, Access.READ | Access.WRITE, 3),
        (decimal.Decimal, 3, "3"),
        (dt.date, dt.date(2026, 1, 31), dt.date(2026, 1, 31)),
    ],
)
def test_results_are_made_what_the_annotation_promises(annotation, python, wire):
    value = result(annotation, python)
    assert value == wire
    assert type(value) is type(wire)


@pytest.mark.parametrize("annotation", [int, str, bool, bytes, None, t.Any, dt.datetime])
def test_what_travels_as_it_is_has_no_converter(annotation):
    from .kit import giving

    assert giving(annotation).convert_result is None


@pytest.mark.parametrize(
    ("annotation", "python", "said"),
    [
        (float, "x", '"result" must be float, got str "x"'),
        (dt.date, NOON, '"result" must be date'),
        (t.Annotated[dt.datetime, Naive], NOON, "which has a time zone"),
        (Color, "green", '"result" must be Color, got str "green"'),
        (list[float], [1.0, "x"], '"result[1]" must be float'),
        (list[int], "abc", '"result" must be list[int], got str "abc"'),
    ],
)
def test_a_result_that_would_break_the_client_is_refused(annotation, python, said):
    with pytest.raises(ResultError) as caught:
        result(annotation, python)
    assert said in str(caught.value)
    assert str(caught.value).startswith("app.give(): ")
    assert caught.value.code == "RESULT_INVALID"
