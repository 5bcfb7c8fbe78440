"""The environments that Synapse builds have a codec of their own, which a test in them finds, too."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path

import msgspec

import synapse_worker

TEST = """
from synapse_worker import Module
from synapse_worker.testing import ModuleTest

app = Module()

@app.method
def add(a: int, b: int) -> int:
    return a + b

with ModuleTest(app) as module:
    print(module.call("add", 20, 22))
"""


def test_a_module_is_tested_by_the_python_of_its_environment(tmp_path: Path) -> None:
    environment = tmp_path / ".venv"
    venv.create(environment)
    codec = environment / "synapse" / "codec"
    codec.mkdir(parents=True)
    (codec / "msgspec").symlink_to(Path(msgspec.__file__).parent)
    installed = Path(synapse_worker.__file__).parents[1]

    tested = subprocess.run(
        [environment / "bin" / "python", "-c", TEST],
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (tested.stdout, tested.stderr) == ("42\n", "")
