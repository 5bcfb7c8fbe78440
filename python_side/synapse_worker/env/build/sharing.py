"""Builds an environment that several modules share: it lives once in the cache, under what it is made of.

A shared environment is never changed: other requirements, another interpreter or another build of
ours make another name. The module's own `.venv` holds its lock and a marker that leads there, so a
module that is ready is found as fast as any, and deleting its `.venv` disturbs nobody else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import sysconfig
from dataclasses import replace
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..expectation import Expectation
from ..homes import NAME_DIGITS, make_home, refer, shared_directory
from ..sources.requirement_line import for_all_tools, parse_requirement_line
from ..sources.requirements import Requirements
from ..status import environment_status
from .builder import Builder, Plan
from .install import resolve_requirements
from .steps import split_lock

if TYPE_CHECKING:
    from pathlib import Path

    from ..backends import Backend
    from ..discovery.interpreters import Interpreter
    from ..marker import Marker
    from ..status import Status


class SharingBuilder(Builder):
    """Builds a module's share in an environment of the cache; used as `Builder` is."""

    _anew = False

    def build(self, status: Status) -> Marker:
        """Do what `status` says is missing and return the marker of the finished environment.

        Raises:
            ModuleEnvironmentError: as for `Builder`; and `REQUIREMENTS_INVALID` for requirements that
                are this module's alone.
        """
        self._anew = "rebuild" in status.aspects
        return super().build(status)

    def _create(self) -> Marker:
        base, backend = self._choose()
        return self._share(self._place_folder(backend), base, backend)

    def _update(self, marker: Marker, status: Status) -> Marker:
        del status  # whatever is missing: what is shared is found, or made, by all it is made of
        base, backend = self._choose()
        return self._share(marker, base, backend)

    def _share(self, marker: Marker, base: Interpreter, backend: Backend) -> Marker:
        requirements, expected = self._plan.requirements, self._plan.expected
        lines = self._lock(base, backend)
        home = shared_directory() / self._fingerprint(lines, base)[:NAME_DIGITS]
        make_home(home)
        with (
            locked(home, timeout_s=self._toolbox.lock_timeout_s, on_wait=self._wait) as lock_fd,
            self._toolbox.runner.also_holding(lock_fd),
        ):
            shared = self._built(home, lines, base)
            ready = replace(
                shared,
                owned=marker.owned,
                directory=str(self._directory),
                inputs=requirements.inputs,
                requirements_sha256=requirements.sha256,
                python_request=expected.python_request,
                built_at=dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds"),
                shared=str(home),
            )
            refer(home, self._directory)
            self._folder.sign(ready, over=marker)
        return ready

    def _built(self, home: Path, lines: list[str], base: Interpreter) -> Marker:
        """Return the marker of the shared environment, built where it is not there yet."""
        expected = self._plan.expected
        there = Expectation(home, expected.runtime, str(base.path), expected.dialect)
        status = environment_status(there)
        if self._anew:
            status = status.asked_to_rebuild()
        elif status.is_ready and status.marker is not None:
            return status.marker
        locked_requirements = Requirements(
            source=self._plan.requirements.source,
            lines=tuple(lines),
            inputs=(),
            options=self._plan.requirements.options,
            is_locked=True,
        )
        plan = Plan(there, locked_requirements, self._plan.backend)
        return Builder(plan, self._toolbox).build(status)

    def _lock(self, base: Interpreter, backend: Backend) -> list[str]:
        """Return every package to the version, as lines."""
        requirements = self._plan.requirements
        if requirements.is_locked:
            parsed = (parse_requirement_line(line, self._directory) for line in requirements.lines)
            lines = [for_all_tools(line) for line in parsed]
        else:
            lines = resolve_requirements(
                requirements, backend, self._toolbox, self._venv, base.path
            )
        if local := split_lock(lines, self._directory).local:
            raise ModuleEnvironmentError(
                REQUIREMENTS_INVALID,
                f'An environment with "{local[0].text}" cannot be shared: what that installs may '
                "change under the same name.",
                hint="Give it a hash, or leave `share-environment` (`--share`) out for this module.",
            )
        return lines

    def _fingerprint(self, lines: list[str], base: Interpreter) -> str:
        """Hash all that the environment is made of; also where from, as indexes may differ."""
        expected = self._plan.expected
        status = os.stat(base.path)
        parts = [
            *(sorted(lines), sorted(self._plan.requirements.options)),
            *(os.path.realpath(base.path), base.version_text, status.st_size, status.st_mtime_ns),
            *(sysconfig.get_platform(), platform.machine(), expected.runtime.sha256),
            expected.dialect == "raw",
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _wait(self, who: str) -> None:
        self._reporter.phase("lock", f"Waiting for {who}, which builds it")
