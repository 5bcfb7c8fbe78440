"""Where conda keeps its environments. They are used when asked for: `conda`, `conda:NAME`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PYTHON_NOT_FOUND, ModuleEnvironmentError

if TYPE_CHECKING:
    from .machine import Machine

_USUAL_ROOTS = (
    "miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", "opt/miniconda3",
    "opt/anaconda3",
)  # fmt: skip


def conda_roots(machine: Machine) -> list[Path]:
    """Return the base installations of conda on this machine."""
    roots = []
    if executable := machine.variables.get("CONDA_EXE"):
        roots.append(Path(executable).parent.parent)
    roots += [
        Path(root) for name in ("MAMBA_ROOT_PREFIX",) if (root := machine.variables.get(name))
    ]
    roots += [machine.home / name for name in _USUAL_ROOTS]
    roots.append(machine.root / "opt" / "conda")
    return [root for root in dict.fromkeys(roots) if os.path.isdir(root)]


def conda_prefix(request: str, machine: Machine) -> Path:
    """Return the folder of the environment that `conda` or `conda:NAME` asks for.

    Raises:
        ModuleEnvironmentError: there is none (`PYTHON_NOT_FOUND`).
    """
    _, _, name = request.partition(":")
    if not name:
        active = machine.variables.get("CONDA_PREFIX")
        if active:
            return Path(active)
        raise _not_found(
            "No conda environment is active.",
            "`conda activate NAME` first, or ask for one by its name: `conda:NAME`.",
        )
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise _not_found(
            f'"{name}" is not the name of a conda environment.', "Give its path instead."
        )
    environments = _environments(machine)
    for prefix in environments:
        if prefix.name == name and os.path.exists(machine.python_in(prefix)):
            return prefix
    roots = conda_roots(machine)
    if name in {"base", "root"} and roots:
        return roots[0]
    known = ", ".join(dict.fromkeys(prefix.name for prefix in environments)) or "none"
    raise _not_found(
        f'There is no conda environment "{name}" with a Python (found: {known}).',
        f"`conda create -n {name} python=3.12` makes one.",
    )


def _environments(machine: Machine) -> list[Path]:
    """Return the folders of all environments that conda would list."""
    separator = ";" if machine.is_windows else ":"
    folders = [
        Path(folder)
        for variable in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH")
        for folder in machine.variables.get(variable, "").split(separator)
        if folder
    ]
    folders += [machine.home / ".conda" / "envs"]
    folders += [root / "envs" for root in conda_roots(machine)]
    found = [prefix for folder in folders for prefix in _entries(folder)]
    try:
        # conda's own register: environments made with `--prefix` are in it as well.
        register = (machine.home / ".conda" / "environments.txt").read_text("utf-8", "replace")
    except OSError:
        register = ""
    found += [Path(line.strip()) for line in register.splitlines() if line.strip()]
    return [prefix for prefix in dict.fromkeys(found) if os.path.isdir(prefix)]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:  # there is none, or it is somebody else's
        return []


def _not_found(message: str, hint: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(PYTHON_NOT_FOUND, message, hint=hint)
