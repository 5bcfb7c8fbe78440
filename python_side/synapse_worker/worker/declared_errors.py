"""The data of exceptions that a module declares: what travels as the `details` of their error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.worker.module import Module


class DeclaredErrors:
    """Tells the data of errors that are declared: by `@app.error`, by `raises=`, or by being the module's own.

    A docstring's "Raises:" names classes too; those of the module's own files need no look at it.
    """

    def __init__(self, module: Module) -> None:
        declared = list(module.errors.values())
        declared += (error for method in module.methods.values() for error in method.raises)
        self._declared = tuple(declared)
        self._homes = frozenset(
            str(getattr(offered, "__module__", ""))
            for offered in (
                *(method.function for method in module.methods.values()),
                *(service.cls for service in module.services.values()),
            )
        )

    def data(self, error: BaseException) -> dict[str, Any] | None:
        """Return the error's data by name, or None where it declares none."""
        if isinstance(error, SynapseError):
            return None
        kind = type(error)
        if not (isinstance(error, self._declared) or kind.__module__ in self._homes):
            return None
        found = {name: getattr(error, name) for name in _names(kind) if hasattr(error, name)}
        return found or None


def _names(kind: type[BaseException]) -> Iterator[str]:
    """Yield a class's fields: of a dataclass, or else the public annotated attributes, its ancestors' first."""
    fields = getattr(kind, "__dataclass_fields__", None)
    if fields is not None:
        yield from fields
        return
    from inspect import get_annotations  # slow to import, and rarely needed

    for ancestor in reversed(kind.__mro__):
        if ancestor.__module__ != "builtins":
            for name, annotation in get_annotations(ancestor).items():
                if not (name.startswith("_") or "ClassVar" in str(annotation)):
                    yield name
