"""When the parent dies, its worker and the worker's children die, whatever they are doing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
import subprocess
from synapse_worker import Module
app = Module()

@app.method
def family():
    return subprocess.Popen(["sleep", "600"]).pid

@app.method
def spin_in_c():
    return sum(range(10**12))
"""

RAW = """
import subprocess, sys
child = subprocess.Popen(["sleep", "600"])
size = int.from_bytes(sys.stdin.buffer.read(4), "little")
sys.stdin.buffer.read(size)
reply = b"\\xce" + child.pid.to_bytes(4, "big")
sys.stdout.buffer.write(len(reply).to_bytes(4, "little") + reply)
sys.stdout.buffer.flush()
sum(range(10**12))
"""

PARENT = """
import sys, threading
from synapse_worker.supervisor import LaunchSpec, open_worker
worker = open_worker(LaunchSpec(sys.executable, sys.argv[1]), start_timeout_ms=20000)
if worker.hello is None:
    child = worker.request(None)
else:
    child = worker.call("family")
    worker.start_call("spin_in_c")
print(worker.pid, child, flush=True)
threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="watches processes through pidfds")
@pytest.mark.parametrize("source", [MODULE, RAW], ids=["native", "raw"])
def test_sigkill_of_the_parent_takes_worker_and_grandchildren_along(
    tmp_path: Path, source: str
) -> None:
    (tmp_path / "main.py").write_text(source)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    try:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        handles = [os.pidfd_open(pid) for pid in pids]
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
    try:
        for pid, handle in zip(pids, handles, strict=True):
            ended, _, _ = select.select([handle], [], [], 10)
            assert ended, f"process {pid} outlived its parent"
    finally:
        for handle in handles:
            os.close(handle)
