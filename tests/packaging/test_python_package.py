"""`python -m build` → sdist and wheel → an environment that has nothing else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python_side" / "synapse_worker"
Run = Callable[..., str]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """A folder with the sdist and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


def clean_environment(folder: Path, requirement: str, run: Run) -> Path:
    """Install one requirement and what it needs into a fresh environment; return its Python."""
    uv = (sys.executable, "-m", "uv", "--quiet")
    run(*uv, "venv", "--python", sys.executable, folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    run(*uv, "pip", "install", "--python", python, requirement, cwd=folder.parent)
    return python


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    """The interpreter of a clean environment with the wheel and its dependencies."""
    return clean_environment(tmp_path_factory.mktemp("clean") / "venv", str(wheel), run)


def test_the_wheel_holds_the_package_the_templates_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    sources = {
        f"synapse_worker/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if "/_templates/" not in name} == sources
    templates = {name.split("/")[2] for name in names if "/_templates/" in name}
    assert templates == {path.name for path in (ROOT / "templates").iterdir()}
    assert "synapse_worker/py.typed" in names


def test_the_wheel_holds_nothing_that_a_runner_takes_for_a_test_of_the_project(wheel: Path) -> None:
    # Jest and Vitest look into folders whose names begin with a dot: so into the .venv of a module.
    taken = re.compile(r"(^|/)__tests__/|(^|[./])(test|spec)\.[cm]?[jt]sx?$")
    assert [name for name in zipfile.ZipFile(wheel).namelist() if taken.search(name)] == []


PROJECT_FILES = {"README.md", "_gitignore", "package.json", "tsconfig.json"}
PYTHON_FILES = {"main.py", "test_main.py", "pyproject.toml", "requirements.in", "requirements.txt"}
CALLER = {"src/main.ts", "src/test_main.ts"}
TEMPLATE_FILES = {
    "module": PYTHON_FILES | CALLER,
    "raw": PYTHON_FILES | CALLER,
    "ml": PYTHON_FILES | CALLER,
    "data": PYTHON_FILES | CALLER | {"orders.csv"},
    "node-app": {f"python/{name}" for name in PYTHON_FILES}
    | {f"src/{name}.ts" for name in ("main", "routes", "test_routes", "errors", "hang-up", "log")}
    | {"src/address.ts", "src/shutdown.ts"},
}


def test_what_was_left_beside_the_templates_stays_out_of_the_wheel(
    tmp_path: Path, run: Run
) -> None:
    for name in ("python_side", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tmp_path)
    strays = ("node_modules/a/index.ts", "src/generated/a.ts", "package-lock.json", "dist.txt")
    for stray in (*strays, ".venv/lib/a.py", "python/.venv/lib/a.py", "model.joblib"):
        path = tmp_path / "templates" / "node-app" / stray
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    prefix = "synapse_worker/_templates/"
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    expected = {
        f"{prefix}{template}/{name}"
        for template, files in TEMPLATE_FILES.items()
        for name in PROJECT_FILES | files
    }
    assert names == expected


def test_the_wheel_built_from_the_sdist_is_the_one_in_the_npm_package(
    wheel: Path, artefacts: Path
) -> None:
    (packed,) = artefacts.glob("*.whl")
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (wheel, packed)]
    assert digests[0] == digests[1], "run `make runtime`: js/python is older than the sources"


def test_the_sdist_carries_the_licence_and_no_tests(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"LICENSE", "README.md", "pyproject.toml", "python_side", "templates"} <= tops
    assert "tests" not in tops
    assert "js" not in tops


def test_the_base_installation_is_the_codec_only(python: Path, run: Run) -> None:
    listing = run(
        *(sys.executable, "-m", "uv", "pip", "list", "--python", python, "--format", "json"),
        cwd=python.parent,
    )
    assert {entry["name"] for entry in json.loads(listing)} == {"msgspec", "synapse-worker"}


def test_the_command_works_in_a_clean_environment(python: Path, run: Run) -> None:
    by_name = run(python.parent / "synapse", "--version", cwd=python.parent)
    by_module = run(python, "-m", "synapse_worker", "--version", cwd=python.parent)
    assert by_name == by_module
    assert "0.1.0" in by_name


def test_a_module_is_built_and_called_with_the_python_package_alone(
    wheel: Path, tmp_path: Path, run: Run
) -> None:
    python = clean_environment(tmp_path / "venv", f"{wheel}[env]", run)
    module = tmp_path / "module"
    module.mkdir()
    (module / "main.py").write_text(
        "from synapse_worker import Module\n\napp = Module()\n\n\n"
        "@app.method\ndef add(a: int, b: int) -> int:\n    return a + b\n"
    )
    command = ("synapse_worker", "call", str(module), "add", "--args", "[40, 2]")
    assert run(python, "-I", "-m", *command, cwd=tmp_path).strip() == "42"
