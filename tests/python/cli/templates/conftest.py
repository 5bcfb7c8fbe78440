"""Makes each template into a project, installed by each backend, offline from one wheelhouse."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
JS = ROOT / "js"
PACKAGES = ROOT / "tests" / "templates" / "node_modules"
NODE = shutil.which("node", path=f"{ROOT}/.make/bin:{os.environ['PATH']}")
TEMPLATES = ("module", "node-app", "ml", "data", "raw")
BACKENDS = ("uv", "virtualenv")
EVERY_ONE = [(template, backend) for backend in BACKENDS for template in TEMPLATES]
TIMEOUT_S = 240

Synapse = Callable[..., "subprocess.CompletedProcess[str]"]
Projects = dict[tuple[str, str], "Future[Project]"]


@dataclass(frozen=True)
class Project:
    """A project made from a template, ready to run."""

    template: str
    backend: str
    folder: Path

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


@dataclass(frozen=True)
class Workshop:
    """Where projects are made."""

    folder: Path
    wheelhouse: Path
    synapse: Synapse

    def compiled(self, template: str) -> Project:
        """Make a project that uv installs; generate its client and compile its TypeScript."""
        project = Project(template, "uv", self.folder / "uv" / template)
        self.succeed("init", project.folder, "--template", template, "--link", "^0.1.0")
        project.packages.mkdir()
        for path in PACKAGES.iterdir():
            (project.packages / path.name).symlink_to(path)
        (project.packages / "synapse-worker").symlink_to(JS)
        self.sync(project)
        if "synapse generate" in (project.folder / "package.json").read_text():
            self.succeed("generate", project.module, cwd=project.folder)
        project.node(project.packages / "typescript" / "bin" / "tsc")
        return project

    def again(self, compiled: Future[Project], backend: str, place: str | None = None) -> Project:
        """Make the same project once more, in another place or installed by another backend."""
        made = compiled.result()
        folder = self.folder / (place or backend) / made.template
        project = replace(made, backend=backend, folder=folder)
        leave_out = shutil.ignore_patterns(".venv", "__pycache__")
        shutil.copytree(made.folder, project.folder, symlinks=True, ignore=leave_out)
        self.sync(project)
        return project

    def sync(self, project: Project) -> None:
        """Install a project's Python from the wheelhouse; no index is asked."""
        offline = ("--offline", "--find-links", self.wheelhouse)
        self.succeed("env", "sync", project.module, "--backend", project.backend, *offline)

    def succeed(self, *arguments: str | Path, **options: str | Path) -> None:
        """Run `synapse …`."""
        done = self.synapse(*arguments, **options)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory, synapse: Synapse) -> Path:
    """Everything that the templates are installed from: the one step that needs an index."""
    module = tmp_path_factory.mktemp("all")
    (module / "main.py").write_text("")
    locks = sorted((ROOT / "templates").glob("**/requirements.txt"))
    # A package begins where a line does; its hashes are indented. Two templates may have the same.
    packages = {
        package: None for lock in locks for package in re.split(r"\n(?=\S)", lock.read_text().strip())
    }
    (module / "requirements.txt").write_text("\n".join(packages) + "\n")
    folder = module.with_name("wheelhouse")
    done = synapse("env", "export", module, "-o", folder, "--backend", "uv")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def workshop(
    tmp_path_factory: pytest.TempPathFactory, synapse: Synapse, wheelhouse: Path
) -> Workshop:
    """Where projects are made, if this machine can."""
    if NODE is None or not (JS / "dist" / "cjs" / "index.js").is_file():
        pytest.skip("needs Node and the built npm package (make build)")
    return Workshop(tmp_path_factory.mktemp("projects"), wheelhouse, synapse)


@pytest.fixture(scope="session")
def projects(workshop: Workshop) -> Iterator[Projects]:
    """Every project, in the making: two at a time."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        made: Projects = {
            (template, "uv"): pool.submit(workshop.compiled, template) for template in TEMPLATES
        }
        for template in TEMPLATES:
            made[template, "virtualenv"] = pool.submit(
                workshop.again, made[template, "uv"], "virtualenv"
            )
        yield made
        pool.shutdown(cancel_futures=True)


@pytest.fixture(params=EVERY_ONE, ids="-".join)
def project(request: pytest.FixtureRequest, projects: Projects) -> Project:
    """Each project there is; a test that is of some alone gives their keys."""
    return projects[request.param].result()
