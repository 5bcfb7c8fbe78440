"""One member of a class: its type, and what `Annotated` says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.schema.constraints import read_metadata
from synapse_worker.schema.definitions import Default, Field

if TYPE_CHECKING:
    from synapse_worker.schema.types import Type
    from synapse_worker.schema.walk import Place, Walker


def described_field(
    name: str,
    annotation: Any,
    place: Place,
    walker: Walker,
    *,
    required: bool = True,
    default: Default | None = None,
    documentation: str = "",
    direction: str = "both",
    python_name: str | None = None,
    type_: Type | None = None,
) -> Field:
    """Return a field; documentation that `Annotated` holds counts where there is no other."""
    if isinstance(annotation, str):
        annotation = walker.resolve(annotation, place)
    return Field(
        name,
        type_ or walker.describe(annotation, place),
        required=required or direction == "output",
        # What Python sets itself is there; what it would be is nobody's to give.
        default=None if direction == "output" else default,
        documentation=documentation
        or read_metadata(getattr(annotation, "__metadata__", ())).documentation,
        direction=direction,
        python_name=python_name if python_name != name else None,
    )
