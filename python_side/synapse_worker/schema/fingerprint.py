"""What tells two schemas apart for their callers: one hash, and one line a member.

Documentation, warnings, the values of defaults and Python's own names are no part of it: a client
generated before such a change still fits. The same module has the same hash on every Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.plain_sha256 import sha256

from .noun_form import FORMAT, canonical, to_json
from .spelling import spell_definition, spell_fields, spell_function

if TYPE_CHECKING:
    from .definitions import Function, Schema, Service

# Sha-256 cut to half: what a reader of a generated file's header can still bear.
HASH_DIGITS = 32

_UNTOLD = {"documentation", "warnings", "python_name", "is_async", "module"}


def schema_hash(schema: Schema) -> str:
    """Return 32 hex digits that change when a caller would notice a change."""
    data = to_json(schema)
    told = {"format": FORMAT, **_told(data)}
    for name in ("definitions", "errors"):  # keyed by names of user code, which may be any
        told[name] = {key: _told(item) for key, item in data.get(name, {}).items()}
    for name in ("functions", "services"):
        told[name] = _by_name(told.get(name, []))
    for service in told["services"]:
        service["methods"] = _by_name(service.get("methods", []))
    return sha256(canonical(told).encode()).hexdigest()[:HASH_DIGITS]


def members(schema: Schema) -> dict[str, str]:
    """Return one line a member: functions by name, then `type Quote`, `error OutOfStock`.

    Two schemas of different hashes differ in at least one of them.
    """
    found = {function.name: spell_function(function) for function in schema.functions}
    for service in schema.services:
        found.update(_service_members(service))
    for name, definition in schema.definitions.items():
        found[f"type {name}"] = spell_definition(definition)
    for name, error in schema.errors.items():
        fields = ", ".join(spell_fields(error.fields))
        found[f"error {name}"] = f"({', '.join(error.bases)}) {{{fields}}}"
    return dict(sorted(found.items()))


def _service_members(service: Service) -> dict[str, str]:
    functions: list[Function] = [service.constructor, *service.methods]
    return {f"{service.name}.{function.name}": spell_function(function) for function in functions}


def _told(data: Any) -> Any:
    """Leave out what a caller does not notice; of a default only that there is one."""
    if isinstance(data, list):
        return [_told(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: True if key == "default" else _told(item)
        for key, item in data.items()
        if key not in _UNTOLD
    }


def _by_name(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: str(item["name"]))
