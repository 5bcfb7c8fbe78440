"""The templates run as they are written: Python tests, TypeScript, Jest, and a call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[3]
JS = ROOT / "js"
NODE = shutil.which("node", path=f"{ROOT}/.make/bin:{os.environ['PATH']}")
# How long a change may take to show.
SECONDS = 60.0
needs_built_package = pytest.mark.skipif(
    NODE is None or not (JS / "dist" / "cjs" / "index.js").is_file(),
    reason="needs Node and the built npm package (make build)",
)
pytestmark = [pytest.mark.slow, pytest.mark.network]


@pytest.fixture(scope="module", params=["module", "raw"])
def project(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, synapse: Synapse
) -> Path:
    """A freshly initialised project with its environment built."""
    folder = tmp_path_factory.mktemp("projects") / str(request.param)
    assert (
        synapse("init", folder, "--template", str(request.param), "--link", "^0.1.0").returncode
        == 0
    )
    done = synapse("env", "sync", folder, "--backend", "uv")
    assert done.returncode == 0, done.stderr
    return folder


def run(command: list[str | Path], project: Path) -> str:
    done = subprocess.run(
        list(map(str, command)),
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_its_python_tests_pass(project: Path) -> None:
    assert " passed" in run([".venv/bin/python", "-m", "pytest", "-q"], project)


def test_the_call_its_readme_shows_works(project: Path, synapse: Synapse) -> None:
    arguments = {
        "module": ["summarize", "--args", '["to be or not"]', "--kwargs", '{"binary": true}'],
        "raw": ["-", "--args", '{"value": 21}'],
    }
    results = {
        "module": {"words": 4, "longest": "not", "size": "12 Bytes"},
        "raw": {"doubled": 42},
    }
    done = synapse("call", ".", *arguments[project.name], "--json", cwd=project)
    assert json.loads(done.stdout) == results[project.name], done.stderr


def link_packages(project: Path) -> Path:
    """Give a project the development tools and the built package, and return its node_modules."""
    modules = project / "node_modules"
    if not modules.exists():
        modules.mkdir()
        for path in (JS / "node_modules").iterdir():
            (modules / path.name).symlink_to(path)
        (modules / "synapse-worker").symlink_to(JS)
    return modules


@needs_built_package
def test_its_typescript_compiles_runs_and_passes_its_jest_tests(
    project: Path, synapse: Synapse
) -> None:
    modules = link_packages(project)
    assert NODE is not None
    if project.name == "module":
        assert synapse("generate", ".", cwd=project).returncode == 0
    run([NODE, modules / "typescript" / "bin" / "tsc"], project)
    said = {"module": "3 × the", "raw": "doubled: 42"}
    assert said[project.name] in run([NODE, "dist/main.js"], project)
    assert "0 failed" not in run(
        [NODE, "--experimental-vm-modules", modules / "jest" / "bin" / "jest.js"], project
    )


@needs_built_package
def test_its_development_script_compiles_again_what_an_edit_of_the_python_changes(
    project: Path, popen_synapse: Callable[..., subprocess.Popen[str]]
) -> None:
    script = json.loads((project / "package.json").read_text())["scripts"].get("dev")
    if project.name == "raw":
        assert script is None, "a raw module has no client to keep"
        return
    synapse_dev, _, compiler = script.partition(" -- tsc ")
    assert synapse_dev == "synapse dev ."
    tsc = link_packages(project) / "typescript" / "bin" / "tsc"
    arguments = ("dev", ".", "--", NODE, tsc, *compiler.split())
    process = popen_synapse(*arguments, cwd=project)
    main = project / "main.py"
    good = main.read_text()
    try:
        read_until(process, "Found 0 errors.")
        main.write_text(good.replace("def summarize(", "def condense("))
        read_until(process, "Property 'summarize' does not exist")
    finally:
        main.write_text(good)


def read_until(process: subprocess.Popen[str], words: str) -> None:
    """Read what a command prints until it has printed some words; it is killed if that takes too long."""
    assert process.stdout is not None
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    try:
        assert any(words in line for line in process.stdout), f"never printed {words!r}"
    finally:
        watchdog.cancel()
