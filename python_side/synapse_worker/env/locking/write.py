"""Writes a module's lock: resolves its source, puts the result into our words and in place by one rename.

A resolution that fails has touched nothing, an unchanged result leaves the file as it is, and a kill leaves
the old lock: what is written first stands beside it under a name that the next lock removes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends import Resolution, part_secrets
from ..build.lock_fit import current_platform
from ..build.refusals import refuse_builds
from ..errors import unwritable
from ..sources.lock_header import LockHeader
from ..sources.logical_lines import logical_lines
from ..sources.requirement_line import parse_requirement_line
from ..sources.requirements import REQUIREMENTS_FILE
from ..tools.build_progress import CollectProgress
from .commits import Commits
from .lines import lock_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..backends import Backend, Toolbox
    from ..discovery.interpreters import Interpreter
    from .lines import LockEntry
    from .source import LockSource

UNIVERSAL = "universal"
_STAGING_FILE = f".{REQUIREMENTS_FILE}-synapse-new"


@dataclass(frozen=True)
class LockOptions:
    """How a lock is renewed."""

    # Take the newest versions of all packages, or of those named.
    upgrade: bool = False
    upgraded: tuple[str, ...] = ()
    # None: this machine. "universal", or a platform in uv's words.
    platform: str | None = None


# Keep what still fits, for this machine.
RENEWAL = LockOptions()


@dataclass(frozen=True)
class LockResult:
    """What became of a lock."""

    path: Path
    header: LockHeader
    packages: int
    # False: the file held exactly this and was left alone.
    changed: bool


def resolve_entries(
    source: LockSource,
    backend: Backend,
    toolbox: Toolbox,
    base: Interpreter,
    options: LockOptions,
    *,
    known: str = "",
) -> list[LockEntry]:
    """Resolve a source into entries with hashes; versions in the lock `known` are kept.

    Raises:
        ModuleEnvironmentError: they cannot be locked as they are (`REQUIREMENTS_INVALID`).
        ToolError: the resolution failed.
    """
    requirements, directory = source.requirements, toolbox.directory
    if toolbox.fetching.no_build:
        refuse_builds(requirements.lines, directory)
    toolbox.reporter.phase("resolve", f"Resolving {source.file}")
    if requirements.is_empty:
        return []
    with tempfile.TemporaryDirectory(dir=toolbox.runner.temporary) as name:
        scratch = Path(name)
        lockfile = scratch / REQUIREMENTS_FILE
        if not options.upgrade:
            lockfile.write_text("\n".join(_packages(known, directory)), encoding="utf-8")
        file, secrets = _source_file(source, scratch)
        resolution = Resolution(
            base.path,
            file,
            lockfile,
            with_hashes=True,
            upgraded=options.upgraded,
            secrets=secrets,
            platform=options.platform,
        )
        progress = CollectProgress(toolbox.reporter, "resolve", len(requirements.lines))
        progress.start()
        backend.resolve(resolution, progress.see)
        resolved = logical_lines(lockfile.read_text(encoding="utf-8"))
    progress.finish(len(resolved))
    commits = Commits(
        toolbox.runner, [parse_requirement_line(line, directory) for line in resolved]
    )
    return lock_entries(
        resolved,
        requirements.lines,
        directory,
        commits.of,
        with_markers=options.platform == UNIVERSAL,
    )


def write_lock(
    source: LockSource,
    backend: Backend,
    toolbox: Toolbox,
    base: Interpreter,
    options: LockOptions,
) -> LockResult:
    """Lock a module's source in its requirements.txt; the caller holds the folder's lock.

    Raises:
        ModuleEnvironmentError: it cannot be locked, or not written.
        ToolError: the resolution failed.
    """
    path = Path(os.path.realpath(toolbox.directory / REQUIREMENTS_FILE))
    staging = path.with_name(_STAGING_FILE)
    known = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    entries = resolve_entries(source, backend, toolbox, base, options, known=known)
    header = _header(source, base, options)
    text = "".join((f"{header.render()}\n", *(entry.render() for entry in entries)))
    if text != known:
        try:
            staging.write_text(text, encoding="utf-8")
            if path.exists():
                shutil.copymode(path, staging)
            staging.replace(path)
        except OSError as problem:
            raise unwritable(path, problem) from problem
        finally:
            staging.unlink(missing_ok=True)
    return LockResult(toolbox.directory / REQUIREMENTS_FILE, header, len(entries), text != known)


def _source_file(source: LockSource, scratch: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the file for the tools, the user's own or one written for them, and what is not in it."""
    requirements = source.requirements
    if requirements.file is not None and requirements.rewritten is None:
        return requirements.file, ()
    public, secrets = part_secrets(requirements.rewritten or requirements.lines)
    file = scratch / "requirements.in"
    file.write_text("".join(f"{line}\n" for line in public), encoding="utf-8")
    return file, tuple(secrets)


def _packages(lock: str, directory: Path) -> Iterator[str]:
    """Yield what a lock says of packages: folders are none, and a damaged line is nobody's reason to stop."""
    for text in logical_lines(lock):
        line = parse_requirement_line(text, directory)
        if line.kind == "index" and line.is_pinned and line.name is not None:
            yield text


def _header(source: LockSource, base: Interpreter, options: LockOptions) -> LockHeader:
    python = ".".join(map(str, base.version[:2]))
    if options.platform == UNIVERSAL:
        return LockHeader(source.file, source.sha256, f"{python}+", "any platform")
    platform = options.platform or current_platform()
    return LockHeader(source.file, source.sha256, python, platform)
