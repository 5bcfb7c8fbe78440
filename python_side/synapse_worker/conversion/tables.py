"""Tables: pandas, pyarrow and polars, as an Arrow IPC stream in bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ..protocol.errors import SynapseError
from .mismatch import Mismatch, refused, unlike
from .naming import type_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from ..schema.types import Table


def table_decoder(table: Table) -> Callable[[Any], Any]:
    """Return what reads a table from its stream."""
    expected, read = type_name(table), _READERS[table.library]

    def decode_table(value: Any) -> Any:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise unlike(expected, value)
        try:
            return read(value)
        except (SynapseError, Mismatch):
            raise
        except Exception as failure:
            raise refused(
                f"{table.library}, which reads Arrow IPC streams", value, failure
            ) from failure

    return decode_table


def table_encoder(table: Table) -> Callable[[Any], Any]:
    """Return what writes a table as a stream; bytes are taken for one."""
    expected, write = type_name(table), _WRITERS[table.library]

    def encode_table(value: Any) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            return value
        if type(value).__module__.partition(".")[0] != table.library:
            raise unlike(expected, value)
        try:
            return write(value)
        except SynapseError:
            raise
        except Exception as failure:
            raise refused("Arrow", value, failure) from failure

    return encode_table


def _pyarrow() -> ModuleType:
    try:
        from importlib import import_module

        import_module("pyarrow.ipc")
        return import_module("pyarrow")
    except ImportError as failure:
        raise SynapseError(
            "ENVIRONMENT_INVALID",
            "Tables travel as Arrow IPC streams, and this module's environment has no pyarrow. "
            "Add pyarrow to its requirements.",
            cause=failure,
        ) from failure


def _read_arrow(value: Any) -> Any:
    with _pyarrow().ipc.open_stream(value) as reader:
        return reader.read_all()


def _read_pandas(value: Any) -> Any:
    return _read_arrow(value).to_pandas()


def _read_polars(value: Any) -> Any:
    import polars as pl

    return pl.read_ipc_stream(io.BytesIO(value))


def _write_arrow(table: Any) -> bytes:
    pyarrow = _pyarrow()
    sink = io.BytesIO()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def _write_pandas(frame: Any) -> bytes:
    return _write_arrow(_pyarrow().Table.from_pandas(frame))


def _write_polars(frame: Any) -> bytes:
    import polars as pl

    sink = io.BytesIO()
    # The oldest form has no string views, which not every reader knows.
    frame.write_ipc_stream(sink, compat_level=pl.CompatLevel.oldest())
    return sink.getvalue()


_READERS = {"pandas": _read_pandas, "pyarrow": _read_arrow, "polars": _read_polars}
_WRITERS = {"pandas": _write_pandas, "pyarrow": _write_arrow, "polars": _write_polars}
