"""One module: its folder, settings, requirements, dialect, Python and environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect

from ..env.discovery.interpreters import find_interpreter
from ..env.errors import INVALID_CONFIG, REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..env.layout import BUNDLE_NAME, VenvLayout
from ..env.locking.source import stale_lock
from ..env.sources.plain_file import read_plain
from ..env.sources.project import read_project
from ..env.status import REBUILD
from .asked_for import readable_requirements, requirements_of
from .finding import Finding, command, error, ok, warning
from .folder_lock import builder_in
from .readiness import module_status

if TYPE_CHECKING:
    from ..env.marker import Marker
    from ..env.sources.project import Project
    from ..env.sources.requirements import Requirements
    from ..env.status import Status
    from .finding import Findings
    from .request import DoctorRequest


@dataclass(frozen=True)
class ModuleCheck:
    """The examinations of one module; each stands alone, so that one that hangs hides no other."""

    directory: Path
    request: DoctorRequest

    def sources(self) -> Findings:
        """Check what the module says of itself: settings, entrypoint, dialect, requirements."""
        project = self._project()
        if isinstance(project, Finding):
            yield project
            return
        yield from self._entrypoint(project)
        try:
            found = requirements_of(self.directory, project)
            stale = stale_lock(self.directory, project, project.entrypoint)
        except ModuleEnvironmentError as problem:
            yield _from_error("module.requirements", problem)
            return
        yield from self._requirements(found)
        if stale is not None:
            fix = command("synapse", "env", "lock", self.directory)
            yield error("module.lock", f"Its lock is stale: {stale}", fix)

    def interpreter(self) -> Findings:
        """Check that the Python it asks for is there."""
        project = self._project()
        if isinstance(project, Finding):
            return  # `sources` says why
        if os.path.isfile(self.directory / BUNDLE_NAME):
            return  # it brings the environment of one Python, and `environment` judges it
        try:
            asked = readable_requirements(self.directory)
            allowed = asked.requires_python if asked else None
            found = find_interpreter(project.python, allowed, self.directory)
        except ModuleEnvironmentError as problem:
            yield _from_error("module.python", problem)
            return
        yield ok(
            "module.python",
            f"It would be built with Python {found.version_text} ({found.path}).",
            version=found.version_text,
            path=str(found.path),
        )

    def environment(self) -> Findings:
        """Check whether its environment is ready, and why not."""
        try:
            status = module_status(self.directory)
        except ModuleEnvironmentError as problem:
            if problem.code not in {INVALID_CONFIG, REQUIREMENTS_INVALID}:  # `sources` says those
                yield _from_error("module.environment", problem)
            return
        details: dict[str, object] = {
            "ready": status.is_ready,
            "reasons": [{"aspect": one.aspect, "message": one.message} for one in status.findings],
        }
        if status.is_ready and status.marker is not None:
            yield self._ready(status.marker, details)
        elif builder := builder_in(Path(os.path.realpath(self.directory))):
            building = f"Its environment is being built right now, by {builder}."
            yield Finding("module.environment", "info", building, details=details)
        else:
            yield from self._lacking(status, details)

    def _ready(self, marker: Marker, details: dict[str, object]) -> Finding:
        version = f" (Python {marker.interpreter.version})" if marker.interpreter else ""
        if not marker.relocatable:
            return ok("module.environment", f"Its environment is ready{version}.", **details)
        return Finding(
            "module.environment",
            "info",
            f"It is a bundle and starts here{version}; whether each file is as it was made is another question.",
            command("synapse", "bundle", "--verify", self.directory),
            details=details,
        )

    def _lacking(self, status: Status, details: dict[str, object]) -> Findings:
        """Say what a build would do, and how to have it now."""
        # What is wrong with a lock `sources` says; a build refuses it, so that comes first.
        aspects = status.aspects - {"lock"}
        if not aspects:
            return
        reasons = " ".join(one.message for one in status.findings if one.aspect != "lock")
        fix = command("synapse", "env", "sync", self.directory)
        if "lock" in status.aspects:
            fix = f"{command('synapse', 'env', 'lock', self.directory)} && {fix}"
        if status.marker is None and aspects == {"unfinished"}:
            yield self._unmarked(fix, details)
        elif aspects == {"missing"}:
            absent = f"{reasons} The first start builds it."
            yield Finding("module.environment", "info", absent, fix, details=details)
        elif aspects & REBUILD:
            yield error(
                "module.environment", f"Its environment is broken: {reasons}", fix, **details
            )
        else:
            yield warning(
                "module.environment", f"Its environment is out of date: {reasons}", fix, **details
            )

    def _unmarked(self, fix: str, details: dict[str, object]) -> Finding:
        """Say what a build would do to a .venv that Synapse has not made."""
        venv = VenvLayout.of(self.directory)
        said = "It has a .venv of your own: packages are added to it, and nothing is taken away."
        if venv.is_empty():
            said = "Its .venv is an empty folder. The first start builds the environment there."
        else:
            try:
                venv.refuse_no_environment()
            except ModuleEnvironmentError as problem:
                return _from_error("module.environment", problem)
        return Finding("module.environment", "info", said, fix, details=details)

    def _project(self) -> Project | Finding:
        if not os.path.isdir(self.directory):
            return error(
                "module.folder",
                f'There is no folder "{self.directory}".',
                command("synapse", "init", self.directory),
            )
        try:
            return read_project(self.directory)
        except ModuleEnvironmentError as problem:
            return _from_error("module.settings", problem)

    def _entrypoint(self, project: Project) -> Findings:
        path = self.directory / project.entrypoint
        try:
            dialect = decide_dialect(read_plain(path), project.entrypoint)
        except OSError as problem:
            yield error(
                "module.entrypoint",
                f'Its entrypoint "{path}" cannot be read: {problem.strerror}.',
                'Name another in its pyproject.toml: [tool.synapse] with entrypoint = "FILE.py"',
            )
        except DialectUndecidedError as problem:
            yield error(
                "module.dialect",
                str(problem),
                "Import synapse_worker in it, or give connect() the option dialect.",
            )
        except SyntaxError as problem:
            yield error(
                "module.syntax",
                f"{path}:{problem.lineno}: {problem.msg}.",
                f"Correct line {problem.lineno} of {path}.",
                file=str(path),
                line=problem.lineno,
            )
        else:
            kind = "a module" if dialect == "native" else "a raw script"
            yield ok("module.entrypoint", f"{project.entrypoint} is {kind}.", dialect=dialect)

    def _requirements(self, found: Requirements) -> Findings:
        count = sum(not line.startswith("-") or line.startswith("-e") for line in found.lines)
        if count == 0:
            yield ok(
                "module.requirements", "It asks for no packages.", source=found.source, count=0
            )
            return
        yield ok(
            "module.requirements",
            f"It asks for {count} package{'' if count == 1 else 's'} ({found.source}).",
            source=found.source,
            count=count,
        )


def _from_error(code: str, problem: ModuleEnvironmentError) -> Finding:
    """Return what the environment floor refused, with its own advice."""
    return Finding(
        code, "error", problem.message, problem.hint, tuple(problem.lines), {"code": problem.code}
    )
