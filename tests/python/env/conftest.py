"""Shared pieces of the environment tests: tiny wheels, a runtime folder, one tool environment."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import virtualenv.seed.wheels.embed

from synapse_worker.env.backends import Toolbox
from synapse_worker.env.backends.toolset import find_tools
from synapse_worker.env.backends.uv import find_uv
from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.events import Reporter
from synapse_worker.env.runtime import load_runtime
from synapse_worker.env.tools.toolrun import ToolRunner
from synapse_worker.env.wheel import pack_package

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
# Nothing listens on the discard port.
NO_INDEX = "http://127.0.0.1:9/simple"
PACKAGE = ROOT / "python_side" / "synapse_worker"


def write_wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> Path:
    """Write a pure wheel that holds one module with a VERSION in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    dist_info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Dist: {requirement}\n" for requirement in requires]
    with zipfile.ZipFile(path, "w") as archive:
        # The size differs as well: Python trusts a compiled file of equal source size and time.
        body = f"VERSION = {version!r}\n" + "#" * int(float(version) * 10) + "\n"
        archive.writestr(f"{name}.py", body)
        archive.writestr(f"{dist_info}/METADATA", "".join(metadata))
        archive.writestr(
            f"{dist_info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{dist_info}/RECORD", "")
    return path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny wheels: a package index that needs no network."""
    folder = tmp_path_factory.mktemp("wheels")
    write_wheel(folder, "tinyone", "1.0", requires=("tinytwo>=1",))
    write_wheel(folder, "tinyone", "2.0", requires=("tinytwo>=1",))
    write_wheel(folder, "tinytwo", "1.5")
    write_wheel(folder, "tinythree", "1.0", requires=("tinytwo<1",))
    return folder


@pytest.fixture(scope="session")
def tiny_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our package as far as a build looks at it: what is started, and many files around that.

    Most of the processor time of a build goes into compiling it. What is in it does not matter to a
    build, so all other files of the worker are there, and are empty.
    """
    package = tmp_path_factory.mktemp("tiny") / "synapse_worker"
    started = [
        PACKAGE / f"{name}.py"
        for name in ("__init__", "version", "start_image", "start_image_writer")
    ]
    for path in [*started, *PACKAGE.glob("worker/**/*.py")]:
        target = package / path.relative_to(PACKAGE)
        target.parent.mkdir(parents=True, exist_ok=True)
        is_started = path in started or path.name == "launch.py"
        target.write_bytes(path.read_bytes() if is_started else b"")
    return package


@pytest.fixture(scope="session")
def runtime_folder(tmp_path_factory: pytest.TempPathFactory, tiny_package: Path) -> Path:
    """A runtime folder as the npm package carries it, with a tiny wheel."""
    folder = tmp_path_factory.mktemp("runtime")
    wheel = folder / "synapse_worker-0.1.0-py3-none-any.whl"
    wheel.write_bytes(pack_package(tiny_package, "0.1.0"))
    embedded = Path(virtualenv.seed.wheels.embed.__file__).parent
    sources = {
        "pip": max(embedded.glob("pip-*.whl")),
        "tools": ROOT / "requirements" / "runtime" / "tools.lock",
        "codec": ROOT / "requirements" / "runtime" / "codec.lock",
    }
    files = {"wheel": wheel, **{role: Path(shutil.copy(p, folder)) for role, p in sources.items()}}
    entries = {
        role: {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for role, path in files.items()
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "0.1.0", **entries}))
    return folder


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to put on PYTHONPATH: one state of the package for the whole run."""
    folder = tmp_path_factory.mktemp("installation")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "synapse_worker", ignore=ignored)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, session_cache: Path, runtime_folder: Path) -> None:
    monkeypatch.setenv("SYNAPSE_CACHE_DIR", str(session_cache))
    monkeypatch.setenv("SYNAPSE_RUNTIME_DIR", str(runtime_folder))
    # Tools get a folder of their build's, as for a user who names none; this process keeps its own.
    tempfile.gettempdir()
    for name in ("SYNAPSE_PYTHON", "SYNAPSE_UV", "TMPDIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def whole_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let builds install the whole package, packed from here: for tests of what becomes of its files."""
    monkeypatch.delenv("SYNAPSE_RUNTIME_DIR")


@pytest.fixture(scope="session")
def virtualenv_tools(session_cache: Path, runtime_folder: Path) -> None:
    """The tools of the backend virtualenv, fetched with the machine's own settings."""
    reporter = Reporter()
    runner = ToolRunner(cwd=session_cache, lock_fds=(), log_path=None, reporter=reporter)
    toolbox = Toolbox(session_cache, runner, reporter, load_runtime(runtime_folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNAPSE_CACHE_DIR", str(session_cache))
        find_tools(toolbox, find_interpreter(None))


@pytest.fixture
def bare_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, virtualenv_tools: None
) -> pytest.MonkeyPatch:
    """Package settings as on a fresh machine: no index but the default, empty caches, an empty home."""
    uv = find_uv()
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip-cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    # Whatever is asked for without an index of the test's own fails at once: nothing listens there.
    monkeypatch.setenv("PIP_INDEX_URL", NO_INDEX)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    if uv is not None:
        monkeypatch.setenv("SYNAPSE_UV", uv)
    return monkeypatch


@pytest.fixture
def require(wheels: Path) -> Callable[..., None]:
    """Return a function that (re)writes a module's requirements.txt."""

    def write(directory: Path, *requirements: str) -> None:
        lines = ["--no-index", f"--find-links {wheels}", *requirements]
        (directory / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    return write


@pytest.fixture
def make_module(tmp_path: Path, require: Callable[..., None]) -> Callable[..., Path]:
    """Return a function that writes a module whose packages come from the tiny wheels."""

    def make(*requirements: str, name: str = "module") -> Path:
        directory = tmp_path / name
        directory.mkdir(parents=True)
        require(directory, *requirements)
        (directory / "main.py").write_text("", encoding="utf-8")
        return directory

    return make
