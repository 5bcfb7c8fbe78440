"""What checks that were given up have started is ended: an examination leaves no process behind."""

from __future__ import annotations

import signal
import subprocess
import sys

SCRIPT = """
import subprocess, sys
from synapse_worker.doctor.ending import end_children, own_children
earlier = subprocess.Popen(["sleep", "600"])
before = own_children()
child = subprocess.Popen(["sleep", "600"])
end_children(but=before)
print(child.wait(30), earlier.poll())
earlier.kill()
"""


def test_the_children_that_came_since_are_killed_and_nobody_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"{-signal.SIGKILL} None\n"
