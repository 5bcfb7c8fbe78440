"""Every supported type, on each of its ways: as argument, result, stream item, callback argument and callback result.

For each type there are two functions. `…_trip` takes a value, hands it to the caller's function, and returns what that
one gave back; `…_stream` yields what it was given twice. `seen` tells what stood in Python on the way, type included.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
from model import (
    Car,
    Color,
    Deposit,
    Entry,
    Folder,
    Level,
    Money,
    Mood,
    Movie,
    Order,
    Page,
    Pet,
    Pixel,
    Place,
    Point,
    Rights,
    Shape,
    Slug,
    Transfer,
    Tree,
    User,
    UserId,
)
from numpy.typing import NDArray

from synapse_worker import BigInt, Module, Naive

app = Module()
app.codec(Money, wire=str, encode=str, decode=Money.parse)

notes: list[str] = []

KINDS: dict[str, Any] = {
    "none": None,
    "bool": bool,
    "int": int,
    "bigint": Annotated[int, BigInt],
    "float": float,
    "complex": complex,
    "str": str,
    "bytes": bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "datetime": datetime,
    "naive": Annotated[datetime, Naive],
    "date": date,
    "time": time,
    "timedelta": timedelta,
    "uuid": UUID,
    "decimal": Decimal,
    "path": Path,
    "enum": Color,
    "int_enum": Level,
    "str_enum": Mood,
    "flag": Rights,
    "literal": Literal["a", 1, True, None],
    "optional": Optional[datetime],
    "union": Union[int, str, list[datetime]],
    "number": Union[int, float],
    "list": list[int],
    "dates": list[list[datetime]],
    "sequence": Sequence[float],
    "tuple_of": tuple[int, ...],
    "deque": deque[str],
    "set": set[int],
    "frozenset": frozenset[str],
    "pair": tuple[int, datetime],
    "empty_tuple": tuple[()],
    "named_tuple": Place,
    "dict": dict[str, datetime],
    "int_keys": dict[int, str],
    "uuid_keys": dict[UUID, int],
    "literal_keys": dict[Literal["a", "b"], int],
    "enum_keys": dict[Mood, int],
    "mapping": Mapping[str, int],
    "nested_maps": dict[int, dict[int, set[int]]],
    "dataclass": Point,
    "inherited": Pixel,
    "typed_dict": Movie,
    "struct": Order,
    "tagged": Union[Deposit, Transfer],
    "model": User,
    "pet": Pet,
    "attrs": Car,
    "shape": Shape,
    "tree": Tree,
    "folder": Folder,
    "page": Page[int],
    "pages": Page[Page[datetime]],
    "new_type": UserId,
    "new_str": Slug,
    "any": Any,
    "object": object,
    "custom": Money,
    "customs": dict[str, list[Money]],
    "frame": pd.DataFrame,
    "table": pa.Table,
    "array": np.ndarray,
    "bools": NDArray[np.bool_],
    "int8s": NDArray[np.int8],
    "uint8s": NDArray[np.uint8],
    "int16s": NDArray[np.int16],
    "uint16s": NDArray[np.uint16],
    "int32s": NDArray[np.int32],
    "uint32s": NDArray[np.uint32],
    "int64s": NDArray[np.int64],
    "uint64s": NDArray[np.uint64],
    "float32s": NDArray[np.float32],
    "float64s": NDArray[np.float64],
    "complex64s": NDArray[np.complex64],
    "complex128s": NDArray[np.complex128],
}


def describe(value: object) -> str:
    """Return the type and the value, where a value's own text does not tell all of it."""
    if isinstance(value, (np.ndarray, memoryview)):
        kind = getattr(value, "dtype", None) or value.format
        writable = value.flags.writeable if isinstance(value, np.ndarray) else not value.readonly
        text = f"{kind} {tuple(value.shape)} {value.tolist()}"
        return f"{type(value).__name__} {text}{'' if writable else ' read-only'}"
    if isinstance(value, pd.DataFrame):
        return f"DataFrame {value.to_dict('list')}"
    if isinstance(value, pa.Table):
        return f"Table {value.to_pydict()}"
    return f"{type(value).__name__} {value!r}"


def expose(name: str, kind: Any) -> None:
    """Offer the two functions of a type."""

    def trip(value, back):
        notes.append(describe(value))
        answer = back(value)
        notes.append(describe(answer))
        return answer

    def stream(value):
        notes.append(describe(value))
        yield value
        yield value

    trip.__annotations__ = {"value": kind, "back": Callable[[kind], kind], "return": kind}
    stream.__annotations__ = {"value": kind, "return": Iterator[kind]}
    for function, ending in ((trip, "trip"), (stream, "stream")):
        function.__name__ = function.__qualname__ = f"{name}_{ending}"
        app.method(function)


for name, kind in KINDS.items():
    expose(name, kind)


@app.method
def seen() -> list[str]:
    """What the functions held since this was last asked."""
    told = list(notes)
    notes.clear()
    return told


# Results that no argument could make: values of Python alone.


@app.method
def large(power: int) -> int:
    """An int that a number holds no longer, from a power of 53 on."""
    return 2**power


@app.method
def large_inside() -> dict[str, list[Point | int]]:
    """One too large, deep inside."""
    return {"fine": [1], "odd one": [Point(1.0), 2**60]}


@app.method
def large_items() -> Iterator[int]:
    """The third item is too large."""
    yield from (1, 2, 2**64, 4)


@app.method
def large_to_callback(back: Callable[[int], None]) -> None:
    """The argument is too large for the function."""
    back(2**53)


@app.method
def arrow_stream() -> pa.Table:
    """A table of one column."""
    return pa.table({"a": [1, 2]})


@app.method
def untyped_large():  # type: ignore[no-untyped-def]
    """No annotation: an exact bigint, as before."""
    return [1, 2**53]


@app.method
def naive_as_aware() -> datetime:
    """A naive value where an aware one is announced."""
    return datetime(2026, 1, 31, 10, 0)  # noqa: DTZ001


@app.method
def float16s() -> Any:
    """A type of number that JavaScript has no array for."""
    return np.zeros(2, dtype=np.float16)


@app.method
def exotic_arrays() -> list[np.ndarray]:
    """Arrays whose memory is laid out otherwise: transposed, strided, big-endian, without a dimension, empty."""
    grid = np.arange(6, dtype=np.float64).reshape(2, 3)
    return [grid.T, grid[:, ::2], grid.astype(">f8"), np.array(7.5), np.zeros((0, 3))]
