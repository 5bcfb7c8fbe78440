"""A terminal in which a program is the job in the foreground: python terminal.py PROGRAM [ARGUMENT …].

What comes on standard input is typed into it; when that ends, it hangs up.
"""

import os
import pty
import select
import signal
import sys

PIECE_BYTES = 4096


def run_job(command: list[str]) -> None:
    """Run a command as a shell would: in a process group of its own, which has the terminal."""
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # it is in the background until the next line
        os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execv(command[0], command)
    os.waitpid(job, 0)


def relay(terminal: int) -> None:
    """Pass on what is typed and what is said, until one of them ends."""
    while True:
        ready, _, _ = select.select([0, terminal], [], [])
        if 0 in ready:
            typed = os.read(0, PIECE_BYTES)
            if not typed:
                return
            os.write(terminal, typed)
        if terminal in ready:
            try:
                os.write(1, os.read(terminal, PIECE_BYTES))
            except OSError:  # EIO: nobody has it open any more
                return


shell, terminal = pty.fork()
if shell == 0:
    try:
        run_job(sys.argv[1:])
    finally:
        os._exit(0)
relay(terminal)
os.close(terminal)
os.waitpid(shell, 0)
