"""The scripts `dev` of the templates keep compiling while somebody edits the Python."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from .conftest import NODE, Project, Projects, Workshop

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

# How long a change may take to show.
SECONDS = 60.0
pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture
def project(workshop: Workshop, projects: Projects) -> Project:
    """A project of its own, since it is edited; when no other is in the making, for quick answers."""
    for made in projects.values():
        made.result()
    return workshop.again(projects["module", "uv"], "uv", "development")


def test_it_compiles_again_what_an_edit_of_the_python_changes(
    project: Project, popen_synapse: Callable[..., subprocess.Popen[str]]
) -> None:
    script = json.loads((project.folder / "package.json").read_text())["scripts"]["dev"]
    synapse_dev, _, compiler = script.partition(" -- tsc ")
    assert synapse_dev == "synapse dev ."
    tsc = project.packages / "typescript" / "bin" / "tsc"
    arguments = ("dev", ".", "--", NODE, tsc, *compiler.split())
    process = popen_synapse(*arguments, cwd=project.folder)
    main = project.module / "main.py"
    try:
        read_until(process, "Found 0 errors.")
        main.write_text(main.read_text().replace("def summarize(", "def condense("))
        read_until(process, "Property 'summarize' does not exist")
    finally:
        process.terminate()


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what a command prints until it has printed some words; it is ended if that takes too long."""
    assert process.stdout is not None
    # Not killed: it takes the compiler along, which writes to the same pipe.
    watchdog = threading.Timer(SECONDS, process.terminate)
    watchdog.start()
    lines = []
    try:
        for line in process.stdout:
            lines.append(line)
            if words in line:
                return
        pytest.fail(f"never printed {words!r}:\n{''.join(lines)}")
    finally:
        watchdog.cancel()
