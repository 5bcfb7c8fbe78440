"""Resolves a source of requirements into the entries of a lock: exact versions, with the hashes of their files."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends import Resolution, part_secrets
from ..build.refusals import refuse_builds
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
class Resolver:
    """What a lock is resolved with, and for which Python."""

    backend: Backend
    toolbox: Toolbox
    base: Interpreter
    options: LockOptions = RENEWAL

    def entries(self, source: LockSource, *, known: str = "") -> list[LockEntry]:
        """Resolve a source into entries with hashes; versions in the lock `known` are kept.

        Raises:
            ModuleEnvironmentError: they cannot be locked as they are (`REQUIREMENTS_INVALID`).
            ToolError: the resolution failed.
        """
        requirements, directory = source.requirements, self.toolbox.directory
        if self.toolbox.fetching.no_build:
            refuse_builds(requirements.lines, directory)
        self.toolbox.reporter.phase("resolve", f"Resolving {source.file}")
        if requirements.is_empty:
            return []
        progress = CollectProgress(self.toolbox.reporter, "resolve", len(requirements.lines))
        with tempfile.TemporaryDirectory(dir=self.toolbox.runner.temporary) as scratch:
            lockfile = Path(scratch) / REQUIREMENTS_FILE
            if not self.options.upgrade:
                lockfile.write_text("\n".join(_packages(known, directory)), encoding="utf-8")
            resolution = self._resolution(source, lockfile)
            progress.start()
            self.backend.resolve(resolution, progress.see)
            resolved = logical_lines(lockfile.read_text(encoding="utf-8"))
        progress.finish(len(resolved))
        lines = [parse_requirement_line(line, directory) for line in resolved]
        return lock_entries(
            resolved,
            requirements.lines,
            directory,
            Commits(self.toolbox.runner, lines).of,
            with_markers=self.options.platform == UNIVERSAL,
        )

    def _resolution(self, source: LockSource, lockfile: Path) -> Resolution:
        """Return what is asked of the backend; a file that is written for it stands beside the lock."""
        file, secrets = _source_file(source, lockfile.parent)
        return Resolution(
            self.base.path,
            file,
            lockfile,
            with_hashes=True,
            upgraded=self.options.upgraded,
            secrets=secrets,
            platform=self.options.platform,
        )


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
