"""Arrays of numpy's: that they travel with dtype and shape, and come back as arrays one may write to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from synapse_worker.protocol.codec import CallbackReference, WireArray
from synapse_worker.protocol.errors import EncodeError

DTYPES = [
    *("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
]


def round_trip(codec, array):
    (found,) = codec.decode(codec.encode([array]))
    assert type(found) is WireArray
    return found.to_numpy()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (3, 0, 2), (2, 1, 2, 2)], ids=str)
def test_an_array_comes_back_with_dtype_and_shape(codec, dtype, shape):
    numbers = np.arange(np.prod(shape, dtype=int)) % 5
    array = numbers.reshape(shape).astype(dtype)
    found = round_trip(codec, array)
    assert (found.dtype, found.shape) == (array.dtype, shape)
    assert np.array_equal(found, array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10)[::-2],
        np.broadcast_to(np.float32(1.5), (2, 2)),
        np.arange(4, dtype=">i4"),
        np.arange(4, dtype=">c16"),
    ],
    ids=["transposed", "fortran order", "backwards", "broadcast", "big-endian", "big complex"],
)
def test_memory_laid_out_otherwise_is_put_in_order(codec, array):
    found = round_trip(codec, array)
    assert found.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(found, array)


def test_an_array_that_came_can_be_written_to(codec):
    for frame in (codec.encode([np.arange(3)]), bytearray(codec.encode([1, np.arange(3)]))):
        found = codec.decode(frame)[-1].to_numpy()
        found[0] = 7
        assert found.flags.writeable
        assert found.flags.aligned
        assert found.tolist() == [7, 1, 2]


def test_arrays_come_ready_where_that_is_asked_for(codec):
    found = codec.decode(codec.encode({"a": [np.eye(2)]}), native_arrays=True)
    assert isinstance(found["a"][0], np.ndarray)
    assert found["a"][0].tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("array", "advice"),
    [
        (np.zeros(2, "float16"), "float32"),
        (np.zeros(2, "longdouble"), "float64"),
        (np.zeros(2, "datetime64[s]"), "int64"),
        (np.array(["a"]), "tolist"),
        (np.array([b"a"]), "tolist"),
        (np.array([None]), "tolist"),
        (np.zeros(2, [("x", "i4")]), "columns"),
        (np.ma.masked_array([1, 2], [0, 1]), "filled"),
    ],
    ids=lambda value: str(value.dtype) if isinstance(value, np.ndarray) else value,
)
def test_what_has_no_dtype_that_travels_is_refused_with_advice(codec, array, advice):
    with pytest.raises(EncodeError, match=advice) as caught:
        codec.encode({"a": [1, array]})
    assert caught.value.path == "$.a[1]"


def test_numpy_scalars_still_travel_as_numbers(codec):
    values = [np.int64(7), np.float32(0.5), np.bool_(True), np.uint8(255)]
    assert codec.decode(codec.encode(values)) == [7, 0.5, True, 255]


@pytest.mark.parametrize("dtype", DTYPES)
def test_without_numpy_an_array_is_a_memoryview(codec, dtype):
    array = np.array([[1, 0, 1], [0, 1, 1]]).astype(dtype)
    found = codec.decode(codec.encode(array)).to_memoryview()
    if dtype.startswith("complex"):
        assert found.shape == (2, 3, 2)
        assert found[1, 2, 0] == 1.0
    else:
        assert found.shape == (2, 3)
        assert found.tolist() == array.tolist()
    assert codec.decode(codec.encode(array[:0])).to_memoryview().tolist() == []


def test_too_many_or_too_long_dimensions_are_refused(codec):
    nothing = memoryview(b"")
    for shape in ((1,) * 33, (0, 2**32)):
        with pytest.raises(EncodeError, match="dimension"):
            codec.encode(WireArray("uint8", shape, nothing))


def test_a_reference_is_a_value_of_its_own(codec):
    (found,) = codec.decode(codec.encode([CallbackReference(7)]))
    assert found == CallbackReference(7)
    assert hash(found) == hash(CallbackReference(7))
    assert found != 7
    assert repr(found) == "CallbackReference(7)"


def test_encoding_imports_no_numpy():
    root = Path(__file__).parents[3] / "python_side"
    program = (
        "import sys; sys.path.append(sys.argv[1]); from synapse_worker.protocol import codec; "
        "codec.encode_value({'a': [1, {2}]}); codec.decode_value(codec.encode_value(codec.WireArray('int8', (1,), "
        "memoryview(b'a')))); print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "False\n"
