"""Turns a decoded value into what JSON can say."""

from __future__ import annotations

import base64
import datetime as dt
import math
import sys
from typing import Any


def plain(value: Any) -> Any:
    """Return the value for JSON: bytes and what arrays hold as base64, times as ISO 8601, NaN as text."""
    match value:
        case dict():
            return {key if isinstance(key, str) else str(key): plain(v) for key, v in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(value).decode("ascii")
        case dt.datetime():
            return value.isoformat()
        case _ if _is_array(value):
            return {
                "dtype": value.dtype,
                "shape": list(value.shape),
                "data": base64.b64encode(value.data).decode("ascii"),
            }
        case float() if not math.isfinite(value):
            return str(value)
        case _:
            return value


def _is_array(value: Any) -> bool:
    # The command line starts where no codec is installed; where there is an array, there is one.
    codec = sys.modules.get("synapse_worker.protocol.codec")
    return codec is not None and isinstance(value, codec.WireArray)
