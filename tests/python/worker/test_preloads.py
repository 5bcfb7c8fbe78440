"""`@app.preload`: what a module runs once where it is imported, and a fork between import and serving."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import synapse_worker
from synapse_worker import Module
from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
from synapse_worker import Module
app = Module()
events = ["import"]
@app.setup
def set_up(): events.append("setup")
@app.preload
def load(): events.append("preload")
@app.method
def happened(): return events
"""

PREPARE_AND_FORK = """
import os, sys, threading
from synapse_worker.worker.config import WorkerConfig
from synapse_worker.worker.native import prepare
module = prepare(WorkerConfig(sys.argv[1], "main.py"))
print(threading.active_count(), "threads")
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        print(module.methods["happened"].function())
        sys.exit()
    os.waitpid(pid, 0)
"""


def test_preloads_run_after_the_import_and_before_the_setups(start: Callable[..., Any]) -> None:
    assert start(SOURCE).worker.call("happened") == ["import", "preload", "setup"]


def test_a_preload_that_raises_is_why_the_module_does_not_start(start: Callable[..., Any]) -> None:
    with pytest.raises(SynapseError) as failed:
        start(
            """
            from synapse_worker import Module
            app = Module()
            @app.preload
            def load(): raise OSError("the model is not there")
            """
        )
    assert failed.value.code == "MODULE_START_FAILED"
    assert "the model is not there" in failed.value.message


def test_an_asynchronous_preload_is_refused() -> None:
    app = Module()
    with pytest.raises(TypeError, match=r"Let @app\.setup run it"):

        @app.preload
        async def load() -> None: ...


def test_a_preload_stays_the_function_it_is() -> None:
    app = Module()

    @app.preload
    def load() -> int:
        return 3

    assert load() == 3


def test_a_prepared_module_can_be_forked_and_every_child_finds_what_it_preloaded(
    tmp_path: Path,
) -> None:
    (tmp_path / "main.py").write_text(textwrap.dedent(SOURCE), encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREPARE_AND_FORK, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path(synapse_worker.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    ).stdout
    assert printed == "1 threads\n['import', 'preload']\n['import', 'preload']\n"
