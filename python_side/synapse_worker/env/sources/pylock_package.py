"""One package of a `pylock.toml` (PEP 751) as the requirement line that installs it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

# What pip's hash mode accepts, best first for locks made by others: all have sha256.
_ALGORITHMS = ("sha256", "sha384", "sha512")
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
# Of a version, and of a commit: nothing that could be read as another word of the line.
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")


class PackageError(ValueError):
    """The package cannot be installed from what the lock says; the message says why."""


@dataclass(frozen=True)
class PackageLine:
    """A requirement line, and the folders in which its files lie (as URLs)."""

    text: str
    links: tuple[str, ...] = ()


def package_line(name: str, package: dict[str, Any], folder: Path, marker: str) -> PackageLine:
    """Return the line of one package; paths are relative to `folder`, `marker` is ` ; …` or empty.

    Raises:
        PackageError: it lacks a version, an address or a safe hash.
    """
    if "vcs" in package:
        return PackageLine(f"{name} @ {_vcs(_table(package['vcs'], 'vcs'), folder)}{marker}")
    if "directory" in package:
        source = _table(package["directory"], "directory")
        path = source.get("path")
        if not isinstance(path, str) or not path:
            raise PackageError("its directory has no path")
        address = _with_fragment(_address({"path": path}, folder), source)
        # The tools disagree about markers behind `-e`: with one, a copy is installed.
        if source.get("editable") is True and not marker:
            return PackageLine(f"-e {address}")
        return PackageLine(f"{name} @ {address}{marker}")
    if "archive" in package:
        source = _table(package["archive"], "archive")
        address = _with_fragment(_address(source, folder), source)
        return PackageLine(f"{name} @ {address}{marker} --hash={_hash(source)}")
    return _from_index(name, package, folder, marker)


def _from_index(name: str, package: dict[str, Any], folder: Path, marker: str) -> PackageLine:
    version = package.get("version")
    if not isinstance(version, str) or not _WORD.fullmatch(version):
        raise PackageError(f"its version is {version!r}")
    wheels = package.get("wheels", [])
    if not isinstance(wheels, list):
        raise PackageError("wheels must be an array of tables")
    files = [*wheels, *([package["sdist"]] if "sdist" in package else [])]
    if not files:
        raise PackageError("it has neither wheels nor an sdist")
    tables = [_table(file, "a file of it") for file in files]
    pins = " ".join(dict.fromkeys(f"--hash={_hash(file)}" for file in tables))
    links = tuple(link for file in tables if (link := _folder_of(file, folder)))
    return PackageLine(f"{name}=={version}{marker} {pins}", links)


def _folder_of(file: dict[str, Any], folder: Path) -> str | None:
    """Return where a file of this machine lies; what an index has, the tools' settings find."""
    path, url = file.get("path"), file.get("url")
    if isinstance(path, str):
        return _uri(folder / path / "..")
    if isinstance(url, str) and url.startswith("file:"):
        return url.rpartition("/")[0]
    return None


def _vcs(source: dict[str, Any], folder: Path) -> str:
    kind, commit = source.get("type"), source.get("commit-id")
    if kind not in {"git", "hg", "svn", "bzr"}:
        raise PackageError(f"its vcs type is {kind!r}")
    if not isinstance(commit, str) or not _WORD.fullmatch(commit):
        raise PackageError(f"its commit-id is {commit!r}")
    return _with_fragment(f"{kind}+{_address(source, folder)}@{commit}", source)


def _address(source: dict[str, Any], folder: Path) -> str:
    """Return the URL of a package; a path wins where there is a file."""
    path, url = source.get("path"), source.get("url")
    has_url = isinstance(url, str) and url and not re.search(r"\s", url)
    if isinstance(path, str) and path and (not has_url or os.path.exists(folder / path)):
        return _uri(folder / path)
    if has_url:
        return str(url)
    raise PackageError("it says neither a url nor a path")


def _hash(file: dict[str, Any]) -> str:
    table = _table(file.get("hashes", {}), "hashes")
    for algorithm in _ALGORITHMS:
        value = table.get(algorithm)
        if isinstance(value, str) and _HEX.fullmatch(value):
            return f"{algorithm}:{value}"
    raise PackageError(
        f"a file of it has no hash of a kind that is safe ({', '.join(_ALGORITHMS)})"
    )


def _uri(path: Path) -> str:
    return Path(os.path.abspath(path)).as_uri()


def _table(value: Any, title: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PackageError(f"{title} must be a table")
    return value


def _with_fragment(address: str, source: dict[str, Any]) -> str:
    subdirectory = source.get("subdirectory")
    if not isinstance(subdirectory, str) or not subdirectory:
        return address
    return f"{address}#subdirectory={quote(subdirectory)}"
