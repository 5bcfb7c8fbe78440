"""Arrays and tables of the libraries that user code has loaded."""

import typing as t

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.schema import types as kinds
from synapse_worker.schema.describe import Describer

from .offers import spelled

ARRAYS = [
    (np.ndarray, "ndarray[Any]"),
    (npt.NDArray[np.float64], "ndarray[float64]"),
    (npt.NDArray[np.bool_], "ndarray[bool]"),
    (npt.NDArray[np.complex64], "ndarray[complex64]"),
    (npt.NDArray[t.Any], "ndarray[Any]"),
    (npt.NDArray[np.floating], "ndarray[Any]"),
    (npt.NDArray[np.generic], "ndarray[Any]"),
    (np.ndarray[tuple[int, int], np.dtype[np.uint8]], "ndarray[uint8, (?, ?)]"),
    (
        np.ndarray[tuple[int, t.Literal[3]], np.dtype[np.float32]],
        "ndarray[float32, (?, 3)]",
    ),
    (np.ndarray[t.Any, np.dtype[np.int64]], "ndarray[int64]"),
    (np.ndarray[tuple[int, ...], np.dtype[np.int64]], "ndarray[int64]"),
    (t.Optional[npt.NDArray[np.int16]], "ndarray[int16] | None"),
    (np.float64, "float"),
    (np.float32, "float"),
    (np.int64, "int"),
    (np.uint64, "int(ge=0)"),
    (np.int8, "int(ge=-128, le=127)"),
    (np.bool_, "bool"),
    (np.str_, "str"),
    (np.complex128, "complex"),
    (np.integer, "int"),
    (np.floating, "float"),
    (np.number, "Any"),
    (pd.DataFrame, "pandas table"),
    (pa.Table, "pyarrow table"),
    (pl.DataFrame, "polars table"),
]


@pytest.mark.parametrize(("annotation", "text"), ARRAYS, ids=str)
def test_arrays_and_tables_mean_one_type(annotation: t.Any, text: str) -> None:
    describer = Describer()
    assert spelled(annotation, describer) == text
    assert describer.warnings == []


def test_scalars_of_numpy_are_built_by_their_class() -> None:
    assert Describer().type_of(np.float32).python is np.float32


@pytest.mark.parametrize(
    ("dtype", "advice"),
    [
        (np.float16, "float32 or float64"),
        (np.datetime64, "int64"),
        (np.str_, "list[str]"),
        (np.object_, "list[str]"),
    ],
)
def test_arrays_that_javascript_has_not_are_refused(dtype: t.Any, advice: str) -> None:
    with pytest.raises(SynapseError, match="cannot travel") as caught:
        Describer().type_of(np.ndarray[t.Any, np.dtype[dtype]])
    assert advice in caught.value.message


@pytest.mark.parametrize(
    ("annotation", "advice"),
    [
        (pd.Series, "to_frame"),
        (pd.Timestamp, "to_pydatetime"),
        (pl.LazyFrame, "collect"),
        (pa.RecordBatch, "from_batches"),
        (np.matrix, "numpy.ndarray"),
        (np.datetime64, "standard library"),
    ],
)
def test_other_things_of_these_libraries_become_unknown(annotation: t.Any, advice: str) -> None:
    describer = Describer()
    assert describer.type_of(annotation) == kinds.UNKNOWN
    assert advice in describer.warnings[0].message
