"""A command that is told to end tidies up first, once, and says by its exit code what ended it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys
from synapse_worker.cli.orderly_end import end_orderly
number = int(sys.argv[1])
end_orderly()
try:
    os.kill(os.getpid(), number)
    signal.pause()
finally:
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGHUP)
    print("tidied up")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_through_every_finally(number: signal.Signals) -> None:
    command = [sys.executable, "-c", SCRIPT, str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (128 + number, "tidied up\n")


def test_what_a_terminal_that_closes_may_not_end_goes_on() -> None:
    script = (
        "import os, signal; from synapse_worker.cli.orderly_end import end_orderly\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); end_orderly()\n"
        "os.kill(os.getpid(), signal.SIGHUP); print('goes on')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "goes on\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_end_that_python_swallows_comes_again(number: signal.Signals) -> None:
    """As in the callback of a weak reference, which every import has."""
    script = (
        "import os, signal, time, weakref\n"
        "from synapse_worker.cli.orderly_end import end_orderly\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "end_orderly()\n"
        "class Light: pass\n"
        "light = Light()\n"
        f"reference = weakref.ref(light, lambda _: os.kill(os.getpid(), {int(number)}))\n"
        "try:\n"
        "    del light\n"
        "    time.sleep(60)\n"
        "except BaseException as end: print(type(end).__name__, end)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    ended = {signal.SIGTERM: "SystemExit 143\n", signal.SIGINT: "KeyboardInterrupt \n"}
    assert (done.stdout, done.stderr) == (ended[number], "")
