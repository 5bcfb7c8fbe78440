"""Builds the environment of a bundle: the module's own requirements, in a folder apart from it.

It is built by the same steps as any other environment. What differs: versions that the module's own
environment has are kept, so that what was tried is what is carried; and nothing is installed as a link
to its folder (`-e`), because that folder stays behind.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.env.build.builder import Builder, Plan
from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.discovery.platform import probe_platform
from synapse_worker.env.export import pinned_lines
from synapse_worker.env.layout import VENV_NAME, VenvLayout
from synapse_worker.env.locking.download import Downloads
from synapse_worker.env.locking.wheelhouse import WheelhouseWriter
from synapse_worker.env.marker import Launch, Marker, write_marker
from synapse_worker.env.relocation.elf import program_loader
from synapse_worker.env.relocation.settlement import link_interpreter
from synapse_worker.env.sources.inputs import read_input
from synapse_worker.env.status import environment_status

from .manifest import WHEELS_NAME
from .needs import oldest_glibc
from .portable import make_portable

if TYPE_CHECKING:
    from synapse_worker.env import EnvironmentRequest
    from synapse_worker.env.backends import Toolbox
    from synapse_worker.env.expectation import Expectation
    from synapse_worker.env.sources.requirements import Requirements

_EDITABLE = re.compile(r"^(?:-e|--editable)[\s=]*")


@dataclass(frozen=True)
class Construction:
    """All it takes to build the environment of one module."""

    expected: Expectation
    requirements: Requirements
    request: EnvironmentRequest
    toolbox: Toolbox
    # Keep the files that it is installed from, for another installation without an index.
    wheels: bool


def build_portable(construction: Construction, bundle: Path) -> Marker:
    """Build `<bundle>/.venv`, make it portable and return the marker it then has, paths relative.

    Raises:
        ModuleEnvironmentError: see the codes of `env.errors`.
        ToolError: the versions could not be resolved, or the wheels not be had.
    """
    expected = replace(construction.expected, home=bundle, share=False)
    requirements = _pinned(construction, bundle)
    plan = Plan(expected, requirements, construction.request.backend)
    built = Builder(plan, construction.toolbox).build(environment_status(expected))
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


def _pinned(construction: Construction, bundle: Path) -> Requirements:
    """Settle what is installed: exact versions, `-e FOLDER` as the plain `FOLDER`; keep its wheels."""
    requirements, toolbox = construction.requirements, construction.toolbox
    base = find_interpreter(
        construction.expected.python_request, requirements.requires_python, toolbox.directory
    )
    pinned = pinned_lines(requirements, construction.request, toolbox, base)
    lines = tuple(_EDITABLE.sub("", line) for line in pinned)
    if construction.wheels:
        # virtualenv and pip-tools come with the npm package wherever they are needed.
        without_tools = replace(toolbox, runtime=replace(toolbox.runtime, tools=None))
        downloads = Downloads(without_tools, base)
        writer = WheelhouseWriter(without_tools, base, downloads, requirements.options)
        writer.write(lines, bundle / WHEELS_NAME)
        name = f"synapse_worker-{toolbox.runtime.identity.version}-py3-none-any.whl"
        (bundle / WHEELS_NAME / name).write_bytes(toolbox.runtime.wheel())
    return replace(
        requirements, lines=lines, file=None, rewritten=None, constraints=(), is_locked=True
    )
