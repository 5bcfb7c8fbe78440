"""A process group of its own for the worker, in the session of its parent: `launch` makes it the leader.

A session of its own would be the simpler way. But Linux shares out processors by session where nothing else
does (`sched_autogroup_enabled`): a parent and a worker in two of them are switched like strangers, which costs
each call 3 µs, and milliseconds where other sessions are busy. What a group lacks is done here.
"""

from __future__ import annotations

import os
import sys


def leave_terminal() -> None:
    """Give up the terminal that this process has from its parent.

    What stops on reading from a terminal in the background is a shell's job, not a worker: here there is no
    terminal to read from, as there was none in a session of its own.
    """
    if sys.platform != "linux":
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # there is none
    try:
        import fcntl
        import termios

        fcntl.ioctl(terminal, termios.TIOCNOTTY)
    except (ImportError, OSError):
        pass  # then it has one: only reading from it does harm
    finally:
        os.close(terminal)
