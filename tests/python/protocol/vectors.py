"""Read the shared vectors: their bytes, their values and their messages (tests/vectors/README.md)."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

from synapse_worker.protocol.codec import CallbackReference, StreamReference, WireArray

VECTORS = Path(__file__).parents[2] / "vectors"


def load(name: str) -> dict[str, list[Any]]:
    """Return a file of vectors, group by group."""
    return json.loads((VECTORS / name).read_text("utf-8"))


def cases(name: str, *groups: str) -> list[Any]:
    """Return the vectors of some groups of a file (all if none is named) that concern Python."""
    found = load(name)
    return [
        vector
        for group in groups or found
        for vector in found[group]
        if vector.get("only") in (None, "python")
    ]


def title(vector: dict[str, Any]) -> str:
    return vector["name"]


def to_bytes(notation: Any) -> bytes:
    """Return the bytes that the notation of the vectors means."""
    if isinstance(notation, str):
        return bytes.fromhex(notation)
    if isinstance(notation, dict):
        return bytes.fromhex(notation["repeat"]) * notation["times"]
    return b"".join(map(to_bytes, notation))


def to_value(notation: Any) -> Any:
    """Return the value that the notation of the vectors means."""
    if isinstance(notation, list):
        return [to_value(item) for item in notation]
    if not isinstance(notation, dict):
        return notation
    kind = next((key for key in notation if key.startswith("$")), None)
    if kind is None:
        return {key: to_value(item) for key, item in notation.items()}
    return _special(kind, notation[kind], notation)


def _special(kind: str, value: Any, notation: dict[str, Any]) -> Any:
    times = notation.get("times", 1)
    match kind:
        case "$int":
            return int(value)
        case "$pow":
            base, exponent, add = value
            return (1 if base > 0 else -1) * abs(base) ** exponent + add
        case "$float":
            return float(value)
        case "$bytes":
            return bytes.fromhex(value) * times
        case "$text":
            return value * times
        case "$concat":
            return "".join(to_value(part) for part in value)
        case "$array":
            return [to_value(value) for _ in range(times)]
        case "$nest":
            nested: Any = [] if value == "array" else {}
            for _ in range(notation["depth"] - 1):
                nested = [nested] if value == "array" else {"a": nested}
            return nested
        case "$tuple":
            return tuple(to_value(item) for item in value)
        case "$map":
            return {to_value(key): to_value(item) for key, item in value}
        case "$ndarray":
            data = memoryview(to_bytes(notation["data"]))
            return WireArray(value, tuple(notation["shape"]), data)
        case "$callback":
            return CallbackReference(value)
        case "$stream":
            return StreamReference(value)
        case "$time":
            return dt.datetime.fromisoformat(value.removesuffix("Z") + "+00:00")
    raise ValueError(f"{kind} is no notation that Python knows")


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same: types, signs of zero, NaN and the order of keys included."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or str(left) == str(right)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return len(left) == len(right) and all(
            same(*keys) and same(left[keys[0]], right[keys[1]])
            for keys in zip(left, right, strict=True)
        )
    if isinstance(left, WireArray):
        return (left.dtype, left.shape, bytes(left.data)) == (
            right.dtype,
            right.shape,
            bytes(right.data),
        )
    if isinstance(left, dt.datetime):
        return left == right and left.utcoffset() == right.utcoffset()
    return bool(left == right)
