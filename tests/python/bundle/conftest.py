"""Shared pieces of the bundle tests: a module with tiny wheels, and one bundle of it for the session."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from synapse_worker.bundle import BundleRequest, make_bundle
from synapse_worker.env import EnvironmentRequest

from ..env.conftest import (
    _own_cache,
    installation,
    make_module,
    require,
    runtime_folder,
    tiny_package,
    wheels,
    whole_package,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.bundle import Bundle

__all__ = [
    "_own_cache",
    "installation",
    "make_module",
    "require",
    "runtime_folder",
    "tiny_package",
    "wheels",
    "whole_package",
]


def bundle_of(module: Path, output: Path, **options: object) -> Bundle:
    """Make a bundle of a raw module with uv."""
    chosen = {"backend": "uv", "dialect": "raw", **options}
    replace, wheels = bool(chosen.pop("replace", False)), bool(chosen.pop("wheels", False))
    environment = EnvironmentRequest(module, **chosen)  # type: ignore[arg-type]
    return make_bundle(BundleRequest(environment, output, replace, wheels))


@pytest.fixture(scope="session")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    wheels: Path,
    session_cache: Path,
    runtime_folder: Path,
) -> Path:
    """The bundle of a module with two packages, files in folders and a link; not to be changed."""
    place = tmp_path_factory.mktemp("made")
    module = place / "module"
    (module / "data").mkdir(parents=True)
    (module / "data" / "words.txt").write_text("one two\n")
    (module / "words").symlink_to("data/words.txt")
    (module / "main.py").write_text("import tinyone\n")
    (module / "helper.py").write_text("WORD = 'helper'\n")
    (module / ".env").write_text("TOKEN=secret\n")
    (module / "requirements.txt").write_text(f"--no-index\n--find-links {wheels}\ntinyone\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNAPSE_CACHE_DIR", str(session_cache))
        patch.setenv("SYNAPSE_RUNTIME_DIR", str(runtime_folder))
        bundle_of(module, place / "out")
    return place / "out"


@pytest.fixture
def arrived(made: Path, tmp_path: Path) -> Path:
    """A copy of the bundle in another place, as `cp -a` makes it."""
    return Path(shutil.copytree(made, tmp_path / "arrived", symlinks=True))


@pytest.fixture
def bundle() -> Callable[..., Bundle]:
    """Return the function that makes a bundle of a raw module."""
    return bundle_of
