"""N-dimensional arrays as they travel (extension 2): numbers of one type in C order, with their shape.

Knows numpy where the program has it, and imports it only to make an array of its own. Implements "Arrays" in the
section "Values" of `docs/protocol.md`.

    offset  size      field
    0       1         number of the dtype
    1       1         number of dimensions, n
    2       2         zero
    4       4 n       length of each dimension, unsigned, little-endian
    4+4n    to 8      zeros, up to a multiple of 8
    …       the rest  the numbers, little-endian, the last dimension varying fastest
"""

from __future__ import annotations

import struct
import sys
from math import prod
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen

from ..limits import MAX_DIMENSIONS
from .refusals import RefusedError

if TYPE_CHECKING:
    from types import ModuleType

EXT_ARRAY = 2
"""Extension type of arrays."""

_HEADER_BYTES = 4
_ALIGNMENT = 8
_MAX_LENGTH = 2**32 - 1
_BOOLS = b"\0\1"


class DType(Frozen):
    """A type of numbers: its code on the wire, size of one in bytes, and format in a memoryview.

    A complex number has no format of its own; it is shown as two floats.
    """

    code: int
    name: str
    size: int
    format: str

    @property
    def is_complex(self) -> bool:
        """Whether one number is two floats."""
        return self.name.startswith("complex")


_DTYPES = (
    DType(1, "bool", 1, "?"),
    DType(2, "int8", 1, "b"),
    DType(3, "uint8", 1, "B"),
    DType(4, "int16", 2, "h"),
    DType(5, "uint16", 2, "H"),
    DType(6, "int32", 4, "i"),
    DType(7, "uint32", 4, "I"),
    DType(8, "int64", 8, "q"),
    DType(9, "uint64", 8, "Q"),
    DType(10, "float32", 4, "f"),
    DType(11, "float64", 8, "d"),
    DType(12, "complex64", 8, "f"),
    DType(13, "complex128", 16, "d"),
)
DTYPES = {dtype.name: dtype for dtype in _DTYPES}
"""The dtypes that travel, by their NumPy names."""

_BY_CODE = {dtype.code: dtype for dtype in _DTYPES}

_ADVICE = {
    "float16": "send array.astype('float32')",
    "longdouble": "send array.astype('float64')",
    "clongdouble": "send array.astype('complex128')",
    "datetime64": "send array.astype('int64') with its unit, or array.tolist()",
    "timedelta64": "send array.astype('int64') with its unit",
    "str": "send array.tolist()",
    "bytes": "send array.tolist()",
    "object": "send array.tolist()",
}


class WireArray:
    """An array as it stands on the wire: `data` holds the bytes of its numbers, little-endian, in C order.

    Stands for the array wherever no numpy is needed. `data` may be a view on the message it came in.
    """

    # No dataclass: msgspec would write its fields as a map, unasked.
    __slots__ = ("data", "dtype", "shape")

    def __init__(self, dtype: str, shape: tuple[int, ...], data: memoryview) -> None:
        self.dtype = dtype
        self.shape = shape
        self.data = data

    def __repr__(self) -> str:
        return f"WireArray({self.dtype!r}, {self.shape})"

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)

    def to_numpy(self) -> Any:
        """Return a writable numpy array: the data themselves if they are writable and aligned, else a copy."""
        import numpy as np

        array = np.frombuffer(self.data, _little_endian(np, self.dtype)).reshape(self.shape)
        if array.flags.writeable and array.flags.aligned and array.dtype.isnative:
            return array
        return array.astype(array.dtype.newbyteorder("="))

    def to_memoryview(self) -> memoryview:
        """Return the numbers for programs without numpy: `view[1, 2]`, `view.tolist()`.

        A complex number is a last dimension of two floats. An array without numbers comes flat.
        """
        dtype = DTYPES[self.dtype]
        # mypy knows the formats as literals alone
        cast: Any = memoryview(_native_order(self.data, dtype)).cast("B").cast
        shape = (*self.shape, 2) if dtype.is_complex else self.shape
        view: memoryview = cast(dtype.format) if 0 in shape else cast(dtype.format, shape)
        return view

    def to_native(self) -> Any:
        """Return a numpy array where numpy can be imported, else itself: it goes back as it came."""
        try:
            return self.to_numpy()
        except ImportError:
            return self

    def to_payload(self) -> bytes:
        """Return the data of the extension.

        Raises:
            RefusedError: it has too many or too long dimensions.
        """
        return b"".join((array_header(self.dtype, self.shape), self.data))


