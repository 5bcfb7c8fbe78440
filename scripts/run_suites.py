"""Run suites, at the same time where several are named: `run_suites.py pytest jest`; `make test`.

Each suite gets a temporary folder of its own, and a suite that passes must leave it empty: whatever it
forgets piles up on every machine that runs it. On the screen the suites stand one after the other, so
nothing is mixed: the first has the screen, what the next ones say waits for its turn. A suite that takes
too long is named and ended: whoever waits for all of it would end it unnamed, with all that it has said.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
END_S = 30
# Less than the hour for which CI waits, by what comes before: setup, lint and types.
LIMIT_S = 50 * 60
# How long what a suite has written may take to arrive once it has ended.
LAST_WORDS_S = 5
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The folders that pytest keeps of tests that failed; of a run that passed nothing is in them.
KEPT = "pytest-of-"
# What tsx and Jest (that of a template's project) mean to find again at their next start.
CACHES = ("tsx-", "jest_")

COMMANDS = {
    "pytest": ([sys.executable, "-m", "pytest"], ROOT),
    "jest": (["node", "node_modules/jest/bin/jest.js"], ROOT / "js"),
}


@dataclass
class Suite:
    """A suite that runs, and the folder in which it and all that it starts put temporary files."""

    name: str
    has_screen: bool
    folder: Path = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)
    said: queue.SimpleQueue[bytes] = field(default_factory=queue.SimpleQueue)
    left_a_process: bool = False
    is_late: bool = False

    def __post_init__(self) -> None:
        command, directory = COMMANDS[self.name]
        # Short: the sockets of the tests lie deep in it, and an address has 108 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.name}-")).resolve()
        # As open as the system's: some tests are another user for a while.
        self.folder.chmod(0o1777)
        try:
            self.process = subprocess.Popen(
                command,
                cwd=directory,
                env={**os.environ, "TMPDIR": str(self.folder)},
                stdin=None if self.has_screen else subprocess.DEVNULL,
                stdout=None if self.has_screen else subprocess.PIPE,
                stderr=None if self.has_screen else subprocess.STDOUT,
                # A group of its own, so that all of it can be ended.
                start_new_session=True,
            )
        except OSError:
            self.folder.rmdir()
            raise
        if not self.has_screen:
            listener = threading.Thread(target=self._listen, daemon=True)
            listener.start()
            threading.Thread(target=self._await_end, args=(listener,), daemon=True).start()

    def _listen(self) -> None:
        """Keep what the suite says until it is shown."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.put(line)

    def _await_end(self, listener: threading.Thread) -> None:
        """Put an empty line of bytes behind what the suite has said, also where others could still say something."""
        self.process.wait()
        listener.join(LAST_WORDS_S)
        self.left_a_process = listener.is_alive()
        self.said.put(b"")

    def finish(self) -> bool:
        """Show what the suite says until it has ended; say whether it passed and left nothing."""
        if not self.has_screen:
            while line := self.said.get():
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
        if self.process.wait() != 0 or self.is_late:
            return False
        names = sorted(os.listdir(self.folder)) if self.folder.is_dir() else []
        left = [name for name in names if not name.startswith((KEPT, *CACHES))]
        if left:
            print(f"{self.name} left in its temporary folder: {', '.join(left)}", file=sys.stderr)
        if self.left_a_process:
            print(f"{self.name} left a process that still holds its output", file=sys.stderr)
        return not (left or self.left_a_process)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Tell the suite to end by a signal to all of its group, and then kill what is left of that."""
        if self.process.poll() is None:
            self._tell(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
        self._tell(signal.SIGKILL)
        self.process.wait()

    def _tell(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def end(self) -> None:
        """End the suite where it still runs, and remove its folder."""
        self.stop()
        if self.process.returncode == 0 or not any(self.folder.glob(f"{KEPT}*")):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"files of {self.name}'s failed tests: {self.folder}", file=sys.stderr)


class Told(BaseException):
    """This process was told to end, by the signal `number`."""

    def __init__(self, number: int) -> None:
        self.number = number


def main() -> None:
    """Run the suites that are named; each runs to its end, whatever becomes of the others."""
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    suites: list[Suite] = []
    limit = threading.Timer(LIMIT_S, _stop_late, [suites])
    limit.daemon = True
    try:
        for name in sys.argv[1:]:
            with _undisturbed():
                suites.append(Suite(name, has_screen=not suites))
        limit.start()
        passed = [suite.finish() for suite in suites]
    except Told as told:
        for suite in suites:
            suite.stop(told.number)
        sys.exit(128 + told.number)
    finally:
        limit.cancel()
        for suite in suites:
            suite.end()
    if not all(passed):
        sys.exit(1)


def _stop_late(suites: list[Suite]) -> None:
    """Name the suites that still run, and end them."""
    late = [suite for suite in suites if suite.process.poll() is None]
    for suite in late:
        print(f"{suite.name} still runs after {LIMIT_S} s, and is ended", file=sys.stderr)
        suite.is_late = True
    for suite in late:
        suite.stop()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no signal come between the start of a suite and the note of it; who came is answered at the end."""
    came: list[int] = []
    # What is ignored stays so: the suite inherits it.
    answers = {number: signal.getsignal(number) for number in STOPS}
    for number, answer in answers.items():
        if answer is not signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, answer in answers.items():
            signal.signal(number, answer)
        if came:
            signal.raise_signal(came[0])


def _stop(number: int, _frame: object) -> NoReturn:
    raise Told(number)


if __name__ == "__main__":
    main()
