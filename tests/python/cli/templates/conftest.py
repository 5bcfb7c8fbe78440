"""Makes each template into a project, installed by each backend, offline from one wheelhouse."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Synapse = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[4]
JS = ROOT / "js"
PACKAGES = ROOT / "tests" / "templates" / "node_modules"
NODE = shutil.which("node", path=f"{ROOT}/.make/bin:{os.environ['PATH']}")
TEMPLATES = ("module", "node-app", "ml", "data", "raw")
BACKENDS = ("uv", "virtualenv")
TIMEOUT_S = 120


@dataclass(frozen=True)
class Project:
    """A project made from a template, ready to run."""

    template: str
    backend: str
    folder: Path
    offline: dict[str, str]

    @property
    def module(self) -> Path:
        """The folder of its Python."""
        return self.folder / "python" if self.template == "node-app" else self.folder

    @property
    def packages(self) -> Path:
        """Its node_modules: the packages at tested versions, and the built one."""
        return self.folder / "node_modules"

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run a command to its end, and return all that it said."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=cwd or self.folder,
            env={**os.environ, **self.offline},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def node(self, *arguments: str | Path) -> str:
        """Run Node on a file of the project."""
        assert NODE is not None
        return self.run(NODE, *arguments)


@pytest.fixture(scope="session")
def offline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables that leave both backends one wheelhouse, and no index."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    locks = [
        *sorted((ROOT / "templates").glob("**/requirements.txt")),
        ROOT / "requirements" / "runtime" / "codec.lock",
    ]
    arguments = [word for lock in locks for word in ("--requirement", str(lock))]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--no-deps",
         "--require-hashes", "--dest", str(folder), *arguments],
        check=True,
        timeout=TIMEOUT_S,
    )  # fmt: skip
    wheels = str(folder)
    return {
        **{"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels, "PIP_EXTRA_INDEX_URL": ""},
        **{"UV_NO_INDEX": "1", "UV_FIND_LINKS": wheels},
    }


@pytest.fixture(scope="package", params=TEMPLATES)
def compiled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    synapse: Synapse,
    offline: dict[str, str],
) -> Project:
    """A project that uv installed; its client is generated and its TypeScript compiled."""
    if NODE is None or not (JS / "dist" / "cjs" / "index.js").is_file():
        pytest.skip("needs Node and the built npm package (make build)")
    template = str(request.param)
    folder = tmp_path_factory.mktemp(template) / "uv" / template
    done = synapse("init", folder, "--template", template, "--link", "^0.1.0")
    assert done.returncode == 0, done.stderr
    project = Project(template, "uv", folder, offline)
    link_packages(project)
    sync(project, synapse)
    if "generate" in (folder / "package.json").read_text():
        made = synapse("generate", project.module, cwd=folder)
        assert made.returncode == 0, made.stderr
    project.node(project.packages / "typescript" / "bin" / "tsc")
    return project


@pytest.fixture(scope="package", params=BACKENDS)
def project(request: pytest.FixtureRequest, compiled: Project, synapse: Synapse) -> Project:
    """The same project, and one that virtualenv and pip installed."""
    if request.param == compiled.backend:
        return compiled
    # Under the same name: it is that of the folder in the messages.
    folder = compiled.folder.parent.with_name(request.param) / compiled.template
    shutil.copytree(compiled.folder, folder, symlinks=True, ignore=shutil.ignore_patterns(".venv"))
    project = replace(compiled, backend=str(request.param), folder=folder)
    sync(project, synapse)
    return project


def sync(project: Project, synapse: Synapse) -> None:
    """Build the environment of a project."""
    arguments = ("env", "sync", project.module, "--backend", project.backend)
    done = synapse(*arguments, **project.offline)
    assert done.returncode == 0, done.stderr


def link_packages(project: Project) -> None:
    """Give a project what `npm install` would."""
    project.packages.mkdir()
    for path in PACKAGES.iterdir():
        (project.packages / path.name).symlink_to(path)
    (project.packages / "synapse-worker").symlink_to(JS)
