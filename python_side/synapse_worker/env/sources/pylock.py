"""Turns a lock file `pylock.toml` (PEP 751) into requirement lines with hashes, for either backend.

Packages from an index become `name==version --hash=…`, with their markers; the ones that say themselves
where they are (`vcs`, `directory`, `archive`) become lines that say so. Files that lie beside the lock
become `--find-links`. An error is better than a package left out or a hash not looked at.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from typing import TYPE_CHECKING, Any

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .logical_lines import decode_requirements
from .markers import MarkerError, Remainder, reduce_marker
from .pylock_package import PackageError, package_line
from .toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PYLOCK_FILE = "pylock.toml"
_MAX_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


class PylockLines:
    """The lock of one module, read for chosen extras and dependency groups."""

    def __init__(self, path: Path, extras: Sequence[str], groups: Sequence[str]) -> None:
        self._path = path
        self._data = self._read()
        chosen = groups or self._names("default-groups")
        self._check_known("extras", extras)
        self._check_known("dependency-groups", groups)
        self._known: Mapping[str, str | frozenset[str]] = {
            "extras": frozenset(extras),
            "dependency_groups": frozenset(chosen),
        }
        self._links: list[str] = []

    @property
    def requires_python(self) -> str | None:
        """The range of Python versions it was locked for."""
        value = self._data.get("requires-python")
        if value is not None and not isinstance(value, str):
            raise self._invalid("requires-python must be a string")
        return value

    def lines(self) -> tuple[str, ...]:
        """Return the requirement lines.

        Raises:
            ModuleEnvironmentError: the lock cannot be used here (`REQUIREMENTS_INVALID`).
        """
        self._check_platform()
        packages = self._data.get("packages", [])
        if not isinstance(packages, list) or not all(isinstance(p, dict) for p in packages):
            raise self._invalid("packages must be an array of tables")
        lines = [line for package in packages for line in self._package(package)]
        return (*(f"--find-links {link}" for link in dict.fromkeys(self._links)), *lines)

    def _read(self) -> dict[str, Any]:
        try:
            if not self._path.is_file():
                raise ValueError("it is not a plain file")
            with self._path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
            if len(content) > _MAX_BYTES:
                raise ValueError(f"it is larger than {_MAX_BYTES // 1024**2} MiB")
            data = parse_toml(decode_requirements(content)[0])
        except (OSError, ValueError, TomlError) as problem:
            raise self._invalid(f"it cannot be read ({problem})") from problem
        version = data.get("lock-version")
        if not isinstance(version, str) or version.split(".")[0] != "1":
            raise self._invalid(f"its lock-version is {version!r}, and Synapse reads 1.x")
        return data

    def _check_platform(self) -> None:
        """Refuse a lock for other platforms; which Python it will be is not known yet."""
        environments = self._names("environments")
        here = {
            "sys_platform": sys.platform,
            "os_name": os.name,
            "platform_system": platform.system(),
            "platform_machine": platform.machine(),
        }
        if environments and all(
            self._reduced(marker, here).value is False for marker in environments
        ):
            raise self._invalid(
                f"it was locked for other platforms ({'; '.join(environments)}), and this is "
                f"{sys.platform} on {platform.machine()}"
            )

    def _package(self, package: dict[str, Any]) -> list[str]:
        name = package.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._invalid(f"a package has the name {name!r}")
        marker = package.get("marker", "")
        if not isinstance(marker, str):
            raise self._invalid(f"{name}: its marker must be a string")
        remainder = self._reduced(marker, self._known, name) if marker.strip() else None
        if remainder is not None and remainder.value is False:
            return []
        suffix = f" ; {remainder.text}" if remainder is not None and remainder.text else ""
        try:
            found = package_line(name, package, self._path.parent, suffix)
        except PackageError as problem:
            raise self._invalid(f"{name}: {problem}") from problem
        self._links += found.links
        return [found.text]

    def _reduced(
        self, marker: str, known: Mapping[str, str | frozenset[str]], name: str = "environments"
    ) -> Remainder:
        try:
            return reduce_marker(marker, known)
        except MarkerError as problem:
            raise self._invalid(f"{name}: {problem}") from problem

    def _check_known(self, key: str, chosen: Sequence[str]) -> None:
        known = self._names(key)
        lacking = [name for name in chosen if name not in known]
        if lacking:
            raise self._invalid(
                f'it was locked without "{lacking[0]}" of [tool.synapse] '
                f"{'extras' if key == 'extras' else 'groups'} (its {key}: "
                f"{', '.join(known) or 'none'})"
            )

    def _names(self, key: str) -> list[str]:
        names = self._data.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._invalid(f"{key} must be a list of strings")
        return names

    def _invalid(self, problem: str) -> ModuleEnvironmentError:
        return ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f'The lock file "{self._path}" is not usable: {problem}.',
            hint="Write it again with the tool that made it (for example `uv export --format "
            "pylock.toml -o pylock.toml` or `pip lock`).",
        )
