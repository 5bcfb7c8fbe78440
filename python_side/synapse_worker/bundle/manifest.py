"""The manifest `bundle.json`: what a bundle is for, and every file it has to hold, with its sha256.

Three files are not in it, because a machine whose Python is elsewhere writes them again: the
marker, `pyvenv.cfg` and the link to the interpreter.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synapse_worker.env import ModuleEnvironmentError
from synapse_worker.env.discovery.platform import Platform
from synapse_worker.env.errors import BUILD_FAILED, INVALID_CONFIG
from synapse_worker.env.layout import BUNDLE_NAME

FORMAT = 1
# What belongs to the machine: `env/relocation` writes it.
BOUND = frozenset({".venv/synapse.json", ".venv/pyvenv.cfg", ".venv/bin/python"})
# The folder of the files that its packages are installed from.
WHEELS_NAME = "wheels"
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FileEntry:
    """One regular file."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle is; paths are relative to it, with `/`."""

    name: str
    entrypoint: str
    # Our release in it: version and sha256 of the wheel.
    synapse: dict[str, str]
    # What it runs on.
    python: Platform
    packages: dict[str, str]
    files: dict[str, FileEntry]
    links: dict[str, str]

    def write(self, bundle: Path) -> None:
        """Write it; equal bundles have equal manifests."""
        text = json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True)
        (bundle / BUNDLE_NAME).write_text(text + "\n", encoding="utf-8")


def read_manifest(bundle: Path) -> Manifest:
    """Read the manifest of a bundle.

    Raises:
        ModuleEnvironmentError: there is none (`INVALID_CONFIG`), or it is damaged (`BUILD_FAILED`).
    """
    path = bundle / BUNDLE_NAME
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT:
            raise ValueError("its format is not 1")
        files = {name: FileEntry(**entry) for name, entry in data.pop("files").items()}
        return Manifest(files=files, python=Platform(**data.pop("python")), **data)
    except FileNotFoundError as problem:
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{bundle}" is not a bundle: it has no {BUNDLE_NAME}.',
            hint="`synapse bundle DIR -o OUT` makes one.",
        ) from problem
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ModuleEnvironmentError(
            BUILD_FAILED,
            f'The manifest of the bundle, "{path}", cannot be read: {problem}.',
            hint="Copy the bundle again, or make it again with `synapse bundle`.",
        ) from problem


def describe_tree(bundle: Path) -> tuple[dict[str, FileEntry], dict[str, str]]:
    """Return the files and the links in a bundle's folder, in order of their paths."""
    files: dict[str, FileEntry] = {}
    links: dict[str, str] = {}
    for path in tree(bundle):
        full = bundle / path
        if full.is_symlink():
            links[path] = os.readlink(full)
        elif path != BUNDLE_NAME and path not in BOUND:
            files[path] = FileEntry(full.stat().st_size, sha256_of(full))
    links = {path: target for path, target in links.items() if path not in BOUND}
    return files, links


def tree(bundle: Path) -> list[str]:
    """Return the path of everything in the folder that is not itself a folder, in order."""
    found: list[str] = []
    for folder, subfolders, names in os.walk(bundle):
        place = Path(folder).relative_to(bundle)
        links = [name for name in subfolders if os.path.islink(os.path.join(folder, name))]
        found += [(place / name).as_posix() for name in (*names, *links)]
    return sorted(found)


def sha256_of(path: Path) -> str:
    """Return the hash of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
