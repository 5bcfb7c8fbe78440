"""The lock of a folder: one holder at a time, tools included."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.directory_lock import locked
from synapse_worker.env.errors import ModuleEnvironmentError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_holder_waits_and_is_told_in_the_end(tmp_path: Path) -> None:
    waits: list[str] = []
    with (
        locked(tmp_path),
        pytest.raises(ModuleEnvironmentError) as caught,
        locked(tmp_path, timeout_s=0.0, on_wait=lambda: waits.append("waiting")),
    ):
        pass
    assert (caught.value.code, caught.value.retryable) == ("ENVIRONMENT_LOCKED", True)
    with locked(tmp_path, timeout_s=0.0):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_tool_that_inherited_the_lock_keeps_it(tmp_path: Path) -> None:
    with locked(tmp_path) as descriptor:
        tool = subprocess.Popen(["sleep", "1000"], pass_fds=[descriptor])
    try:
        with pytest.raises(ModuleEnvironmentError), locked(tmp_path, timeout_s=0.0):
            pass
    finally:
        tool.kill()
        tool.wait()
    with locked(tmp_path, timeout_s=5.0):
        pass
