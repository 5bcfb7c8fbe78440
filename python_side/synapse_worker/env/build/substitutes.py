"""Offline, takes from a wheelhouse what a lock would fetch from an address: repositories and archives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ..sources.own_requirement import normalized_name
from ..sources.requirement_line import parse_requirement_line
from .steps import Steps

if TYPE_CHECKING:
    from pathlib import Path

    from ..backends import Fetching
    from ..sources.requirement_line import RequirementLine


def substituted(steps: Steps, fetching: Fetching) -> Steps:
    """Return the steps with addresses replaced by files that are at hand; online, the steps as they are."""
    if not fetching.offline:
        return steps
    files = [path for folder in fetching.folders if folder.is_dir() for path in folder.iterdir()]
    return Steps(
        tuple(_archive(line, files) if line.kind == "url" else line for line in steps.packages),
        tuple(_wheel(line, files) if line.kind == "vcs" else line for line in steps.local),
    )


def _archive(line: RequirementLine, files: list[Path]) -> RequirementLine:
    """Return the same file in a folder: its hash is still checked."""
    name = unquote(urlsplit(line.address).path).rpartition("/")[2]
    found = next((path for path in files if path.name == name), None)
    if found is None:
        return line
    hashes = "".join(f" --hash={known}" for known in line.hashes)
    return parse_requirement_line(f"{found.as_uri()}{hashes}", found.parent)


def _wheel(line: RequirementLine, files: list[Path]) -> RequirementLine:
    """Return a wheel that was built of a repository."""
    found = next(
        (
            path
            for path in files
            if path.suffix == ".whl" and normalized_name(path.name.partition("-")[0]) == line.name
        ),
        None,
    )
    if found is None:
        return line
    return parse_requirement_line(f"{line.name} @ {found.as_uri()}", found.parent)
