"""Turns what uv or pip-compile resolved into the lines of a lock: the same ones, whoever resolved.

Packages sorted by name, each with its hashes; then what has none, in the words of its source: a tool writes
absolute paths, which mean nothing on another machine.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..sources.requirement_line import parse_requirement_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from ..sources.requirement_line import RequirementLine

_HASHES = re.compile(r"\s+--hash[= ]\S+")
# A password, or a token in its place; `git@` in an address of ssh is neither.
_SECRET = re.compile(r"(?i)[a-z][a-z0-9+.-]*://[^/\s@]*:[^/\s@]+@|https?://[^/\s@]+@")


@dataclass(frozen=True)
class LockEntry:
    """One requirement of a lock."""

    text: str
    hashes: tuple[str, ...] = ()

    def render(self) -> str:
        r"""Return its lines as they stand in the file, hashes continued by `\`."""
        return " \\\n    ".join((self.text, *(f"--hash={found}" for found in self.hashes))) + "\n"


def lock_entries(
    resolved: Iterable[str],
    asked: Sequence[str],
    directory: Path,
    commit_of: Callable[[RequirementLine], str],
    *,
    with_markers: bool,
) -> list[LockEntry]:
    """Return the entries of a lock.

    `resolved` are the tool's lines, `asked` those of the source; `commit_of` names the commit that a
    repository is at. A lock for one platform has no markers: what does not apply there is not in it.

    Raises:
        ModuleEnvironmentError: something has neither hashes nor an address of its own, has credentials in
            its address, or is another file than the source's own hash allows (`REQUIREMENTS_INVALID`).
    """
    parsed = [parse_requirement_line(_repaired(text), directory) for text in resolved]
    sources = [parse_requirement_line(text, directory) for text in asked]
    packages, others = [], []
    for line in parsed:
        if not line.asks:
            continue
        _refuse_credentials(line)
        if line.kind == "index":
            packages.append((line.name or line.text, _package(line, sources, with_markers)))
        else:
            others.append((line.name or line.text, _other(line, sources, directory, commit_of)))
    key = lambda entry: (entry[0], entry[1].text)  # noqa: E731 - said twice below
    return [entry for _, entry in (*sorted(packages, key=key), *sorted(others, key=key))]


def _package(
    line: RequirementLine, sources: Sequence[RequirementLine], with_markers: bool
) -> LockEntry:
    if not line.hashes:
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f'The index gives no file of "{line.text}" whose hash could be locked.',
            hint="Check where the package comes from; a lock holds a hash for each.",
        )
    version, _, marker = _HASHES.sub("", line.text).partition(";")
    text = version.strip()
    if with_markers and marker.strip():
        text = f"{text} ; {marker.strip()}"
    written = [source for source in sources if source.kind == "index" and source.name == line.name]
    return LockEntry(text, _hashes(line, written))


def _other(
    line: RequirementLine,
    sources: Sequence[RequirementLine],
    directory: Path,
    commit_of: Callable[[RequirementLine], str],
) -> LockEntry:
    """Write a folder, archive, address or repository as its source wrote it."""
    written = next((source for source in sources if _is_same(line, source)), None)
    hashes = _hashes(line, [] if written is None else [written])
    text = _HASHES.sub("", (written or line).text).strip()
    if line.kind == "vcs":
        return LockEntry(_at_commit(written or line, text, commit_of))
    if written is None and line.path is not None and line.path.is_relative_to(directory):
        relative = os.path.relpath(line.path, directory).replace(os.sep, "/")
        text = f"-e ./{relative}" if line.is_editable else f"./{relative}"
    return LockEntry(text, hashes)


def _hashes(line: RequirementLine, written: Sequence[RequirementLine]) -> tuple[str, ...]:
    """Return the hashes to lock: those that were found, or of them those that the source allows."""
    found = {known.lower() for known in line.hashes}
    allowed = {known.lower() for source in written for known in source.hashes}
    if not allowed:
        return tuple(sorted(found))
    if not found & allowed and _kinds(found) & _kinds(allowed):
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f'No file of "{line.name or line.text}" is the one that is asked for: '
            "its hash is another.",
            hint="Where the file may have changed, correct the `--hash` of the requirement, or take it out; "
            "otherwise somebody may have tampered with it.",
        )
    # Of another kind than what was found, they are held to when the file is installed.
    return tuple(sorted(found & allowed or allowed))


def _kinds(hashes: Iterable[str]) -> set[str]:
    return {known.partition(":")[0] for known in hashes}


def _is_same(line: RequirementLine, source: RequirementLine) -> bool:
    if line.kind != source.kind:
        return False
    if line.path is not None and source.path is not None:
        return os.path.realpath(line.path) == os.path.realpath(source.path)
    if line.name is not None and source.name is not None:
        return line.name == source.name
    return line.target == source.target


def _at_commit(
    line: RequirementLine, text: str, commit_of: Callable[[RequirementLine], str]
) -> str:
    assert line.target is not None  # a repository has an address
    address, mark, fragment = line.target.partition("#")
    scheme, _, rest = address.partition("://")
    path = re.sub(r"(?<=.)@[^@/]+$", "", rest) if "/" in rest else rest
    return text.replace(line.target, f"{scheme}://{path}@{commit_of(line)}{mark}{fragment}")


def _refuse_credentials(line: RequirementLine) -> None:
    if _SECRET.search(line.text):
        raise ModuleEnvironmentError(
            REQUIREMENTS_INVALID,
            f'"{line.target or line.text}" has credentials in its address, which a lock must not '
            "hold.",
            hint="Put them into ~/.netrc, git's credential store or the index settings, and the address "
            "without them into the requirements.",
        )


def _repaired(text: str) -> str:
    """Undo what pip-compile does to the address of a repository on this machine (`git+file:/path`)."""
    return re.sub(r"\+file:/(?=[^/])", "+file:///", text)
