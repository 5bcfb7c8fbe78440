"""Import ahead what the first call, and the greeting before it, would import.

A zygote does so before it forks, once for all its workers; a worker that was spawned after it has greeted,
while the parent opens its ends of the pipes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from synapse_worker.start_image import release
from synapse_worker.worker.collector import rest, resume

if TYPE_CHECKING:
    from synapse_worker.worker.module import Module

# For a client that reads segments, which it says when it greets.
FOR_GREETING = ("synapse_worker.protocol.codec.large_values",)
# Where the annotations of methods are read and values are converted to them. A generated client that connects asks
# for the fingerprint of it all.
FOR_ANNOTATIONS = (
    "synapse_worker.schema.describe",
    "synapse_worker.schema.fingerprint",
    "synapse_worker.schema.classes.families",
    "synapse_worker.conversion",
    "synapse_worker.conversion.unknowns",
)
FOR_COROUTINES = ("asyncio",)


def import_for_first_calls(module: Module) -> None:
    """Import what the methods of `module` need, and so end the start; runs no code of the user's."""
    methods = list(module.methods.values())
    names: tuple[str, ...] = FOR_GREETING
    if module.services or any(method.is_annotated for method in methods):
        names += FOR_ANNOTATIONS
    if any(method.is_async for method in methods):
        names += FOR_COROUTINES
    rest()
    for name in names:
        import_module(name)
    resume()
    release()
