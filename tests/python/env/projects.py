"""Writes local projects that build themselves: no index, no setuptools."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_PYPROJECT = """\
[build-system]
requires = [{build}]
build-backend = "builds"
backend-path = ["."]
[project]
name = "{name}"
version = "{version}"
dependencies = [{dependencies}]
"""
# PEP 517 and 660 in thirty lines.
_BUILDS = """\
import os, zipfile
NAME, VERSION, REQUIRES = {name!r}, {version!r}, {requires!r}

def _wheel(directory, files):
    info = f"{{NAME}}-{{VERSION}}.dist-info"
    requires = "".join(f"Requires-Dist: {{r}}\\n" for r in REQUIRES)
    files[f"{{info}}/METADATA"] = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n{{requires}}"
    files[f"{{info}}/WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[f"{{info}}/RECORD"] = ""
    name = f"{{NAME}}-{{VERSION}}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return name

def build_wheel(directory, *_):
    return _wheel(directory, {{f"{{NAME}}.py": open(f"{{NAME}}.py").read()}})

def build_editable(directory, *_):
    return _wheel(directory, {{f"__{{NAME}}.pth": os.getcwd() + "\\n"}})

def build_sdist(directory, *_):
    import tarfile
    name = f"{{NAME}}-{{VERSION}}"
    with tarfile.open(os.path.join(directory, name + ".tar.gz"), "w:gz") as archive:
        for path in ("pyproject.toml", "builds.py", f"{{NAME}}.py"):
            archive.add(path, f"{{name}}/{{path}}")
    return name + ".tar.gz"

def get_requires_for_build_wheel(*_):
    return []

get_requires_for_build_editable = get_requires_for_build_wheel
"""


def write_project(
    folder: Path,
    name: str,
    version: str = "0.1",
    requires: tuple[str, ...] = (),
    build: tuple[str, ...] = (),
) -> Path:
    """Write a project with one module that has a VERSION in it."""
    folder.mkdir(parents=True)
    fields = {
        "dependencies": ", ".join(f'"{requirement}"' for requirement in requires),
        "build": ", ".join(f'"{requirement}"' for requirement in build),
    }
    pyproject = _PYPROJECT.format(name=name, version=version, **fields)
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "builds.py").write_text(_BUILDS.format(name=name, version=version, requires=requires))
    (folder / f"{name}.py").write_text(f"VERSION = {version!r}\n")
    return folder


def write_sdist(folder: Path, project: Path) -> Path:
    """Write a project's source archive into a folder."""
    code = "import builds, sys; print(builds.build_sdist(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(folder.resolve())]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return folder / done.stdout.strip()


def write_repository(folder: Path) -> str:
    """Make a folder a repository with one commit and return that."""
    if shutil.which("git") is None:
        pytest.skip("needs git")
    git = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
    ]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *arguments], cwd=folder, check=True)
    head = ["git", "rev-parse", "HEAD"]
    return subprocess.run(
        head, cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()
