"""NumPy arrays, by dtype and shape as far as they are annotated; NumPy scalars as plain ones."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_args, get_origin

from synapse_worker.schema.types import UNKNOWN, Constraints, NdArray, Scalar, Type
from synapse_worker.schema.walk import Place, Walker, schema_invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

# What travels (docs/protocol.md, extension 2).
_DTYPES = {
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
}
# Of a family of scalars: what any of it is in Python.
_ABSTRACT = {
    "integer": "int",
    "signedinteger": "int",
    "unsignedinteger": "int",
    "floating": "float",
    "inexact": "complex",
    "complexfloating": "complex",
}
_CONCRETE = {
    "i": "int",
    "u": "int",
    "f": "float",
    "c": "complex",
    "b": "bool",
    "U": "str",
    "S": "bytes",
}


def recognise(cls: Any) -> bool:
    """Say whether a class is of NumPy: an array or a scalar."""
    numpy = sys.modules.get("numpy")
    return (
        numpy is not None
        and isinstance(cls, type)
        and issubclass(cls, (getattr(numpy, "ndarray", ()), getattr(numpy, "generic", ())))
    )


def describe(annotation: Any, place: Place, walker: Walker) -> Type:
    """Return the type of an array or scalar."""
    numpy = sys.modules["numpy"]
    cls = get_origin(annotation) or annotation
    if issubclass(cls, numpy.ndarray):
        if cls is not numpy.ndarray:
            return walker.unknown(
                place, f"{cls.__name__} is more than an array.", "Annotate numpy.ndarray."
            )
        arguments = get_args(annotation)
        shape = _shape(arguments[0], place, walker) if arguments else None
        return NdArray(_dtype(arguments[1], place, walker) if len(arguments) > 1 else None, shape)
    return _scalar(cls, place, walker)


def _dtype(annotation: Any, place: Place, walker: Walker) -> str | None:
    """Return the name of a dtype, or None where it is left open."""
    arguments = get_args(annotation)
    scalar = arguments[0] if arguments else None
    numpy = sys.modules["numpy"]
    if (
        not isinstance(scalar, type)
        or not issubclass(scalar, numpy.generic)
        or _is_abstract(scalar)
    ):
        return None
    name = str(numpy.dtype(scalar).name)
    if name not in _DTYPES:
        raise schema_invalid(
            place,
            f"arrays of {name} cannot travel: JavaScript has no array of that kind.",
            _advice(name),
        )
    return name


def _advice(name: str) -> str:
    if name.startswith("float"):
        return "Use float32 or float64."
    if name.startswith(("datetime", "timedelta")):
        return "Use int64 and say the unit: values.astype('int64')."
    return "Use list[str], or a table."


def _is_abstract(scalar: type) -> bool:
    return scalar.__name__ in (*_ABSTRACT, "generic", "number", "character", "flexible")


def _shape(annotation: Any, place: Place, walker: Walker) -> tuple[int | None, ...] | None:
    """Return the lengths that `tuple[int, Literal[3]]` says, or None where even their number is open."""
    arguments = get_args(annotation)
    if get_origin(annotation) is not tuple or Ellipsis in arguments:
        return None
    return tuple(_length(get_args(argument)) for argument in arguments)


def _length(values: Iterable[Any]) -> int | None:
    lengths = [value for value in values if isinstance(value, int)]
    return lengths[0] if len(lengths) == 1 else None


def _scalar(cls: Any, place: Place, walker: Walker) -> Type:
    if _is_abstract(cls):
        name = _ABSTRACT.get(cls.__name__)
        return Scalar(name) if name and name != "complex" else UNKNOWN
    numpy = sys.modules["numpy"]
    dtype = numpy.dtype(cls)
    kind = _CONCRETE.get(dtype.kind)
    if kind is None:
        return walker.unknown(
            place,
            f"numpy.{cls.__name__} has no counterpart.",
            "Annotate a type of the standard library.",
        )
    constraints = None
    if kind == "int" and dtype.itemsize < 8:
        limits = numpy.iinfo(dtype)
        constraints = Constraints(ge=int(limits.min), le=int(limits.max))
    elif dtype.kind == "u":
        constraints = Constraints(ge=0)
    return Scalar(kind, constraints, python=cls)
