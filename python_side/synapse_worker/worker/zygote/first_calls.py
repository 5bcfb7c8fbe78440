"""Import once, for all workers to come, what each would import at the first call of a method.

It is of no use to the first workers, which should not have to wait for it: the zygote does it after it
has forked those, when it has nothing else to do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synapse_worker.worker.module import Module

# Where the annotations of methods are read and values are converted to them.
FOR_ANNOTATIONS = (
    "synapse_worker.schema.describe",
    "synapse_worker.conversion",
    "synapse_worker.conversion.unknowns",
)
FOR_COROUTINES = ("asyncio",)


def import_for_first_calls(module: Module) -> None:
    """Import what the methods of `module` need; runs no code of the user's."""
    methods = list(module.methods.values())
    names: tuple[str, ...] = ()
    if module.services or any(method.is_annotated for method in methods):
        names += FOR_ANNOTATIONS
    if any(method.is_async for method in methods):
        names += FOR_COROUTINES
    for name in names:
        import_module(name)
