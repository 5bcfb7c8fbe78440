"""Import a native module's entrypoint under its own name, and find its `Module` object."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.module import Module

if TYPE_CHECKING:
    from types import ModuleType

    from synapse_worker.worker.config import WorkerConfig


def import_entrypoint(config: WorkerConfig) -> ModuleType:
    """Import the entrypoint so that pickle, type hints and its neighbours' imports work.

    `main.py` is imported as `main`, `app/serve.py` as `app.serve`, with the module's folder first
    on `sys.path`. It never becomes `__main__`.

    Raises:
        SynapseError: `MODULE_START_FAILED`, the name is taken or the file is missing.
        BaseException: whatever the entrypoint raises.
    """
    path = config.script
    if not os.path.isfile(path):
        raise SynapseError(
            "MODULE_START_FAILED", f"There is no {config.entrypoint} in {config.directory}."
        )
    sys.argv = [path]
    sys.path.insert(0, config.directory)
    name = os.path.splitext(config.entrypoint)[0].replace(os.sep, ".")
    if all(part.isidentifier() for part in name.split(".")):
        taken = sys.modules.get(name)
        if taken is None:
            module = _import_by_name(name)
            if _is_at(module, path):
                return module
            taken = module
        raise SynapseError(
            "MODULE_START_FAILED",
            f"{config.entrypoint} cannot be imported as {name!r}: that is "
            f"{getattr(taken, '__file__', None) or 'a built-in module'}. Rename the entrypoint.",
        )
    return _import_by_path(os.path.basename(os.path.splitext(path)[0]), path)


def find_module(namespace: ModuleType, entrypoint: str) -> Module:
    """Return the one `Module` object among the entrypoint's globals.

    Raises:
        SynapseError: `MODULE_START_FAILED`, there is none or more than one.
    """
    found = {id(v): (n, v) for n, v in vars(namespace).items() if isinstance(v, Module)}
    if len(found) == 1:
        ((_, module),) = found.values()
        return module
    if not found:
        reason = (
            "defines no Module. Add `app = Module()` and decorate functions with `@app.method`."
        )
    else:
        names = ", ".join(name for name, _ in found.values())
        reason = f"has {len(found)} Module objects ({names}); a worker serves one. Keep one, or import fewer."
    raise SynapseError("MODULE_START_FAILED", f"{entrypoint} {reason}")


def _import_by_name(name: str) -> ModuleType:
    __import__(name)
    return sys.modules[name]


def _import_by_path(name: str, path: str) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SynapseError("MODULE_START_FAILED", f"{path} is not a Python source file.")
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _is_at(module: ModuleType, path: str) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.realpath(file) == os.path.realpath(path)
