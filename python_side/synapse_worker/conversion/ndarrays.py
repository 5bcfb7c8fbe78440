"""NumPy arrays: dtype and shape as annotated; what user code is handed can be written to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ..protocol.codec.arrays import WireArray
from .mismatch import Mismatch, unlike
from .naming import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema import types as t


def ndarray_decoder(type_: t.NdArray) -> Callable[[Any], Any]:
    """Return what takes an array of this dtype and shape."""
    expected = type_name(type_)

    def decode_ndarray(value: Any) -> Any:
        if not isinstance(value, WireArray) and not _is_numpy(value):
            raise unlike(expected, value)
        _check(str(value.dtype), value.shape, type_, expected)
        if isinstance(value, WireArray):
            return value.to_numpy()
        return value if value.flags.writeable else value.copy()

    return decode_ndarray


def ndarray_encoder(type_: t.NdArray) -> Callable[[Any], Any]:
    """Return what lets through arrays of this dtype and shape; narrower numbers are widened without loss."""
    expected = type_name(type_)

    def encode_ndarray(value: Any) -> Any:
        if isinstance(value, WireArray):
            _check(value.dtype, value.shape, type_, expected)
            return value
        if not (_is_numpy(value) or isinstance(value, (list, tuple)) or _is_number(value)):
            raise unlike(expected, value)
        import numpy as np

        try:
            array = np.asarray(value)
        except ValueError:  # a list whose rows differ in length
            raise unlike(expected, value) from None
        if type_.dtype is not None and array.dtype.name != type_.dtype:
            # An empty list says nothing of its dtype.
            if array.size and not np.can_cast(array.dtype, type_.dtype, "safe"):
                _check(array.dtype.name, array.shape, type_, expected)
            array = array.astype(type_.dtype)
        _check(array.dtype.name, array.shape, type_, expected)
        return array

    return encode_ndarray


def _is_numpy(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def _is_number(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic)


def _check(dtype: str, shape: tuple[int, ...], type_: t.NdArray, expected: str) -> None:
    fits = type_.dtype is None or dtype == type_.dtype
    if fits and type_.shape is not None:
        fits = len(shape) == len(type_.shape) and all(
            wanted is None or wanted == length
            for wanted, length in zip(type_.shape, shape, strict=True)
        )
    if not fits:
        got = f"{dtype} array of shape ({', '.join(map(str, shape))})"
        raise Mismatch(f"must be {expected}, got {got}", expected=expected, got=got)
