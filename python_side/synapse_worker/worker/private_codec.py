"""Where the environment builder puts our codec when the module's own requirements have none.

The folder is on no path by itself, so that it neither satisfies nor disturbs those requirements.
"""

from __future__ import annotations

import os
import sys

PRIVATE_CODEC = os.path.join("synapse", "codec")
CORE = "msgspec._core"
ModuleType = type(sys)  # as types.ModuleType, without its cost


def find_private_codec() -> None:
    """Let this process import the private codec, if there is one and the environment has no other. Idempotent."""
    if CORE in sys.modules:
        return
    try:
        import msgspec  # noqa: F401
    except ImportError:
        private = os.path.join(sys.prefix, PRIVATE_CODEC)
        if os.path.isdir(private):
            sys.path.append(private)
            _import_core(os.path.join(private, "msgspec"))


def _import_core(folder: str) -> None:
    """Import the C part of msgspec and not the package around it, whose JSON schemas and the like cost 3 ms of a start.

    Whoever imports msgspec later gets the package, with this same part in it.
    """
    package = ModuleType("msgspec")
    package.__path__ = [folder]
    sys.modules["msgspec"] = package
    try:
        __import__(CORE)
    except (ImportError, AttributeError):
        return  # it needs its package, or is met again where there are words for it
    finally:
        del sys.modules["msgspec"]
