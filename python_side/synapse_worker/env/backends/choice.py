"""Chooses the backend: uv when it is found, otherwise virtualenv with pip-tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .uv import UvBackend, find_uv
from .uv_needed import needs_uv
from .virtualenv import VirtualenvBackend

if TYPE_CHECKING:
    from ..discovery.interpreters import Interpreter
    from .interface import Backend, Toolbox

BackendName = Literal["auto", "uv", "virtualenv"]


def choose_backend(
    name: BackendName, toolbox: Toolbox, base: Interpreter, *, for_what: str = "The backend uv"
) -> Backend:
    """Return the backend asked for, or the best one found; `for_what` asks for it in an error.

    Raises:
        ModuleEnvironmentError: it is not on this machine (`BUILD_FAILED`).
        ToolError: virtualenv and pip-tools could not be installed.
    """
    toolbox.runner.python = base.version_text
    if name == "virtualenv":
        return VirtualenvBackend(toolbox, base)
    command = find_uv()
    if command is not None:
        return UvBackend(toolbox, command)
    if name == "auto":
        return VirtualenvBackend(toolbox, base)
    raise needs_uv(for_what)
