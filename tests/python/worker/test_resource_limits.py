"""Limits that the kernel holds a worker to, set before its module is imported."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import PythonError, SynapseError
from synapse_worker.worker.resource_limits import KERNEL_NAMES, check_resource_limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE = """
import os, resource, subprocess, sys
from synapse_worker import Module
app = Module()
AT_IMPORT = resource.getrlimit(resource.RLIMIT_NOFILE)

@app.method
def limits(*names): return [list(resource.getrlimit(getattr(resource, name))) for name in names]

@app.method
def at_import(): return list(AT_IMPORT)

@app.method
def fill(number): return len(bytearray(number))

@app.method
def write(path, number):
    with open(path, "wb", buffering=0) as file:
        return file.write(bytes(number)) + file.write(b"!")

@app.method
def open_many(number):
    files = []
    try:
        for _ in range(number): files.append(open(os.devnull))
    finally:
        for file in files: file.close()

@app.method
def spin():
    while True: pass

@app.method
def fork_and_answer():
    pid = os.fork()
    if pid == 0: os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

@app.method
def limit_in_a_child():
    code = "import resource; print(resource.getrlimit(resource.RLIMIT_FSIZE)[0])"
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
"""


def test_each_limit_is_set_before_the_module_is_imported(start: Callable[..., Any]) -> None:
    wanted = {
        "address_space": 1 << 36,
        "cpu_seconds": 60,
        "open_files": 100,
        "file_size": 1 << 20,
    }
    worker = start(SOURCE, resource_limits=wanted).worker
    names = [KERNEL_NAMES[name] for name in wanted]
    assert worker.call("limits", names) == [
        [1 << 36, 1 << 36],
        [60, 65],
        [100, 100],
        [1 << 20, 1 << 20],
    ]
    assert worker.call("at_import") == [100, 100]
    assert worker.call("limit_in_a_child") == 1 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not hold processes to RLIMIT_AS")
def test_more_memory_than_allowed_fails_the_call_alone(start: Callable[..., Any]) -> None:
    worker = start(SOURCE, resource_limits={"address_space": 1 << 30}).worker
    with pytest.raises(PythonError) as failed:
        worker.call("fill", [2 << 30])
    assert failed.value.python_type == "MemoryError"
    assert worker.call("fill", [1000]) == 1000


def test_more_files_and_larger_ones_than_allowed_fail_the_call_alone(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    worker = start(SOURCE, resource_limits={"open_files": 64, "file_size": 4096}).worker
    with pytest.raises(PythonError, match="Too many open files"):
        worker.call("open_many", [100])
    with pytest.raises(PythonError, match="File too large"):
        worker.call("write", [str(tmp_path / "large"), 8192])
    assert worker.call("fork_and_answer") == 7


def test_more_time_on_the_processor_than_allowed_ends_the_worker(start: Callable[..., Any]) -> None:
    worker = start(SOURCE, resource_limits={"cpu_seconds": 1}).worker
    with pytest.raises(SynapseError) as failed:
        worker.call("spin", timeout_ms=30_000)
    assert failed.value.code == "WORKER_EXITED"
    assert worker.exit_status == -signal.SIGXCPU


@pytest.mark.parametrize(
    ("limits", "part"),
    [
        ({"memory": 1}, "knows address_space, cpu_seconds"),
        ({"open_files": 0}, "open_files must be an integer above 0, not 0"),
        ({"open_files": True}, "not True"),
        ({"open_files": 1.5}, "not 1.5"),
        ([1], "must be a map"),
    ],
)
def test_limits_that_are_none_are_refused(limits: object, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        check_resource_limits(limits)


def test_a_worker_with_unknown_limits_does_not_start(start: Callable[..., Any]) -> None:
    with pytest.raises(SynapseError) as failed:
        start(SOURCE, resource_limits={"memory": 1})
    assert failed.value.code == "INVALID_CONFIG"
