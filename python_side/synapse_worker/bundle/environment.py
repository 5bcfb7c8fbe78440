"""Builds the environment of a bundle: the module's own requirements, in a folder apart from it.

It is built by the same steps as any other environment. What differs: nothing is installed as a link to
its folder (`-e`), because that folder stays behind.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env.backends import Toolbox
from synapse_worker.env.build.builder import Builder, Plan
from synapse_worker.env.layout import VENV_NAME, VenvLayout
from synapse_worker.env.marker import Launch, Marker, write_marker
from synapse_worker.env.relocation.elf import program_loader
from synapse_worker.env.relocation.platform import probe_platform
from synapse_worker.env.relocation.settlement import link_interpreter
from synapse_worker.env.sources.inputs import read_input
from synapse_worker.env.sources.requirements_file import read_requirements_file
from synapse_worker.env.status import environment_status

from .needs import oldest_glibc
from .portable import make_portable

if TYPE_CHECKING:
    from synapse_worker.env import EnvironmentRequest
    from synapse_worker.env.events import Reporter
    from synapse_worker.env.runtime import Runtime
    from synapse_worker.env.sources.requirements import Requirements
    from synapse_worker.env.status import Expectation
    from synapse_worker.env.tools.toolrun import ToolRunner

_EDITABLE = re.compile(r"^(?:-e|--editable)[\s=]*")


@dataclass(frozen=True)
class Construction:
    """All it takes to build the environment of one module."""

    expected: Expectation
    requirements: Requirements
    request: EnvironmentRequest
    runtime: Runtime


def build_portable(
    construction: Construction, bundle: Path, runner: ToolRunner, reporter: Reporter
) -> Marker:
    """Build `<bundle>/.venv`, make it portable and return the marker it then has, paths relative.

    Raises:
        ModuleEnvironmentError: see the codes of `env.errors`.
    """
    expected = replace(construction.expected, home=bundle, share=False)
    requirements = _without_links(construction.requirements, expected.directory)
    request, runtime = construction.request, construction.runtime
    toolbox = Toolbox(expected.directory, runner, reporter, runtime, request.fetching)
    plan = Plan(expected, requirements, request.backend)
    built = Builder(plan, toolbox).build(environment_status(expected))
    assert built.interpreter is not None
    assert built.launch is not None
    venv = expected.venv
    base = Path(built.interpreter.base)
    offered = probe_platform(base)
    needed = replace(offered, glibc=oldest_glibc(venv.root, offered.glibc))
    make_portable(venv)
    script = Path(built.launch.script).relative_to(Path(os.path.realpath(bundle)))
    return replace(
        built,
        directory="",
        relocatable=True,
        platform=needed,
        python_request=None,
        built_at=None,
        interpreter=replace(
            built.interpreter, path=f"{VENV_NAME}/bin/python", loader=program_loader(base)
        ),
        launch=Launch(python=f"{VENV_NAME}/bin/python", script=script.as_posix()),
    )


def sign(marker: Marker, bundle: Path, python_request: str | None) -> None:
    """Write what makes the environment ready, once the module's files stand beside it."""
    venv = VenvLayout.of(bundle)
    assert marker.interpreter is not None
    link_interpreter(venv, Path(marker.interpreter.base), marker)
    # Files outside of the module stay behind: nothing in the bundle depends on them any more.
    own = [entry for entry in marker.inputs if not _is_outside(entry.path)]
    inputs = tuple(read_input(bundle, bundle / entry.path) for entry in own)
    write_marker(venv.marker, replace(marker, inputs=inputs, python_request=python_request))


def _is_outside(path: str) -> bool:
    return os.path.isabs(path) or path.split("/")[0] == ".."


def _without_links(requirements: Requirements, directory: Path) -> Requirements:
    """Return the requirements with `-e FOLDER` as the plain `FOLDER`, which is copied."""
    if not any(_EDITABLE.match(line) for line in requirements.lines):
        return requirements
    rewritten = requirements.rewritten
    if rewritten is None and requirements.file is not None:
        rewritten = tuple(read_requirements_file(requirements.file, directory).flat)
    return replace(
        requirements,
        lines=tuple(_EDITABLE.sub("", line) for line in requirements.lines),
        rewritten=None
        if rewritten is None
        else tuple(_EDITABLE.sub("", line) for line in rewritten),
    )
