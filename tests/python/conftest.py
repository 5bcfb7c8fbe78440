"""What every Python suite shares."""

import os
import shutil
import sys
from pathlib import Path

# Pytest's plugin of hypothesis imports it only for its summary; by then a suite that raises in
# signal handlers may have left CPython 3.11's compiler unable to (gh-106905).
import hypothesis
import pytest

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

PACKAGE = Path(__file__).parents[2] / "python_side" / "synapse_worker"
# A folder with the package as an environment has it: its compiled modules are tested in the place of ours.
AS_INSTALLED = os.environ.get("SYNAPSE_TESTED_PACKAGE")
if AS_INSTALLED:
    sys.path.insert(0, AS_INSTALLED)
    from synapse_worker import start_image

    start_image.serve(str(Path(AS_INSTALLED, "synapse_worker")))
    start_image.take_compiled()
    assert "synapse_worker.compiled__mypyc" in sys.modules


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our package as an environment has it, once: its image takes more than a second."""
    from synapse_worker import start_image_writer

    folder = tmp_path_factory.mktemp("packed") / "synapse_worker"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    start_image_writer.write(str(folder))
    return folder


@pytest.fixture
def package(packed: Path, tmp_path: Path) -> Path:
    """Our package as an environment has it: with what `make runtime` has compiled, and the image of a start."""
    folder = tmp_path / "site" / "synapse_worker"
    shutil.copytree(packed, folder)
    return folder


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the run, so that the tool environment is built once."""
    return tmp_path_factory.mktemp("cache")
