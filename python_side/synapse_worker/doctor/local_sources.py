"""Packages that are used from their sources: are those still there?

An editable package whose folder has gone cannot be imported, and nothing else says so before.
"""

from __future__ import annotations

import json
import os
from glob import iglob
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..env.layout import VenvLayout
from .asked_for import requirement_lines
from .finding import command, error, ok
from .homes import homes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .finding import Findings


def examine_local_sources(directory: Path) -> Findings:
    """Check the folders that the requirements and the installed packages of a module name."""
    asked = {
        line.path: f'The requirement "{line.text}"'
        for line in requirement_lines(directory)
        if line.kind == "local" and line.path is not None
    }
    used = {path: f'The installed package "{name}"' for name, path in _installed(directory)}
    named = {**used, **asked}
    sync = command("synapse", "env", "sync", directory)
    for path, what in named.items():
        if not os.path.exists(path):
            yield error(
                "module.local-sources",
                f'{what} leads to "{path}", which is not there.',
                f"Bring the folder back, or correct the requirement, then: {sync}",
                path=str(path),
            )
    if named and all(map(os.path.exists, named)):
        count = len(named)
        yield ok(
            "module.local-sources",
            f"{count} local source{' is' if count == 1 else 's are'} where the requirements say.",
        )


def _installed(directory: Path) -> Iterator[tuple[str, Path]]:
    """Yield the packages whose own record says that they were installed from a folder, to stay there."""
    for record in _records(directory):
        try:
            said = json.loads(record.read_text(encoding="utf-8"))
            is_editable = said.get("dir_info", {}).get("editable") is True
            url = str(said["url"])
        except (OSError, ValueError, KeyError, AttributeError):
            continue
        if is_editable and url.startswith("file:"):
            name = record.parent.name.partition("-")[0]
            yield name, Path(unquote(urlsplit(url).path))


def _records(directory: Path) -> Iterator[Path]:
    """Yield the records of origin in the module's environment, beside it or at its home in the cache."""
    for home in homes_of(directory):
        library = VenvLayout.of(home).root / "lib"
        for name in iglob("python*/site-packages/*.dist-info/direct_url.json", root_dir=library):
            yield library / name
