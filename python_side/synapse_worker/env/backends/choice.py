"""Chooses the backend: uv when it is found, otherwise virtualenv with pip-tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..errors import BUILD_FAILED, ModuleEnvironmentError
from .uv import UvBackend, find_uv
from .virtualenv import VirtualenvBackend

if TYPE_CHECKING:
    from ..discovery.interpreters import Interpreter
    from .interface import Backend, Toolbox

BackendName = Literal["auto", "uv", "virtualenv"]


def choose_backend(name: BackendName, toolbox: Toolbox, base: Interpreter) -> Backend:
    """Return the backend asked for, or the best one found.

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
    raise ModuleEnvironmentError(
        BUILD_FAILED,
        "The backend uv was asked for, but no uv (0.4 or newer) was found.",
        hint="Install uv (https://docs.astral.sh/uv/), name it in $SYNAPSE_UV, or use the backend "
        "virtualenv.",
    )
