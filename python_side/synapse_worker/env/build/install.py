"""Gets a module's requirements into its environment: resolve to a lock, then install the lock."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ..backends import Installation, Resolution
from ..sources.lock_header import read_lock_header
from ..sources.logical_lines import logical_lines
from ..tools.build_progress import CollectProgress, InstallProgress
from ..tools.redaction import redact
from .lock_fit import misfit_of
from .refusals import refuse_builds
from .steps import split_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ..backends import Backend, Toolbox
    from ..layout import VenvLayout
    from ..sources.requirements import Requirements
    from .steps import Steps


def install_requirements(
    requirements: Requirements,
    backend: Backend,
    toolbox: Toolbox,
    venv: VenvLayout,
    *,
    additive: bool = False,
    before_install: Callable[[], None] = lambda: None,
) -> None:
    """Install the requirements; `additive` removes nothing and lets installed versions be.

    Raises:
        ModuleEnvironmentError: only wheels are allowed, and one must be built (`REQUIREMENTS_INVALID`).
        ToolError: a tool failed; nothing was changed if `before_install` has not been called.
    """
    if toolbox.fetching.no_build:
        refuse_builds(requirements.lines, toolbox.directory)
    install = _Install(requirements, backend, toolbox, venv)
    if additive and not requirements.is_locked:
        before_install()
        install.add()
        return
    lines = requirements.lines if requirements.is_locked else install.resolve(venv.python)
    steps = split_lock(lines, toolbox.directory)
    if requirements.file is not None and requirements.is_locked:
        _warn_of_misfit(requirements.file, toolbox, venv)
    before_install()
    install.run(steps)
    if not additive and (others := steps.others(venv)):
        backend.uninstall(venv.python, others)
    if not requirements.is_locked:
        # What is left of the resolution keeps its versions, not the passwords of its addresses.
        venv.lockfile.write_text(redact("\n".join((*lines, ""))), encoding="utf-8")


def resolve_requirements(
    requirements: Requirements,
    backend: Backend,
    toolbox: Toolbox,
    venv: VenvLayout,
    python: Path,
) -> list[str]:
    """Resolve requirements for an interpreter into exact versions; return the lines of that lock.

    The lock stays in the environment's own corner, where the next resolution finds its versions.

    Raises:
        ToolError: the resolution failed.
    """
    return _Install(requirements, backend, toolbox, venv).resolve(python)


def _warn_of_misfit(lock: Path, toolbox: Toolbox, venv: VenvLayout) -> None:
    with lock.open(encoding="utf-8", errors="replace") as file:
        header = read_lock_header(file.readline())
    misfit = None if header is None else misfit_of(header, venv)
    if misfit is not None:
        toolbox.reporter.warning(misfit)


class _Install:
    """One installation with what it works on."""

    def __init__(
        self, requirements: Requirements, backend: Backend, toolbox: Toolbox, venv: VenvLayout
    ) -> None:
        self._requirements = requirements
        self._backend = backend
        self._toolbox = toolbox
        self._venv = venv

    def resolve(self, python: Path) -> list[str]:
        """Resolve the requirements into the environment's own lock and return its lines."""
        lockfile = self._venv.lockfile
        if self._requirements.is_empty:
            return []
        self._toolbox.reporter.phase("resolve", f"Resolving {self._requirements.source}")
        progress = CollectProgress(self._toolbox.reporter, "resolve", self._known())
        progress.start()
        with self._source() as source:
            self._backend.resolve(Resolution(python, source, lockfile), progress.see)
        lines = logical_lines(lockfile.read_text(encoding="utf-8"))
        progress.finish(sum(not line.startswith("--") for line in lines))
        return lines

    def _known(self) -> int:
        """Count the packages that the requirements themselves name."""
        return sum(
            not line.startswith("-") or line.startswith("-e") for line in self._requirements.lines
        )

    def add(self) -> None:
        """Install into an environment that is somebody else's: what is there may stay as it is."""
        total = len(split_lock(self._requirements.lines, self._toolbox.directory).packages)
        with self._counted(total) as counter:
            if not self._requirements.is_empty:
                with self._source() as source:
                    self._backend.install(self._venv.python, Installation(source), counter.see)

    def run(self, steps: Steps) -> None:
        """Install both steps of a lock."""
        with self._counted(steps.count) as counter:
            if steps.packages:
                # A lock is complete: only one that says so by its hashes is still checked for it.
                alone = bool(steps.local)
                lines = [line.text for line in steps.packages]
                with self._file("install.txt", lines) as file:
                    installation = Installation(file, check_hashes=steps.has_hashes, alone=alone)
                    self._backend.install(self._venv.python, installation, counter.see)
            if steps.local:
                with self._file("install.txt", [line.text for line in steps.local]) as file:
                    installation = Installation(file, alone=True)
                    self._backend.install(self._venv.python, installation, counter.see)

    @contextlib.contextmanager
    def _counted(self, total: int) -> Iterator[InstallProgress]:
        progress = InstallProgress(self._toolbox.reporter, total)
        progress.start()
        yield progress
        progress.finish()

    @contextlib.contextmanager
    def _source(self) -> Iterator[Path]:
        """Yield the file for the tools: the user's own, or one written out of another format."""
        requirements = self._requirements
        if requirements.file is not None and requirements.rewritten is None:
            yield requirements.file
            return
        lines = requirements.lines if requirements.rewritten is None else requirements.rewritten
        with self._file("requirements.in", lines, options=()) as file:
            yield file

    @contextlib.contextmanager
    def _file(
        self, name: str, lines: Iterable[str], options: Iterable[str] | None = None
    ) -> Iterator[Path]:
        """Yield a file of requirements that goes as soon as the tool has read it.

        The index options stand in it, which never get into a lock: they may hold credentials.
        """
        options = self._requirements.options if options is None else options
        path = self._venv.private / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        try:
            path.write_text("".join(f"{line}\n" for line in (*options, *lines)), encoding="utf-8")
            yield path
        finally:
            path.unlink(missing_ok=True)
