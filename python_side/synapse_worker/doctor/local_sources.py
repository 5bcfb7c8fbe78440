"""Packages that are used from their sources: are those still there?

An editable package whose folder has gone cannot be imported, and nothing else says so before.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..env.errors import ModuleEnvironmentError
from ..env.layout import VenvLayout
from ..env.sources.project import read_project
from ..env.sources.requirements import read_requirements
from .finding import error, ok

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .finding import Findings

_EDITABLE = re.compile(r"^(?:-e|--editable)(?:\s+|=)")
# What a path may carry behind it: extras, or a marker.
_BEHIND = re.compile(r"(?:\[[^\]]*\])?\s*(?:;.*)?$")


def examine_local_sources(directory: Path) -> Findings:
    """Check the folders that the requirements and the installed packages of a module name."""
    asked = {path: f'The requirement "{line}"' for line, path in _asked_for(directory)}
    used = {path: f'The installed package "{name}"' for name, path in _installed(directory)}
    named = {**used, **asked}
    for path, what in named.items():
        if not path.exists():
            yield error(
                "module.local-sources",
                f'{what} leads to "{path}", which is not there.',
                f"Bring the folder back, or correct the requirement, then: synapse env sync {directory}",
                path=str(path),
            )
    if named and all(path.exists() for path in named):
        count = len(named)
        yield ok(
            "module.local-sources",
            f"{count} local source{' is' if count == 1 else 's are'} where the requirements say.",
        )


def _asked_for(directory: Path) -> Iterator[tuple[str, Path]]:
    try:
        project = read_project(directory)
        lines = read_requirements(directory, project, project.entrypoint).lines
    except ModuleEnvironmentError:
        return  # the check of the sources says why
    for line in lines:
        target = _EDITABLE.sub("", line).strip().strip("\"'")
        target = target.partition(" @ ")[2] or target
        if target.startswith("file:"):
            yield line, Path(unquote(urlsplit(target).path))
        elif "://" not in target and (target.startswith((".", "/")) or _EDITABLE.match(line)):
            yield line, directory / _BEHIND.sub("", target)


def _installed(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield the packages whose own record says that they were installed from a folder, to stay there."""
    library = VenvLayout.of(directory).root / "lib"
    for record in library.glob("python*/site-packages/*.dist-info/direct_url.json"):
        try:
            said = json.loads(record.read_text(encoding="utf-8"))
            is_editable = said.get("dir_info", {}).get("editable") is True
            url = str(said["url"])
        except (OSError, ValueError, KeyError, AttributeError):
            continue
        if is_editable and url.startswith("file:"):
            name = record.parent.name.partition("-")[0]
            yield name, Path(unquote(urlsplit(url).path))
