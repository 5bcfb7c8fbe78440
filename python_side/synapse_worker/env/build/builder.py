"""Brings one module's environment into the state that is asked for, under the module's lock.

The order of steps is what makes a killed build harmless: ownership first (the folder appears as
`.venv` with a "building" marker already in it), changes only while the marker says "building", and
the "ready" marker last. A `.venv` without our marker is the user's own: it is only added to. One that
is made anew stands aside until the new one is ready: a failure puts it back.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..backends import Toolbox, choose_backend, explained
from ..discovery.interpreters import Interpreter, find_interpreter, misfit
from ..errors import (
    BUILD_FAILED,
    PYTHON_UNSUPPORTED,
    ModuleEnvironmentError,
    folder_gone,
    unwritable,
)
from ..marker import InterpreterIdentity, Launch, Marker, write_marker
from ..status import REBUILD, environment_status
from ..tools.diagnosis import diagnose
from ..tools.toolrun import ToolError
from ..wheel import LAUNCHER
from .codec import installed_codec
from .completion import Completion
from .examination import Findings, examine
from .folder import EnvironmentFolder
from .install import install_requirements
from .verification import verify_distributions

if TYPE_CHECKING:
    from ..backends import Backend
    from ..backends.choice import BackendName
    from ..expectation import Expectation
    from ..sources.requirements import Requirements
    from ..status import Status


@dataclass(frozen=True)
class Plan:
    """What is to be built, and how."""

    expected: Expectation
    requirements: Requirements
    backend: BackendName


class Builder:
    """One build. Used once, by the holder of the lock."""

    def __init__(self, plan: Plan, toolbox: Toolbox) -> None:
        self._plan = plan
        self._toolbox = toolbox
        self._reporter = toolbox.reporter
        self._directory = plan.expected.directory
        # What holds `.venv` is the module's own folder, or its home in the cache.
        self._folder = EnvironmentFolder(plan.expected.home or self._directory, self._directory)
        self._venv = self._folder.venv

    def build(self, status: Status) -> Marker:
        """Do what `status` says is missing and return the marker of the finished environment.

        Raises:
            ModuleEnvironmentError: see the codes in `errors`; the environment then is not ready.
        """
        try:
            return self._build_cleanly(status)
        except BrokenPipeError:
            raise  # whoever watched the events has gone: no fault of the environment's
        except (ToolError, ModuleEnvironmentError, OSError) as problem:
            if not self._folder.is_in_place():
                raise folder_gone(self._folder.home, problem) from problem
            if isinstance(problem, ToolError):
                error = diagnose(problem, log_path=self._log_path())
                raise explained(error, self._toolbox.fetching) from problem
            if isinstance(problem, OSError):
                raise unwritable(Path(problem.filename or self._venv.root), problem) from problem
            raise

    def _build_cleanly(self, status: Status) -> Marker:
        is_brought_back = self._folder.bring_back()
        self._folder.remove_leftovers()
        if is_brought_back:
            status = self._status_again(status)
            if status.is_ready and status.marker is not None:
                return status.marker
        try:
            return self._build(status)
        except BaseException:
            with contextlib.suppress(OSError):  # the reason why it failed says more
                self._folder.bring_back()
            raise
        finally:
            with contextlib.suppress(OSError):  # what is left, the next build removes
                self._folder.remove_leftovers()

    def _status_again(self, before: Status) -> Status:
        """Return the status of the environment that is there now, with the wish to make it anew."""
        now = environment_status(self._plan.expected)
        return now.asked_to_rebuild() if "rebuild" in before.aspects else now

    def _build(self, status: Status) -> Marker:
        self._folder.refuse_broken_link()
        marker = status.marker
        if marker is None and not self._folder.is_free():
            return self._adopt()
        if marker is not None and not marker.owned:
            self._folder.refuse_anothers(marker)
        self._venv.log.unlink(missing_ok=True)
        if marker is not None and not marker.owned:
            return self._adopt()
        if (
            marker is None
            or status.aspects & REBUILD
            or self._misfit(self._base_of(marker).version)
        ):
            return self._create()
        return self._update(marker, status)

    def _create(self) -> Marker:
        """Build an environment of our own from nothing."""
        base, backend = self._choose()
        self._reporter.phase("create", f"Creating .venv with Python {base.version_text}")
        marker = self._place_folder(backend)
        backend.create(self._venv.root, base)
        install_requirements(self._plan.requirements, backend, self._toolbox, self._venv)
        return self._finish(marker, backend, base)

    def _choose(self) -> tuple[Interpreter, Backend]:
        """Find the Python that is asked for, and what builds an environment with it."""
        self._reporter.phase("python", "Looking for a Python")
        requires_python = self._plan.requirements.requires_python
        request = self._plan.expected.python_request
        base = find_interpreter(request, requires_python, self._directory)
        return base, choose_backend(self._plan.backend, self._toolbox, base)

    def _update(self, marker: Marker, status: Status) -> Marker:
        """Bring our own environment up to date in place."""
        requirements = self._plan.requirements
        base = self._base_of(marker)
        backend = choose_backend(self._plan.backend, self._toolbox, base)
        is_same = marker.requirements_sha256 == requirements.sha256
        changed = "inputs" in status.aspects and not is_same
        if changed:
            install_requirements(
                requirements,
                backend,
                self._toolbox,
                self._venv,
                # A failed resolution has touched nothing: the old environment stays as it was.
                before_install=lambda: self._folder.sign(marker.building(), over=marker),
            )
        return self._finish(marker, backend, base)

    def _adopt(self) -> Marker:
        """Add to an environment that is the user's own; nothing in it is removed."""
        findings = self._examine_users()
        version = findings.version_info
        base = Interpreter(Path(findings.base), version)
        backend = choose_backend(self._plan.backend, self._toolbox, base)
        marker = Marker("building", owned=False, directory=str(self._directory))
        self._venv.private.mkdir(exist_ok=True)
        write_marker(self._venv.marker, marker)
        install_requirements(
            self._plan.requirements, backend, self._toolbox, self._venv, additive=True
        )
        return self._finish(marker, backend, base)

    def _examine_users(self) -> Findings:
        self._venv.refuse_no_environment()
        findings = examine(self._venv, self._toolbox.runner)
        inside = os.path.realpath(findings.purelib)
        if not inside.startswith(os.path.join(os.path.realpath(self._venv.root), "")):
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f'"{self._venv.root}" is in the way: its Python keeps packages in "{inside}", outside '
                "of it.",
                hint="Make a real environment there (`python -m venv .venv`), or delete it; Synapse "
                "then makes its own.",
            )
        if reason := self._misfit(findings.version_info):
            raise ModuleEnvironmentError(
                PYTHON_UNSUPPORTED,
                f'Your own environment "{self._venv.root}" has Python {findings.version}: {reason}.',
                hint="Synapse never rebuilds an environment it did not make: delete it, or make it "
                "again with the Python you want.",
            )
        return findings

    def _misfit(self, version: tuple[int, ...]) -> str | None:
        """Say why the module cannot have this version of Python; None where it can."""
        request = self._plan.expected.python_request
        return misfit(version, request, self._plan.requirements.requires_python, self._directory)

    def _base_of(self, marker: Marker) -> Interpreter:
        assert marker.interpreter is not None  # a marker without one is rebuilt
        version = tuple(int(part) for part in marker.interpreter.version.split("."))
        return Interpreter(Path(marker.interpreter.base), version)

    def _place_folder(self, backend: Backend) -> Marker:
        marker = Marker(
            "building", owned=True, directory=str(self._directory), backend=backend.name
        )
        self._folder.place(marker)
        return marker

    def _finish(self, marker: Marker, backend: Backend, base: Interpreter) -> Marker:
        """Put in what is ours, look at the result and sign it."""
        toolbox, venv, expected = self._toolbox, self._venv, self._plan.expected
        if marker.state != "building":
            self._folder.sign(marker.building(), over=marker)
            marker = marker.building()
        venv.private.mkdir(exist_ok=True)
        findings = Completion(expected, backend, toolbox, base).complete(marker)
        script = Path(findings.purelib, LAUNCHER)
        verify_distributions(Path(findings.purelib), self._reporter)
        status = os.stat(findings.base)
        ready = replace(
            marker,
            state="ready",
            runtime=expected.runtime,
            inputs=self._plan.requirements.inputs,
            requirements_sha256=self._plan.requirements.sha256,
            python_request=expected.python_request,
            interpreter=InterpreterIdentity(
                path=str(venv.python),
                version=findings.version,
                base=findings.base,
                base_size=status.st_size,
                base_mtime_ns=status.st_mtime_ns,
            ),
            launch=Launch(python=str(venv.python), script=str(script)),
            codec=installed_codec(findings),
            backend=backend.name,
            built_at=dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
        )
        self._folder.sign(ready, over=marker)
        return ready

    def _log_path(self) -> Path | None:
        return self._toolbox.runner.saved_log()
