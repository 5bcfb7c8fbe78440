"""A worker leads a process group in its parent's session, and has no terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

SOURCE = """
import os
from synapse_worker.worker.launch import lead_group
from synapse_worker.worker.terminal import leave_terminal
for _ in range(2):
    lead_group()
    leave_terminal()
print(os.getpgrp() == os.getpid(), os.getsid(0))
try:
    os.close(os.open("/dev/tty", os.O_RDONLY))
    print("a terminal")
except OSError:
    print("no terminal")
"""


def test_it_leads_a_group_in_the_session_of_its_parent() -> None:
    told = subprocess.run(
        [sys.executable, "-c", SOURCE], capture_output=True, text=True, check=True
    )
    assert told.stdout.split()[:2] == ["True", str(os.getsid(0))]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked to take the terminal away")
def test_a_terminal_of_its_parent_is_none_of_its_own() -> None:
    pid, terminal = pty.fork()
    if pid == 0:  # the leader of a session, with a terminal
        os.close(os.open("/dev/tty", os.O_RDONLY))
        subprocess.run([sys.executable, "-c", SOURCE], check=False)
        os.close(os.open("/dev/tty", os.O_RDONLY))  # the parent keeps its own
        os._exit(0)
    said = b""
    try:
        while chunk := os.read(terminal, 1024):
            said += chunk
    except OSError:  # EIO: the child has ended
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert said.split()[0] == b"True"
    assert said.split()[2:] == [b"no", b"terminal"]
