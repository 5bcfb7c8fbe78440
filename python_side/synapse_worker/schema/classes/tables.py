"""Tables of pandas, pyarrow and polars."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.schema.types import Table, Type

if TYPE_CHECKING:
    from synapse_worker.schema.walk import Place, Walker

_TABLES = {"pandas": "DataFrame", "pyarrow": "Table", "polars": "DataFrame"}
_ADVICE = {
    "Series": "Annotate a DataFrame (series.to_frame()), a list or a NumPy array.",
    "LazyFrame": "Annotate a DataFrame: frame.collect().",
    "RecordBatch": "Annotate pyarrow.Table: pyarrow.Table.from_batches([batch]).",
    "Timestamp": "Annotate datetime: value.to_pydatetime().",
}


def recognise(cls: Any) -> bool:
    """Say whether a class is of one of these libraries."""
    return isinstance(cls, type) and _library(cls) in sys.modules and _library(cls) in _TABLES


def describe(cls: Any, place: Place, walker: Walker) -> Type:
    """Return the type of a table; `unknown` for all else these libraries have."""
    library = _library(cls)
    table = getattr(sys.modules[library], _TABLES[library], None)
    if table is not None and issubclass(cls, table):
        return Table(library)
    advice = _ADVICE.get(cls.__name__, "Annotate a table of the library, or a plain type.")
    return walker.unknown(place, f"{library}.{cls.__name__} cannot travel.", advice)


def _library(cls: type) -> str:
    """Return the library of a class, also of a table that a user's class extends."""
    for parent in cls.__mro__:
        top = parent.__module__.split(".")[0]
        if top in _TABLES:
            return top
    return ""
