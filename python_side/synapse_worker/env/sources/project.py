"""Reads a module's pyproject.toml: `[tool.synapse]`, and the tables that list requirements.

The TypeScript wing reads the same keys of `[tool.synapse]`, and is the one that runs pools: of the numbers
about those, which it fills into the options of `connect()`, this wing checks that they are some.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import INVALID_CONFIG, ModuleEnvironmentError
from .generator_tables import codec_types, generate_settings
from .project_dependencies import ProjectDependencies
from .project_error import HINT, invalid_project, table_of
from .toml import TomlError, parse_toml

if TYPE_CHECKING:
    from pathlib import Path

PROJECT_FILE = "pyproject.toml"
DEFAULT_ENTRYPOINT = "main.py"
_TEXTS = ("entrypoint", "name", "python")
# Numbers, and the least that each may be.
_NUMBERS = {
    "workers": 1,
    "min-workers": 0,
    "max-workers": 1,
    "concurrency": 1,
    "max-queue": 0,
    "retries": 0,
    "timeout-ms": 0,
    "queue-timeout-ms": 0,
    "total-timeout-ms": 0,
    "idle-timeout-ms": 0,
    "start-timeout-ms": 0,
    "close-timeout-ms": 0,
    "grace-ms": 0,
    "recycle-calls": 1,
    "recycle-memory-bytes": 1,
    "recycle-age-ms": 1,
    "limit-memory-bytes": 1,
    "limit-address-space-bytes": 1,
    "limit-cpu-seconds": 1,
    "limit-open-files": 1,
    "limit-processes": 1,
    "limit-file-size-bytes": 1,
}
_SWITCHES = ("zygote", "share-environment")
# Lists of names: what else of pyproject.toml is installed.
_NAMES = ("groups", "extras")
_KEYS = (*_TEXTS, *_NUMBERS, *_SWITCHES, *_NAMES)
# Sub-tables, for generating clients and making bundles: what only runs the module does not look in.
_TABLES = ("generate", "types", "bundle")


@dataclass(frozen=True)
class Project:
    """What a module says about itself; everything has a default."""

    entrypoint: str = DEFAULT_ENTRYPOINT
    name: str | None = None
    python: str | None = None
    workers: int | None = None
    # What it lists; asked only where no other file says what to install.
    dependencies: ProjectDependencies = field(default_factory=ProjectDependencies)
    # `[project] requires-python`.
    requires_python: str | None = None
    # `[tool.synapse.generate]`, its keys with underscores.
    generate: dict[str, Any] = field(default_factory=dict)
    # `[tool.synapse.types.NAME]`: where the codec of a user's own type stands in TypeScript.
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    # Whether its environment is one that it shares with modules that need the very same.
    share_environment: bool = False

    def chosen_entrypoint(self, chosen: str | None) -> str:
        """Return the file that was asked for, or else the module's own."""
        return with_suffix(chosen) if chosen else self.entrypoint


def read_project(directory: Path) -> Project:
    """Read the module's pyproject.toml, or return the defaults where there is none.

    Raises:
        ModuleEnvironmentError: it is malformed or a key has the wrong type (`INVALID_CONFIG`).
    """
    path = directory / PROJECT_FILE
    if os.path.exists(path) and not os.path.isfile(path):
        raise invalid_project(path, "it is not a plain file")
    try:
        data = parse_toml(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Project()
    except (TomlError, UnicodeDecodeError, OSError) as problem:
        raise invalid_project(path, f"it cannot be read: {problem}") from problem
    settings = table_of(path, table_of(path, data, "tool"), "synapse")
    project = table_of(path, data, "project")
    for key in settings:
        if key not in (*_KEYS, *_TABLES):
            # The sentence of the TypeScript wing.
            raise ModuleEnvironmentError(
                INVALID_CONFIG,
                f'[tool.synapse] in pyproject.toml has no key "{key}"; it knows {", ".join(_KEYS)}.',
                hint=HINT,
            )
    _check_numbers(path, settings)
    entrypoint = _text(path, settings, "entrypoint") or DEFAULT_ENTRYPOINT
    return Project(
        entrypoint=with_suffix(entrypoint),
        name=_text(path, settings, "name"),
        python=_text(path, settings, "python"),
        workers=settings.get("workers"),
        dependencies=ProjectDependencies(
            project,
            data.get("dependency-groups"),
            extras=_names(path, settings, "extras"),
            groups=_names(path, settings, "groups"),
        ),
        requires_python=_requires_python(path, project),
        share_environment=settings.get("share-environment", False),
        generate=generate_settings(path, table_of(path, settings, "generate")),
        types=codec_types(path, table_of(path, settings, "types")),
    )


def with_suffix(entrypoint: str) -> str:
    """Return the entrypoint's file name; `.py` may be left out."""
    return entrypoint if entrypoint.endswith(".py") else f"{entrypoint}.py"


def _text(path: Path, settings: dict[str, Any], key: str) -> str | None:
    value = settings.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise invalid_project(path, f"[tool.synapse] {key} must be a string")
    return value


def _check_numbers(path: Path, settings: dict[str, Any]) -> None:
    for key, least in _NUMBERS.items():
        value = settings.get(key, least)
        if type(value) is not int or value < least:
            raise invalid_project(
                path, f"[tool.synapse] {key} must be a whole number of at least {least}"
            )
    for key in _SWITCHES:
        if type(settings.get(key, True)) is not bool:
            raise invalid_project(path, f"[tool.synapse] {key} must be true or false")


def _names(path: Path, settings: dict[str, Any], key: str) -> tuple[str, ...]:
    names = settings.get(key, [])
    if not isinstance(names, list) or not all(isinstance(n, str) and n for n in names):
        raise invalid_project(path, f"[tool.synapse] {key} must be a list of names")
    return tuple(names)


def _requires_python(path: Path, project: dict[str, Any]) -> str | None:
    value = project.get("requires-python")
    if value is not None and not isinstance(value, str):
        raise invalid_project(path, '[project] requires-python must be a string such as ">=3.11"')
    return value
