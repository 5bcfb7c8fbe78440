"""Call Python from TypeScript: this is the Python side of Synapse.

Importing the package costs next to nothing: the names below are loaded when they are first used, because
the launcher of raw scripts starts here and needs only the standard library.
"""

TYPE_CHECKING = False  # typing is slow to import, and so is __future__
if TYPE_CHECKING:
    from .conversion.columns import to_columns, to_rows
    from .protocol.errors import SynapseError
    from .schema.markers import BigInt, Naive
    from .version import __version__
    from .worker.context import Context, current_context
    from .worker.javascript_error import JavaScriptError
    from .worker.module import Module

__all__ = [
    "BigInt",
    "Context",
    "JavaScriptError",
    "Module",
    "Naive",
    "SynapseError",
    "__version__",
    "current_context",
    "to_columns",
    "to_rows",
]

_HOMES = {
    "BigInt": ".schema.markers",
    "Context": ".worker.context",
    "JavaScriptError": ".worker.javascript_error",
    "Module": ".worker.module",
    "Naive": ".schema.markers",
    "SynapseError": ".protocol.errors",
    "__version__": ".version",
    "current_context": ".worker.context",
    "to_columns": ".conversion.columns",
    "to_rows": ".conversion.columns",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
