"""A worker has no terminal, though it stays in the session of its parent, which may have one."""

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
