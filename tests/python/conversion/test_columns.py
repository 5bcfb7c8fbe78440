"""Records as columns and back: what each column becomes, and that nothing is lost."""

from __future__ import annotations

import sys
from collections import ChainMap, defaultdict
from types import FrameType, MappingProxyType
from typing import Any

import pytest

from synapse_worker import SynapseError, to_columns, to_rows
from synapse_worker.conversion import columns
from synapse_worker.conversion.columns import MAX_COMPILED_FIELDS
from synapse_worker.protocol.codec import decode_value, encode_value
from synapse_worker.protocol.codec.arrays import WireArray

COLUMNS: list[tuple[list[Any], str]] = [
    ([1, -2], "int32"),
    ([1, 2**31], "int64"),
    ([0.5, -0.0], "float64"),
    ([True, False], "bool"),
]
LISTS: list[list[Any]] = [["a", "b"], [1, 2**63], [1, True], [1, 0.5], [None, None], [[1], {}]]


@pytest.fixture(params=[True, False], ids=["with numpy", "without numpy"])
def with_numpy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if request.param:
        pytest.importorskip("numpy")
    else:
        monkeypatch.setitem(sys.modules, "numpy", None)  # cannot be imported
    return bool(request.param)


def rows_of(values: list[Any]) -> list[dict[str, Any]]:
    return [{"value": value} for value in values]


@pytest.mark.parametrize(("values", "dtype"), COLUMNS, ids=lambda case: str(case)[:20])
def test_numbers_and_bools_become_arrays(values: list[Any], dtype: str, with_numpy: bool) -> None:
    column = to_columns(rows_of(values))["value"]
    assert isinstance(column, WireArray) is not with_numpy
    assert str(column.dtype) == dtype
    assert to_rows({"value": column}) == rows_of(values)


@pytest.mark.parametrize("values", LISTS, ids=repr)
def test_all_else_stays_a_list(values: list[Any]) -> None:
    assert to_columns(rows_of(values)) == {"value": values}


@pytest.mark.parametrize("native", [True, False])
def test_records_come_back_after_they_have_travelled(native: bool, with_numpy: bool) -> None:
    rows = [
        {"id": number, "name": f"n{number}", "score": number / 3, "active": number % 2 == 0}
        for number in range(100)
    ]
    travelled = decode_value(encode_value(to_columns(rows)), native)
    back = to_rows(travelled)
    assert back == rows
    assert [type(value) for value in back[0].values()] == [int, str, float, bool]


def test_no_records_are_no_columns() -> None:
    assert to_columns([]) == {}
    assert to_rows({}) == []


@pytest.mark.parametrize("other", [{"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 2}])
def test_records_with_other_fields_are_refused(other: dict[str, int]) -> None:
    with pytest.raises(SynapseError, match="Record 1 ") as refused:
        to_columns([{"a": 1, "b": 2}, other])
    assert refused.value.code == "INVALID_ARGUMENTS"


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(SynapseError, match='"b" has 1 values') as refused:
        to_rows({"a": [1, 2], "b": [1]})
    assert refused.value.code == "INVALID_ARGUMENTS"


def test_a_dict_with_the_right_number_of_other_fields_is_left_as_it_is() -> None:
    eager = defaultdict(int, {"a": 1, "c": 2})
    with pytest.raises(SynapseError, match="Record 1 "):
        to_columns([{"a": 1, "b": 2}, eager])
    assert eager == {"a": 1, "c": 2}


def test_records_that_are_no_dicts_become_columns() -> None:
    rows = [MappingProxyType({"a": 1}), ChainMap({"a": 2}), {"a": 3}]
    assert to_rows(to_columns(rows)) == [{"a": 1}, {"a": 2}, {"a": 3}]


@pytest.mark.parametrize("count", [1, 2, MAX_COMPILED_FIELDS, MAX_COMPILED_FIELDS + 1])
def test_records_of_any_number_of_fields_come_back(count: int) -> None:
    names = ["n1", "v0", "names", "fields", "'", *map(str, range(count))][:count]
    rows = [{name: f"{name}{row}" for name in names} for row in range(3)]
    assert to_rows(to_columns(rows)) == rows


def test_neither_way_runs_a_function_of_python_for_each_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = (columns.__file__, "<string>")  # the collector may run functions of others meanwhile

    def functions_run(count: int) -> int:
        run: list[str] = []

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename in ours:
                run.append(frame.f_code.co_name)

        rows = [{"id": number, "name": "x", "price": number / 8} for number in range(count)]
        sys.setprofile(note)
        try:
            to_rows(to_columns(rows))
        finally:
            sys.setprofile(None)
        return len(run)

    monkeypatch.setitem(sys.modules, "numpy", None)
    functions_run(1)  # what makes records of three fields is compiled now
    assert functions_run(1) == functions_run(1000) > 0
