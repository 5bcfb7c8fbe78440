"""What the sources read out of odd files, both backends install alike."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env import EnvironmentRequest, Marker, status_of, sync_environment
from synapse_worker.env.backends.uv import find_uv

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BACKENDS = ["uv", pytest.param("virtualenv", marks=pytest.mark.slow)]
pytestmark = pytest.mark.network

PROJECT = """\
[project]
name = "mylib"
version = "1"
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
# Builds itself without setuptools, which no index here has.
BACKEND = """\
import os, zipfile

def build_editable(folder, *_, **__):
    name = "mylib-1-py3-none-any.whl"
    info = "mylib-1.dist-info"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("mylib.pth", os.getcwd())
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: mylib\\nVersion: 1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name

build_wheel = build_editable
"""


@pytest.fixture
def sync(runtime_folder: Path) -> Callable[[Path, str], Marker]:
    def run(directory: Path, backend: str) -> Marker:
        request = EnvironmentRequest(
            directory,
            backend=backend,  # type: ignore[arg-type]
            dialect="raw",
            runtime_folder=runtime_folder,
        )
        marker = sync_environment(request)
        assert status_of(request).is_ready
        return marker

    return run


def installed(directory: Path) -> list[str]:
    """Return what is installed beside ourselves."""
    found = directory.glob(".venv/lib/python*/site-packages/*.dist-info")
    names = (path.name.removesuffix(".dist-info") for path in found)
    return sorted(name for name in names if not name.startswith("synapse_worker"))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_with_every_oddity(
    tmp_path: Path, wheels: Path, sync: Callable[[Path, str], Marker], backend: str
) -> None:
    module = tmp_path / "mödule with space"
    (module / "my lib").mkdir(parents=True)
    (module / "my lib" / "pyproject.toml").write_text(PROJECT)
    (module / "my lib" / "backend.py").write_text(BACKEND)
    (tmp_path / "the wheels").symlink_to(wheels)
    (module / "parts").mkdir()
    (module / "parts" / "my limits.txt").write_text("tinyone<2 # not the newest\n")
    (module / "parts" / "base.txt").write_text("-c 'my limits.txt'\n-r ../requirements.txt\n")
    lines = [
        "--no-index --find-links '../the wheels'",
        "# from C:\\wheels\\",
        "tinyone \\",
        "   >=1 ; python_version > '3'",
        "-r parts/base.txt",
        "synapse-worker>=0.1",
        "-e './my lib'",
    ]
    (module / "requirements.txt").write_bytes("\r\n".join(lines).encode("utf-16"))
    sync(module, backend)
    assert installed(module) == ["mylib-1", "tinyone-1.0", "tinytwo-1.5"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_pylock_with_files_beside_it(
    tmp_path: Path, wheels: Path, sync: Callable[[Path, str], Marker], backend: str
) -> None:
    one, two = (wheels / f"{name}-py3-none-any.whl" for name in ("tinyone-1.0", "tinytwo-1.5"))
    digests = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in (one, two)]
    (tmp_path / "pylock.toml").write_text(f"""\
lock-version = "1.0"
created-by = "a test"
extras = ["big"]
[[packages]]
name = "tinyone"
version = "1.0"
wheels = [{{ url = "{one.as_uri()}", hashes = {{ sha256 = "{digests[0]}" }} }}]
[[packages]]
name = "tinytwo"
archive = {{ path = "{two}", hashes = {{ sha256 = "{digests[1]}" }} }}
[[packages]]
name = "tinythree"
version = "1.0"
marker = "'big' in extras"
wheels = [{{ url = "https://nowhere.invalid/t.whl", hashes = {{ sha256 = "{"0" * 64}" }} }}]
""")
    marker = sync(tmp_path, backend)
    assert installed(tmp_path) == ["tinyone-1.0", "tinytwo-1.5"]
    assert "pylock.toml" in [entry.path for entry in marker.inputs]


def test_a_uv_lock_with_the_groups_that_are_asked_for(
    tmp_path: Path, wheels: Path, sync: Callable[[Path, str], Marker]
) -> None:
    project = f"""\
[project]
name = "shop"
version = "1"
requires-python = ">=3.10"
dependencies = ["tinytwo"]
[dependency-groups]
dev = ["tinyone<2"]
[tool.uv]
no-index = true
find-links = ["{wheels}"]
"""
    (tmp_path / "pyproject.toml").write_text(project)
    uv = find_uv()
    assert uv is not None
    subprocess.run([uv, "lock", "--offline", "--quiet"], cwd=tmp_path, check=True)
    sync(tmp_path, "uv")
    assert installed(tmp_path) == ["tinytwo-1.5"]
    chosen = f'{project}[tool.synapse]\ngroups = ["dev"]\n'
    (tmp_path / "pyproject.toml").write_text(chosen)
    sync(tmp_path, "uv")
    assert installed(tmp_path) == ["tinyone-1.0", "tinytwo-1.5"]
