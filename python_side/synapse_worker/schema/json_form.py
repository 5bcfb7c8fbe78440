"""A schema as JSON and back: format 1 of docs/schema.md."""

from __future__ import annotations

from typing import Any

from .definitions import Schema
from .fingerprint import schema_hash
from .noun_form import FORMAT, canonical, from_json, to_json

__all__ = ["FORMAT", "canonical", "schema_from_json", "schema_to_json"]


def schema_to_json(schema: Schema) -> dict[str, Any]:
    """Return a schema as JSON data, with its format and hash."""
    return {"format": FORMAT, "hash": schema_hash(schema), **to_json(schema)}


def schema_from_json(data: dict[str, Any]) -> Schema:
    """Return the schema that JSON data describes.

    Raises:
        ValueError: of another format, or no schema at all.
    """
    found = data.get("format")
    if found != FORMAT:
        raise ValueError(
            f"This is a schema of format {found!r}, and this version of synapse-worker reads format "
            f"{FORMAT}. Write it again with the `synapse schema` of this version."
        )
    try:
        return from_json(Schema, {k: v for k, v in data.items() if k not in ("format", "hash")})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This is no schema of format {FORMAT}: {error!r}.") from error
