"""Reads `[tool.synapse.bundle]` of a module's pyproject.toml: `include` and `exclude`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.errors import INVALID_CONFIG
from synapse_worker.env.sources.project import PROJECT_FILE
from synapse_worker.env.sources.toml import parse_toml

if TYPE_CHECKING:
    from pathlib import Path

_KEYS = ("include", "exclude")
_HINT = 'Write for instance include = ["models/*.onnx"] or exclude = ["tests/"] under it.'


@dataclass(frozen=True)
class BundleSettings:
    """Patterns as in `.gitignore`; `include` wins over everything that leaves files out."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def read_bundle_settings(directory: Path) -> BundleSettings:
    """Read the table of a module whose pyproject.toml is known to be readable.

    Raises:
        ModuleEnvironmentError: a key is unknown or no list of strings (`INVALID_CONFIG`).
    """
    path = directory / PROJECT_FILE
    if not path.is_file():
        return BundleSettings()
    data: Any = parse_toml(path.read_text(encoding="utf-8"))
    table = data.get("tool", {}).get("synapse", {}).get("bundle", {})
    if not isinstance(table, dict):
        raise _invalid(path, "[tool.synapse] bundle must be a table")
    for key, value in table.items():
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise _invalid(path, f'[tool.synapse.bundle] has no key "{key}"; it knows {known}')
        if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
            raise _invalid(path, f"[tool.synapse.bundle] {key} must be a list of strings")
    return BundleSettings(**{key: tuple(value) for key, value in table.items()})


def _invalid(path: Path, problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(INVALID_CONFIG, f'"{path}" is not usable: {problem}.', hint=_HINT)
