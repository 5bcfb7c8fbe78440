"""No orphans: the worker's whole process group dies with its parent.

The life socket carries nothing; only the parent holds its other end. On Linux the kernel is
asked to send SIGKILL to the group when that end closes, which works whatever Python or C is
doing. Elsewhere a thread waits for end of file.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys

from synapse_worker.worker.plain_signal import signal

# <asm-generic/fcntl.h>; the fcntl module names F_SETSIG only on some builds.
F_SETSIG = 10


def guard(life_fd: int) -> None:
    """Tie this process group to the parent's end of `life_fd`."""
    if sys.platform == "linux":
        _ask_the_kernel(life_fd)
    else:
        _watch_in_a_thread(life_fd)


def release(life_fd: int) -> None:
    """Have the kernel no longer kill this process group when the parent's end closes (Linux).

    It has it go on instead: one that is stopped would not see that the parent has gone.
    """
    fcntl.fcntl(life_fd, F_SETSIG, signal.SIGCONT)


def _ask_the_kernel(life_fd: int) -> None:
    # Only a group this process leads is its own to kill.
    leads_group = os.getpgrp() == os.getpid()
    fcntl.fcntl(life_fd, fcntl.F_SETOWN, -os.getpgrp() if leads_group else os.getpid())
    fcntl.fcntl(life_fd, F_SETSIG, signal.SIGKILL)
    flags = fcntl.fcntl(life_fd, fcntl.F_GETFL)
    fcntl.fcntl(life_fd, fcntl.F_SETFL, flags | os.O_ASYNC)
    # The parent may have died before O_ASYNC was set; then no signal will ever come.
    poller = select.poll()
    poller.register(life_fd, select.POLLIN)
    if poller.poll(0):
        _kill_group()


def _watch_in_a_thread(life_fd: int) -> None:
    import threading

    def wait_for_end_of_file() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG, signal.SIGTERM, signal.SIGINT})
        while os.read(life_fd, 1):
            pass
        _kill_group()

    threading.Thread(target=wait_for_end_of_file, name="synapse-life", daemon=True).start()


def _kill_group() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