def array_from_payload(payload: bytes | memoryview) -> WireArray:
    """Return the array of an extension's data, as a view on them.

    Raises:
        ValueError: they are not one; sizes are compared before anything is made.
    """
    view = memoryview(payload)
    dtype, shape, start = _read_header(view)
    return _array_of(dtype, shape, view[start:])


def array_from_header(header: memoryview, data: memoryview) -> WireArray:
    """Return the array of a header and, apart from it, the bytes of its numbers, as a view on these.

    Raises:
        ValueError: they are not one.
    """
    dtype, shape, start = _read_header(header)
    if start != len(header):
        raise ValueError(
            f"an array of {len(shape)} dimensions with {len(header) - start} bytes behind its header"
        )
    return _array_of(dtype, shape, data)


def _read_header(view: memoryview) -> tuple[DType, tuple[int, ...], int]:
    """Return dtype and shape, and where the header ends."""
    if len(view) < _HEADER_BYTES:
        raise ValueError(f"an array extension of {len(view)} bytes")
    code, dimensions, zero = struct.unpack_from("<BBH", view)
    dtype = _BY_CODE.get(code)
    if dtype is None or dimensions > MAX_DIMENSIONS or zero:
        raise ValueError(f"an array extension with the header {bytes(view[:_HEADER_BYTES]).hex()}")
    start = _data_start(dimensions)
    if len(view) < start:
        raise ValueError(f"an array extension of {dimensions} dimensions in {len(view)} bytes")
    shape = struct.unpack_from(f"<{dimensions}I", view, _HEADER_BYTES)
    if any(view[_HEADER_BYTES + 4 * dimensions : start]):
        raise ValueError(f"an array extension with the header {bytes(view[:start]).hex()}")
    return dtype, shape, start


def _array_of(dtype: DType, shape: tuple[int, ...], data: memoryview) -> WireArray:
    if prod(shape) * dtype.size != len(data):
        raise ValueError(
            f"an array extension of {dtype.name} with the shape {list(shape)} in {len(data):,} bytes"
        )
    if dtype.name == "bool" and bytes(data).translate(None, _BOOLS):
        raise ValueError("an array extension of bool with other bytes than 0 and 1")
    return WireArray(dtype.name, shape, data)


def is_numpy_array(value: object) -> bool:
    """Whether `value` is an array of numpy's, which is not imported for the question."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, getattr(numpy, "ndarray", ()))


def array_from_numpy(array: Any) -> WireArray:
    """Return a numpy array as it travels: contiguous and little-endian, copied only if it is not.

    Raises:
        RefusedError: its dtype does not travel, or it has a mask.
    """
    numpy = sys.modules["numpy"]
    name = array.dtype.type.__name__.removesuffix("_") if array.dtype.fields is None else "record"
    dtype = DTYPES.get(array.dtype.name)
    if dtype is None:
        advice = _ADVICE.get(name, "send array.tolist(), or its columns one by one")
        raise RefusedError(f"a numpy array of {array.dtype.name} cannot travel; {advice}")
    if hasattr(array, "mask"):
        raise RefusedError("a masked array cannot travel; send array.filled(…) and array.mask")
    plain = numpy.asarray(array, dtype=_little_endian(numpy, dtype.name), order="C")
    return WireArray(dtype.name, plain.shape, plain.reshape(-1).view("u1").data)


def _little_endian(numpy: ModuleType, name: str) -> Any:
    return numpy.dtype(name).newbyteorder("<")


def _native_order(data: memoryview, dtype: DType) -> memoryview | bytes:
    """Return the bytes in the order of this machine."""
    if sys.byteorder == "little":
        return data
    step = dtype.size // 2 if dtype.is_complex else dtype.size
    return b"".join(bytes(data[at : at + step])[::-1] for at in range(0, len(data), step))


def _data_start(dimensions: int) -> int:
    return -(-(_HEADER_BYTES + 4 * dimensions) // _ALIGNMENT) * _ALIGNMENT


def array_header(dtype: str, shape: tuple[int, ...]) -> bytes:
    """Return what stands before the numbers of an array.

    Raises:
        RefusedError: it has too many or too long dimensions.
    """
    if len(shape) > MAX_DIMENSIONS:
        raise RefusedError(
            f"an array of {len(shape)} dimensions cannot travel; {MAX_DIMENSIONS} are the most"
        )
    if any(length > _MAX_LENGTH for length in shape):
        raise RefusedError("an array with a dimension beyond 2**32 − 1 cannot travel")
    header = struct.pack(f"<BBH{len(shape)}I", DTYPES[dtype].code, len(shape), 0, *shape)
    return header.ljust(_data_start(len(shape)), b"\0")
