"""Many records of one shape as columns: what travels is each field once, as an array of its values.

Numbers become arrays, which need no decoding at either end. `js/src/core/client/columns.ts` is the same, but for
the numbers of JavaScript: there ints and floats are of one kind, here a column of both is a list and keeps the ints.
"""

from __future__ import annotations

import sys
from array import array
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec.arrays import WireArray
from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# Type codes of `array` for integers, the narrower first, and what they are called as they travel.
_INTEGERS = (("i", "int32"), ("q", "int64"))

MAX_COMPILED_FIELDS = 64
"""Records of more fields are made one by one: each number of fields is compiled once."""


def to_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return records as columns, ready to be returned by a method.

    A column of ints, floats or bools is an array; of anything else, or where an int needs more than 64
    bits, a list.

    Raises:
        SynapseError: the records do not all have the same fields (`INVALID_ARGUMENTS`).
    """
    if not rows:
        return {}
    names = rows[0].keys()
    # Of dicts it is enough to count: one that has another field lacks one of these.
    if set(map(type, rows)) != {dict} or set(map(len, rows)) != {len(names)}:
        _check_fields(rows)
    try:
        return {name: _column(list(map(itemgetter(name), rows))) for name in names}
    except KeyError:
        _check_fields(rows)
        raise


def to_rows(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return columns, as they came from JavaScript or from `to_columns`, as records.

    Raises:
        SynapseError: they are not of one length (`INVALID_ARGUMENTS`).
    """
    names = list(columns)
    fields = [_values(column) for column in columns.values()]
    for name, field in zip(names, fields, strict=True):
        if len(field) != len(fields[0]):
            raise _invalid(
                f'The column "{name}" has {len(field)} values, and "{names[0]}" has {len(fields[0])}'
            )
    if len(names) > MAX_COMPILED_FIELDS:
        return [dict(zip(names, row, strict=True)) for row in zip(*fields, strict=True)]
    return _row_maker(len(names))(names, fields)


def _check_fields(rows: Sequence[Mapping[str, Any]]) -> None:
    names = rows[0].keys()
    for index, row in enumerate(rows):
        if row.keys() != names:
            raise _invalid(f"Record {index} has other fields than the first")


@cache
def _row_maker(count: int) -> Callable[[list[str], list[Sequence[Any]]], list[dict[str, Any]]]:
    """Return what makes dicts of `count` fields of their names and their values, column by column.

    It is compiled, as a dict display takes less than half the time of `dict(zip(names, row))`. Nothing of the data
    is in its source: for two fields, `{n0: v0, n1: v1}` for each `v0, v1`.
    """
    if count == 0:
        return lambda names, fields: []
    names = [f"n{index}" for index in range(count)]
    values = [f"v{index}" for index in range(count)]
    display = ", ".join(map("{}: {}".format, names, values))
    source = (
        f"lambda names, fields: [{{{display}}} "
        f"for ({', '.join(names)},) in (names,) for {', '.join(values)}, in zip(*fields)]"
    )
    make_rows: Callable[[list[str], list[Sequence[Any]]], list[dict[str, Any]]] = eval(source)
    return make_rows


def _column(values: list[Any]) -> Any:
    kinds = set(map(type, values))
    if len(kinds) != 1:
        return values
    kind = kinds.pop()
    if kind is float:
        return _array("float64", array("d", values))
    if kind is bool:
        return _array("bool", array("B", values))
    if kind is int:
        for code, dtype in _INTEGERS:
            try:
                return _array(dtype, array(code, values))
            except OverflowError:
                continue
    return values


def _array(dtype: str, values: array[Any]) -> Any:
    """Return values as numpy's array where the program uses numpy, else as what travels."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        return numpy.frombuffer(values, dtype)
    if sys.byteorder == "big":
        values.byteswap()
    return WireArray(dtype, (len(values),), memoryview(values).cast("B"))


def _values(column: Any) -> Sequence[Any]:
    native = column.to_memoryview() if isinstance(column, WireArray) else column
    tolist = getattr(native, "tolist", None)
    values: Iterable[Any] = native if tolist is None else tolist()
    return values if isinstance(values, list | tuple) else list(values)


def _invalid(what: str) -> SynapseError:
    return SynapseError("INVALID_ARGUMENTS", f"{what}: they cannot be columns of one table.")
