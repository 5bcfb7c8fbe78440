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
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .logical_lines import decode_requirements
from .markers import MarkerError, reduce_marker
from .toml import TomlError, parse_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYLOCK_FILE = "pylock.toml"
_MAX_BYTES = 64 * 1024 * 1024
# What pip's hash mode accepts.
_ALGORITHMS = ("sha256", "sha384", "sha512")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")


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
        for kind, line_of in (
            ("vcs", self._vcs),
            ("directory", self._directory),
            ("archive", self._archive),
        ):
            if kind in package:
                return [line_of(name, self._table(package[kind], f"{name}: {kind}"), suffix)]
        return [self._from_index(name, package, suffix)]

    def _from_index(self, name: str, package: dict[str, Any], suffix: str) -> str:
        version = package.get("version")
        if not isinstance(version, str) or not _VERSION.fullmatch(version):
            raise self._invalid(f"{name}: its version is {version!r}")
        wheels = package.get("wheels", [])
        if not isinstance(wheels, list):
            raise self._invalid(f"{name}: wheels must be an array of tables")
        files = [*wheels, *([package["sdist"]] if "sdist" in package else [])]
        if not files:
            raise self._invalid(f"{name}: it has neither wheels nor an sdist")
        hashes: list[str] = []
        for entry in files:
            file = self._table(entry, f"{name}: a file of it")
            hashes += self._hashes(name, file)
            if isinstance(file.get("path"), str):
                folder = (self._path.parent / file["path"]).parent
                self._links.append(Path(os.path.normpath(folder)).as_uri())
        pins = " ".join(f"--hash={found}" for found in dict.fromkeys(hashes))
        return f"{name}=={version}{suffix} {pins}"

    def _vcs(self, name: str, source: dict[str, Any], suffix: str) -> str:
        kind, commit = source.get("type"), source.get("commit-id")
        if kind not in {"git", "hg", "svn", "bzr"}:
            raise self._invalid(f"{name}: its vcs type is {kind!r}")
        if not isinstance(commit, str) or not _VERSION.fullmatch(commit):
            raise self._invalid(f"{name}: its commit-id is {commit!r}")
        address = f"{kind}+{self._address(name, source)}@{commit}"
        return f"{name} @ {_with_fragment(address, source)}{suffix}"

    def _directory(self, name: str, source: dict[str, Any], suffix: str) -> str:
        path = source.get("path")
        if not isinstance(path, str) or not path:
            raise self._invalid(f"{name}: its directory has no path")
        address = _with_fragment(self._address(name, {"path": path}), source)
        # The tools disagree about markers behind `-e`: with one, a copy is installed.
        if source.get("editable") is True and not suffix:
            return f"-e {address}"
        return f"{name} @ {address}{suffix}"

    def _archive(self, name: str, source: dict[str, Any], suffix: str) -> str:
        address = _with_fragment(self._address(name, source), source)
        pins = " ".join(f"--hash={found}" for found in self._hashes(name, source))
        return f"{name} @ {address}{suffix} {pins}"

    def _address(self, name: str, source: dict[str, Any]) -> str:
        """Return the URL of a package; a path (relative to the lock) wins where there is a file."""
        path, url = source.get("path"), source.get("url")
        has_url = isinstance(url, str) and url and not re.search(r"\s", url)
        if isinstance(path, str) and path:
            local = Path(os.path.normpath(self._path.parent.absolute() / path))
            if local.exists() or not has_url:
                return local.as_uri()
        if has_url:
            return str(url)
        raise self._invalid(f"{name}: it says neither a url nor a path")

    def _hashes(self, name: str, file: dict[str, Any]) -> list[str]:
        table = self._table(file.get("hashes", {}), f"{name}: hashes")
        found = [
            f"{algorithm}:{table[algorithm]}"
            for algorithm in _ALGORITHMS
            if isinstance(table.get(algorithm), str) and _HEX.fullmatch(table[algorithm])
        ]
        if not found:
            raise self._invalid(
                f"{name}: a file of it has no hash of a kind that is safe ({', '.join(_ALGORITHMS)})"
            )
        return found[:1]

    def _reduced(
        self, marker: str, known: Mapping[str, str | frozenset[str]], name: str = "environments"
    ) -> Any:
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

    def _table(self, value: Any, title: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._invalid(f"{title} must be a table")
        return value

    def _invalid(self, problem: str) -> ModuleEnvironmentError:
        return ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f'The lock file "{self._path}" is not usable: {problem}.',
            hint="Write it again with the tool that made it (for example `uv export --format "
            "pylock.toml -o pylock.toml` or `pip lock`).",
        )


def _with_fragment(address: str, source: dict[str, Any]) -> str:
    subdirectory = source.get("subdirectory")
    if not isinstance(subdirectory, str) or not subdirectory:
        return address
    return f"{address}#subdirectory={quote(subdirectory)}"
