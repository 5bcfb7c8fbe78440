"""Gets a module's requirements into its environment: resolve to a lock, then install the lock."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends import Installation, Resolution, part_secrets
from ..redaction import redact
from ..sources.lock_header import read_lock_header
from ..sources.logical_lines import logical_lines
from ..tools.build_progress import CollectProgress, InstallProgress
from .lock_fit import misfit_of
from .refusals import refuse_builds
from .steps import split_lock
from .substitutes import substituted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..backends import Backend, Toolbox
    from ..layout import VenvLayout
    from ..sources.requirement_line import RequirementLine
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
    steps = substituted(split_lock(lines, toolbox.directory), toolbox.fetching)
    if requirements.file is not None and requirements.is_locked:
        _warn_of_misfit(requirements.file, toolbox, venv)
    before_install()
    install.run(steps)
    if not additive and (others := steps.others(venv)):
        backend.uninstall(venv.python, others)


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
        with self._private_folder() as folder, self._source() as (source, secrets):
            resolved = folder / lockfile.name
            if lockfile.is_file():
                resolved.write_bytes(lockfile.read_bytes())
            resolution = Resolution(python, source, resolved, secrets=secrets)
            self._backend.resolve(resolution, progress.see)
            lines = logical_lines(resolved.read_text(encoding="utf-8"))
        # What is left of the resolution keeps its versions, not the passwords of its addresses.
        kept = "".join(f"{_without_passwords(line)}\n" for line in lines)
        lockfile.write_text(kept, encoding="utf-8")
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
        with self._counted(total) as progress:
            if not self._requirements.is_empty:
                with self._source() as (source, secrets):
                    installation = Installation(source, secrets=secrets)
                    self._backend.install(self._venv.python, installation, progress.see)

    def run(self, steps: Steps) -> None:
        """Install both steps of a lock."""
        # A lock is complete: only one whose packages are all there is still checked for it.
        alone = bool(steps.local)
        with self._counted(steps.count) as progress:
            if steps.packages:
                self._step(steps.packages, progress, check_hashes=steps.has_hashes, alone=alone)
            if steps.local:
                self._step(steps.local, progress, check_hashes=False, alone=True)

    def _step(
        self,
        lines: Sequence[RequirementLine],
        progress: InstallProgress,
        *,
        check_hashes: bool,
        alone: bool,
    ) -> None:
        # Index options of the requirements belong to the installation as well, but never into a lock.
        texts = (*self._requirements.options, *(line.text for line in lines))
        with self._file("install.txt", texts) as (file, secrets):
            installation = Installation(file, check_hashes, alone, secrets)
            self._backend.install(self._venv.python, installation, progress.see)

    @contextlib.contextmanager
    def _counted(self, total: int) -> Iterator[InstallProgress]:
        progress = InstallProgress(self._toolbox.reporter, total)
        progress.start()
        yield progress
        progress.finish()

    @contextlib.contextmanager
    def _source(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Yield the file for the tools: the user's own, or one written out of another format."""
        requirements = self._requirements
        if requirements.file is not None and requirements.rewritten is None:
            yield requirements.file, ()
            return
        lines = requirements.lines if requirements.rewritten is None else requirements.rewritten
        with self._file("requirements.in", lines) as written:
            yield written

    @contextlib.contextmanager
    def _file(self, name: str, lines: Iterable[str]) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Yield a file of requirements that goes when the tool has read it, and what is not in it."""
        public, secrets = part_secrets(lines)
        with self._private_folder() as folder:
            path = folder / name
            path.write_text("".join(f"{line}\n" for line in public), encoding="utf-8")
            yield path, tuple(secrets)

    @contextlib.contextmanager
    def _private_folder(self) -> Iterator[Path]:
        """Yield a folder for what may have passwords in its addresses: never in the environment itself."""
        scratch = self._toolbox.runner.temporary
        with tempfile.TemporaryDirectory(prefix="synapse-", dir=scratch) as folder:
            yield Path(folder)


def _without_passwords(line: str) -> str:
    return redact(line) if "://" in line else line
