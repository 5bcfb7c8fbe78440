"""Makes a bundle: a folder with a module and all that it runs on, but for the Python itself.

Everything is put together in a folder beside the final place and appears there by one rename.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env import ModuleEnvironmentError, ToolRunner
from synapse_worker.env.backends import Toolbox, explained, export_lock
from synapse_worker.env.build.cache_use import cache_in_use
from synapse_worker.env.build.scratch import scratch_folder
from synapse_worker.env.errors import INVALID_CONFIG, unwritable
from synapse_worker.env.events import Reporter, discard
from synapse_worker.env.layout import BUNDLE_NAME, VenvLayout
from synapse_worker.env.locking.source import refuse_stale_lock
from synapse_worker.env.sources.requirements import read_requirements
from synapse_worker.env.sync import prepare
from synapse_worker.env.tools.diagnosis import diagnose
from synapse_worker.env.tools.toolrun import ToolError

from .compilation import compile_bundle
from .copying import copy_selection, normalize, set_times
from .environment import Construction, build_portable, sign
from .inspection import (
    check_credentials,
    check_wheels,
    files_that_mention,
    installed_packages,
    private_files,
)
from .manifest import Manifest, describe_tree
from .selection import select_files
from .settings import read_bundle_settings
from .staging import ELSEWHERE, check_output, publish, staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.env import EnvironmentRequest, EventSink, Marker, Project
    from synapse_worker.env.expectation import Expectation
    from synapse_worker.env.runtime import Runtime
    from synapse_worker.env.sources.requirements import Requirements

    from .selection import Selection


@dataclass(frozen=True)
class BundleRequest:
    """Which module, where to, and how."""

    environment: EnvironmentRequest
    output: Path
    # Put it in the place of a bundle that is there.
    replace: bool = False
    # Keep the files that its environment is installed from.
    wheels: bool = True


@dataclass(frozen=True)
class Bundle:
    """A finished bundle, and what its maker should know."""

    directory: Path
    manifest: Manifest
    # Path in the module → why it was left out.
    omitted: dict[str, str]
    warnings: tuple[str, ...]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(entry.size for entry in self.manifest.files.values())


def make_bundle(
    request: BundleRequest,
    on_event: EventSink = discard,
    *,
    on_runner: Callable[[ToolRunner], None] = lambda _runner: None,
) -> Bundle:
    """Make a bundle of a module; the module's own folder is only read.

    `on_runner` receives the runner of the tools before the first starts: its `stop()` ends the work.

    Raises:
        ModuleEnvironmentError: it cannot be made, and then nothing is left of it.
    """
    project, expected, runtime = prepare(request.environment)
    place = Path(os.path.abspath(request.output))
    output = Path(os.path.realpath(place.parent), place.name)
    check_output(output, expected.directory, replace=request.replace)
    if os.path.lexists(expected.directory / BUNDLE_NAME):
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{expected.directory}" has a {BUNDLE_NAME} already: it is a bundle itself, or a file is in '
            "the way.",
            hint="Make the bundle from the module's own folder.",
        )
    with staged(output) as (staging, lock_fd):
        assembly = _Assembly(
            request, project, expected, runtime, Reporter(on_event, module=expected.directory.name)
        )
        runner = ToolRunner(
            cwd=expected.directory,
            lock_fds=(lock_fd,),
            log_path=VenvLayout.of(staging).log,
            reporter=assembly.reporter,
        )
        on_runner(runner)
        try:
            with (
                cache_in_use(runner, assembly.reporter, request.environment.lock_timeout_s),
                scratch_folder(output) as runner.temporary,
            ):
                bundle = assembly.put_together(staging, output, runner)
            publish(staging, output, replace=request.replace)
        except ToolError as failed:
            raise explained(diagnose(failed), request.environment.fetching) from failed
        except BrokenPipeError:
            raise  # whoever watched the events has gone
        except OSError as problem:
            path = Path(problem.filename or output)
            raise unwritable(path, problem, ELSEWHERE) from problem
    return bundle


class _Assembly:
    """One bundle being made."""

    def __init__(
        self,
        request: BundleRequest,
        project: Project,
        expected: Expectation,
        runtime: Runtime,
        reporter: Reporter,
    ) -> None:
        self.reporter = reporter
        self._request = request
        self._project = project
        self._expected = expected
        self._runtime = runtime
        self._entrypoint = project.chosen_entrypoint(request.environment.entrypoint)

    def put_together(self, staging: Path, output: Path, runner: ToolRunner) -> Bundle:
        """Fill the staging folder and describe what is in it."""
        directory = self._expected.directory
        settings = read_bundle_settings(directory)
        selection = select_files(directory, settings, frozenset({staging, output}))
        self._check(selection)
        refuse_stale_lock(directory, self._project, self._entrypoint)
        requirements = read_requirements(
            directory,
            self._project,
            self._entrypoint,
            export_lock=partial(export_lock, runner),
        )
        check_credentials(selection, requirements)
        if self._request.wheels:
            check_wheels(selection)
        marker = self._build(requirements, staging, runner)
        copy_selection(selection, staging)
        normalize(staging)
        assert marker.interpreter is not None
        base = Path(marker.interpreter.base)
        compile_bundle(staging, base, runner)
        sign(marker, staging, self._project.python)
        set_times(staging)
        manifest = self._describe(marker, staging)
        manifest.write(staging)
        set_times(staging)
        warnings = (*private_files(selection), *files_that_mention(staging, staging))
        return Bundle(output, manifest, selection.omitted, warnings)

    def _build(self, requirements: Requirements, staging: Path, runner: ToolRunner) -> Marker:
        request = self._request.environment
        runner.hide(requirements.text)
        toolbox = Toolbox(
            self._expected.directory,
            runner,
            self.reporter,
            self._runtime,
            request.fetching,
            request.lock_timeout_s,
        )
        wheels = self._request.wheels
        return build_portable(
            Construction(self._expected, requirements, request, toolbox, wheels), staging
        )

    def _check(self, selection: Selection) -> None:
        if self._entrypoint in selection.files or self._entrypoint in selection.links:
            return
        reason = selection.omitted.get(self._entrypoint)
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'The entrypoint "{self._entrypoint}" '
            + ("does not exist." if reason is None else f"is left out ({reason})."),
            hint="Name it in [tool.synapse] entrypoint or with --entrypoint; include under "
            "[tool.synapse.bundle] takes along what is left out.",
        )

    def _describe(self, marker: Marker, staging: Path) -> Manifest:
        assert marker.platform is not None
        files, links = describe_tree(staging)
        return Manifest(
            name=self._project.name or self._expected.directory.name,
            entrypoint=self._entrypoint,
            synapse=asdict(self._runtime.identity),
            python=marker.platform,
            packages=installed_packages(VenvLayout.of(staging)),
            files=files,
            links=links,
        )
