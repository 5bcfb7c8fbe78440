"""Where the environment builder puts our codec when the module's own requirements have none.

The folder is on no path by itself, so that it neither satisfies nor disturbs those requirements.
"""

from __future__ import annotations

import _thread
import os
import sys

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from typing import Any

PRIVATE_CODEC = os.path.join("synapse", "codec")
CORE = "msgspec._core"
# In Python 3.10 it brings `subprocess` and more, which must be there before the user's folder is on the path.
_PLATFORM_COMES = sys.platform != "linux" or sys.version_info < (3, 11)
ModuleType = type(sys)  # as types.ModuleType, without its cost


def find_private_codec() -> None:
    """Let this process import the private codec, if there is one and the environment has no other. Idempotent."""
    if CORE in sys.modules:
        return
    _import_uuid()
    try:
        import msgspec  # noqa: F401
    except ImportError:
        private = os.path.join(sys.prefix, PRIVATE_CODEC)
        if os.path.isdir(private):
            sys.path.append(private)
            sys.meta_path.insert(0, _Finder(private))
            _import_core(os.path.join(private, "msgspec"))


def _import_uuid() -> None:
    """Import `uuid`, which the codec needs, without `platform`, which it asks for what is known here: 1.3 ms of a start."""
    # A thread could import `platform` meanwhile.
    if _PLATFORM_COMES or _thread._count() > 0:  # noqa: SLF001
        return
    if "uuid" in sys.modules or "platform" in sys.modules:
        return
    stand_in: Any = ModuleType("platform")
    stand_in.system = lambda: "Linux"
    sys.modules["platform"] = stand_in
    try:
        import uuid  # noqa: F401
    except Exception:
        pass  # it wants to know more: the codec imports it again
    finally:
        del sys.modules["platform"]
    # Should it ask later, the real one answers.
    stand_in.__getattr__ = lambda name: getattr(__import__("platform"), name)


class _Finder:
    """Finds msgspec where its C part comes from: another in the folder of the module would be built around ours."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        if name != "msgspec":
            return None
        from importlib.machinery import PathFinder  # only for who imports it

        return PathFinder.find_spec(name, [self._folder])


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
