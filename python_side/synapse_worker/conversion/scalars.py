"""Values without parts: strict, with the leniency that JavaScript's one number type asks for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from ..protocol.codec.arrays import WireArray
from . import texts
from .mismatch import Mismatch, refused, unlike
from .naming import expectation

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..schema.types import Scalar


def decode_bool(value: Any) -> Any:
    """Take true or false."""
    if value is True or value is False:
        return value
    raise unlike("bool", value)


def decode_int(value: Any) -> Any:
    """Take an integer; also one that JavaScript could only write as a float (−0, 1e21)."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise unlike("int", value)


def decode_float(value: Any) -> Any:
    """Take any number, and make it a float."""
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise unlike("float", value) from None
    raise unlike("float", value)


def decode_str(value: Any) -> Any:
    """Take a text."""
    if type(value) is str:
        return value
    raise unlike("str", value)


def decode_none(value: Any) -> Any:
    """Take None."""
    if value is None:
        return None
    raise unlike("None", value)


def decode_never(value: Any) -> Any:
    """Take nothing at all."""
    raise unlike("nothing", value)


def decode_unknown(value: Any) -> Any:
    """Take anything; arrays on the top level become what the program has for them."""
    return value.to_native() if type(value) is WireArray else value


def decode_complex(value: Any) -> Any:
    """Take the pair [re, im]."""
    if type(value) is list and len(value) == 2:
        try:
            return complex(decode_float(value[0]), decode_float(value[1]))
        except Mismatch:
            pass
    raise unlike("complex ([re, im])", value)


def decode_datetime(value: Any) -> Any:
    """Take a moment: a datetime with its zone, or its text with an offset."""
    moment = texts.parse_datetime(value) if type(value) is str else value
    if isinstance(moment, dt.datetime) and moment.tzinfo is not None:
        return moment
    raise unlike("datetime (a Date, with its time zone)", value)


def bytes_decoder(python: Any) -> Callable[[Any], Any]:
    """Return what takes bytes and makes them `python`: bytes, bytearray or memoryview."""
    make = python if isinstance(python, type) and python is not bytes else None

    def decode_bytes(value: Any) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return value if make is None else make(value)
        raise unlike("bytes", value)

    return decode_bytes


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "none": decode_none,
    "bool": decode_bool,
    "int": decode_int,
    "bigint": decode_int,
    "float": decode_float,
    "complex": decode_complex,
    "str": decode_str,
    "datetime": decode_datetime,
    "unknown": decode_unknown,
    "never": decode_never,
}


def scalar_decoder(scalar: Scalar) -> Callable[[Any], Any]:
    """Return what makes a wire value this scalar."""
    if scalar.name == "bytes":
        return bytes_decoder(scalar.python)
    if scalar.name in texts.PARSERS:
        return texts.text_decoder(scalar, expectation(scalar))
    decode, python = _DECODERS[scalar.name], scalar.python
    if isinstance(python, type) and python.__module__ != "builtins":
        return _of_class(decode, python)
    return decode


def _of_class(decode: Callable[[Any], Any], python: Any) -> Callable[[Any], Any]:
    """Return what makes a scalar a user's subclass of its type, or a scalar of numpy's."""

    def decode_of_class(value: Any) -> Any:
        plain = decode(value)
        try:
            return python(plain)
        except Exception as failure:
            raise refused(python.__name__, value, failure) from failure

    return decode_of_class


def encode_float(value: Any) -> Any:
    """Make an int a float: a position of floats never holds anything else."""
    if type(value) is float:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise unlike("float", value) from None
    if hasattr(value, "__float__") and not isinstance(value, bool):  # a numpy scalar, a Decimal
        return float(value)
    raise unlike("float", value)


def encode_complex(value: Any) -> Any:
    """Make a complex number the pair [re, im]."""
    if isinstance(value, (int, float, complex)) or hasattr(value, "__complex__"):
        number = complex(value)
        return [number.real, number.imag]
    raise unlike("complex", value)


def scalar_encoder(scalar: Scalar) -> Callable[[Any], Any] | None:
    """Return what makes a Python value plain, or None where the codec carries it as it is."""
    if scalar.name == "float":
        return encode_float
    if scalar.name == "complex":
        return encode_complex
    if scalar.name in texts.PARSERS:
        return texts.text_encoder(scalar.name, expectation(scalar))
    return None
