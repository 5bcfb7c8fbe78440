"""Writes the lines of a wheelhouse's lock: they name what lies in it, and no place that it came from.

A place may be an address with a password, or a folder of the machine that exported; and pip would ask it again,
though the file is at hand.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..build.steps import Steps
    from ..sources.requirement_line import RequirementLine

# Where wheels of local projects and repositories lie.
LOCAL = "local"
_WHEEL = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-[^-]+){3,4}\.whl")
_SOURCE = re.compile(r"(?P<name>.+)-(?P<version>\d[^-]*)\.(?:tar\.\w+|tgz|tbz|txz|tar|zip)")


def exported_lock(steps: Steps, folder: Path) -> Iterator[str]:
    """Yield the lines by which pip installs a lock from the folder that was filled for it."""
    local = sorted((folder / LOCAL).glob("*.whl"))
    if local:
        # pip takes it relative to the file it stands in.
        yield f"--find-links {LOCAL}"
    for line in steps.packages:
        if line.kind == "index":
            yield line.text.replace(" --hash=", " \\\n    --hash=")
        else:
            yield _pinned(folder / _file_name(line))
    for wheel in local:
        yield _pinned(wheel)


def _file_name(line: RequirementLine) -> str:
    """Return the name under which pip fetches an archive: the last one of its address."""
    if line.path is not None:
        return line.path.name
    return unquote(urlsplit(line.address).path).rpartition("/")[2]


def _pinned(file: Path) -> str:
    """Return what asks for exactly this file."""
    if not file.is_file():
        return f"# Not in here, as this machine has no use for it: {file.name}"
    found = _WHEEL.fullmatch(file.name) or _SOURCE.fullmatch(file.name)
    if found is None:
        return (
            f"# In here, but to be installed by its path, as its name has no version: {file.name}"
        )
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{found['name']}=={found['version']} \\\n    --hash=sha256:{digest}"
