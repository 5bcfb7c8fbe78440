"""What is wrong with a pyproject.toml, said in one form for all who read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import INVALID_CONFIG, ModuleEnvironmentError

if TYPE_CHECKING:
    from pathlib import Path

HINT = (
    'Common keys of [tool.synapse] are entrypoint = "main.py", name = "…", python = "3.12" and '
    "workers = 2; docs/modules.md has them all."
)


def table_of(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a table of the file, empty where there is none."""
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise invalid_project(path, f'"{name}" must be a table')
    return table


def invalid_project(path: Path, problem: str, hint: str = HINT) -> ModuleEnvironmentError:
    """Describe a file that cannot be used."""
    return ModuleEnvironmentError(
        INVALID_CONFIG,
        f'"{path}" is not usable: {problem}.',
        hint=hint,
    )
