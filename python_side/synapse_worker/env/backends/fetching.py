"""Where packages may come from and in which form: `--offline`, `--no-build`, `--find-links`.

One set of rules in the words of either tool, and what an error has to add when a rule was the reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import (
    BUILD_FAILED,
    NETWORK_UNAVAILABLE,
    PACKAGE_NOT_FOUND,
    REQUIREMENTS_INVALID,
    ModuleEnvironmentError,
)
from ..tools.symptoms import INDEX_LACKS

if TYPE_CHECKING:
    from pathlib import Path

# Parts of a wheelhouse that `synapse env export` wrote: the codec, the tools of the backend virtualenv,
# what packages without a wheel are built with, and wheels of what stands beside the module.
WHEELHOUSE_PARTS = ("runtime", "tools", "build", "local")
WHEELHOUSE_MANIFEST = "wheelhouse.json"
_MISSING = frozenset({BUILD_FAILED, NETWORK_UNAVAILABLE, PACKAGE_NOT_FOUND, REQUIREMENTS_INVALID})


@dataclass(frozen=True)
class Fetching:
    """What a build may fetch; by default everything that the user's settings name."""

    # No index is asked: only folders of wheels, and with uv its cache. pip's own cache holds answers of an index,
    # by their addresses: without one it is not looked into.
    offline: bool = False
    # Only wheels: nothing is built, so no code of a package runs during the installation.
    no_build: bool = False
    # Folders of wheels beside the user's own.
    find_links: tuple[Path, ...] = ()

    @property
    def folders(self) -> list[Path]:
        """The folders to look for wheels in, parts of wheelhouses included."""
        found: list[Path] = []
        for folder in self.find_links:
            parts = (folder / part for part in WHEELHOUSE_PARTS)
            found += [folder, *(part for part in parts if part.is_dir())]
        return found

    @property
    def links(self) -> list[str]:
        """The folders as options, which pip, pip-compile and uv spell alike."""
        return [option for folder in self.folders for option in ("--find-links", str(folder))]


# What the user's settings name, in whatever form.
EVERYTHING = Fetching()


def explained(error: ModuleEnvironmentError, fetching: Fetching) -> ModuleEnvironmentError:
    """Return the error of a failed tool with the rule that may well have caused it in its hint."""
    rules = []
    if fetching.offline and error.code in _MISSING:
        rules.append(
            "Offline, packages come from --find-links folders and, with uv, from its cache, which a build "
            "with a network fills. pip's own cache is of no use without an index: fill a folder with "
            "`synapse env export` for it."
        )
        rules += [made_for for folder in fetching.find_links if (made_for := _made_for(folder))]
    if fetching.no_build and error.code in _MISSING - {NETWORK_UNAVAILABLE}:
        rules.append(
            "Only wheels are allowed (--no-build): a package that comes as source alone is refused; "
            "choose a version with a wheel for this Python, or build without the option."
        )
    if not rules:
        return error
    message = error.message
    if fetching.offline:
        message = message.replace(
            INDEX_LACKS, "No index was asked (offline), and nothing here has", 1
        )
    amended = ModuleEnvironmentError(
        error.code,
        message,
        hint=" ".join((*rules, error.hint)),
        lines=error.lines,
        log_path=error.log_path,
        cause=error.__cause__ or error.cause,
    )
    amended.retryable = error.retryable
    return amended


def _made_for(folder: Path) -> str | None:
    """Say which Python and platform an exported wheelhouse is for."""
    try:
        manifest = json.loads((folder / WHEELHOUSE_MANIFEST).read_text(encoding="utf-8"))
        return f'"{folder}" was exported for Python {manifest["python"]}, {manifest["platform"]}.'
    except (OSError, ValueError, KeyError, TypeError):
        return None
