"""Our own side of an environment: the wheel that goes in, and what bootstraps the tools.

The npm package carries a runtime folder with a manifest; every file in it is checked against its
sha256 before use. A plain Python installation has no such folder: then the wheel is packed from the
installed package, and tools come from where they are installed.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_worker.version import __version__

from .errors import BUILD_FAILED, ModuleEnvironmentError
from .marker import RuntimeIdentity
from .wheel import pack_package

_PACKAGE = Path(__file__).resolve().parent.parent
MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True)
class Artifact:
    """A file of the runtime folder and what it must hash to."""

    path: Path
    sha256: str

    def read(self) -> bytes:
        """Return the content.

        Raises:
            ModuleEnvironmentError: the file is missing or is not what the manifest says.
        """
        try:
            content = self.path.read_bytes()
        except OSError as problem:
            raise _damaged(f'"{self.path}" cannot be read ({problem.strerror})') from problem
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise _damaged(f'"{self.path}" is not the file its manifest describes')
        return content

    def verified(self) -> Path:
        """Return the path after checking the content."""
        self.read()
        return self.path


@dataclass(frozen=True)
class Runtime:
    """The build of Synapse that environments get."""

    identity: RuntimeIdentity
    _wheel: Artifact | bytes
    pip: Artifact | None = None
    tools: Artifact | None = None
    codec: Artifact | None = None

    def wheel(self) -> bytes:
        """Return the wheel, verified."""
        return self._wheel if isinstance(self._wheel, bytes) else self._wheel.read()


def load_runtime(folder: Path | None = None) -> Runtime:
    """Return the runtime from `folder`, `$SYNAPSE_RUNTIME_DIR`, package data, or this installation.

    Raises:
        ModuleEnvironmentError: the folder is there but damaged (`BUILD_FAILED`).
    """
    chosen = os.environ.get("SYNAPSE_RUNTIME_DIR")
    if folder is None and chosen:
        folder = Path(chosen)
    packaged = _PACKAGE / "_runtime"
    if folder is None and (packaged / MANIFEST_NAME).is_file():
        folder = packaged
    return _packed_from_this_installation() if folder is None else _from_folder(folder)


def _packed_from_this_installation() -> Runtime:
    wheel = pack_package(_PACKAGE, __version__)
    return Runtime(RuntimeIdentity(__version__, hashlib.sha256(wheel).hexdigest()), wheel)


def _from_folder(folder: Path) -> Runtime:
    folder = folder.resolve()  # tools that get these paths run in other folders
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        wheel = Artifact(folder / manifest["wheel"]["file"], manifest["wheel"]["sha256"])
        others = {
            name: Artifact(folder / manifest[name]["file"], manifest[name]["sha256"])
            for name in ("pip", "tools", "codec")
            if name in manifest
        }
        return Runtime(RuntimeIdentity(manifest["version"], wheel.sha256), wheel, **others)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise _damaged(f'"{folder / MANIFEST_NAME}" cannot be read: {problem}') from problem


def _damaged(problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        BUILD_FAILED,
        f"The runtime folder is damaged: {problem}.",
        hint="Reinstall the synapse-worker package.",
    )
