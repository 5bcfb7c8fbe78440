"""Runs the outside tools of one build: one at a time, watched, and never outliving the build.

Each tool leads its own process group, which is tied to us (`tether`) and killed on every way out.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Literal

from ..errors import ModuleEnvironmentError
from ..events import Reporter
from ..layout import cache_directory
from .build_log import BuildLog
from .known_secrets import secrets_in
from .progress_lines import is_counter
from .redactor import Redactor
from .tether import Tether

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

LineSink = Callable[[str], None]
# When what a tool says goes to the log and to whoever watches: as it comes, or only once it has
# failed (what always runs and says nothing of use), or succeeded (an attempt that something else follows).
Report = Literal["live", "failed", "succeeded"]

# What is kept of a tool's output to find out why it failed: pip-compile says so well before its end.
KEPT_LINES = 1000
# A line longer than this is cut into several: a tool must not make us buffer without bound.
_LINE_BYTES = 64 * 1024


class ToolError(Exception):
    """A tool ended with a status other than zero; `lines` are its last ones.

    `python` is the version of the interpreter that it worked for, where that was known.
    """

    def __init__(
        self, title: str, status: int, lines: Sequence[str], *, python: str | None = None
    ) -> None:
        super().__init__(f"{title} ended with status {status}")
        self.title = title
        self.status = status
        self.lines = tuple(lines)
        self.python = python


class ToolRunner:
    """Starts tools for one build in one folder, under its lock."""

    def __init__(
        self,
        *,
        cwd: Path,
        lock_fds: tuple[int, ...] = (),
        log_path: Path | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self._cwd = cwd
        self._lock_fds = lock_fds
        self._redact = Redactor.of_this_machine()
        self._log = BuildLog(log_path, _log_in_cache(cwd))
        self._reporter = reporter or Reporter()
        # The version of Python that the tools work for, once it is known: errors name it.
        self.python: str | None = None
        # Where tools put what they throw away; None: where the system or the user says.
        self.temporary: Path | None = None
        self._guard = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(
        self,
        title: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        on_line: LineSink = lambda _line: None,
        report: Report = "live",
        into: IO[bytes] | None = None,
    ) -> list[str]:
        """Run a tool to its end and return its last lines; `on_line` sees each one as it is reported.

        With `into` its stdout goes there as it is, and only stderr has lines.

        Raises:
            ToolError: it could not start or ended with a status other than zero.
        """
        last: deque[str] = deque(maxlen=KEPT_LINES)
        is_live = report == "live"
        with contextlib.ExitStack() as stack:
            if is_live:
                self._log.open()
                stack.callback(self._log.close)
                self._log.write(f"$ {self._redact(' '.join(command))}")
            process = self._start(title, command, env, stack, into)
            stack.callback(self._kill_group, process)
            said = process.stdout if into is None else process.stderr
            assert said is not None
            for line in _lines(stack.enter_context(said), self._redact):
                if is_live:
                    on_line(line)
                if is_counter(line):
                    continue
                last.append(line)
                if is_live:
                    self._reporter.log(line)
                    self._log.write(line)
            status = process.wait()
            self._running = None
            if is_live and status != 0:
                self._log.write(f"[{title} ended with status {status}]")
        if report == ("failed" if status != 0 else "succeeded"):
            self._write_down(command, last)
        if status != 0:
            raise ToolError(title, status, list(last), python=self.python)
        if report == "succeeded":
            for line in last:
                on_line(line)
                self._reporter.log(line)
        return list(last)

    def _write_down(self, command: Sequence[str], lines: Iterable[str]) -> None:
        """Write into the log what nobody was told as it came."""
        self._log.open()
        for line in (f"$ {self._redact(' '.join(command))}", *lines):
            self._log.write(line)
        self._log.close()

    def hide(self, text: str) -> None:
        """Learn the passwords in a text, such as the index options of a requirements file."""
        self._redact.learn(secrets_in(text))

    def saved_log(self) -> Path | None:
        """Return the file that holds all that the tools said, if they said anything."""
        return self._log.saved()

    @contextlib.contextmanager
    def also_holding(self, lock_fd: int) -> Iterator[None]:
        """Let the tools started meanwhile inherit one more lock; at the end nobody holds it any more."""
        before = self._lock_fds
        self._lock_fds = (*before, lock_fd)
        try:
            yield
        finally:
            self._lock_fds = before
            # Each tool has been reaped; what one has left running, a compiler's server, is not to hold it.
            with contextlib.suppress(OSError):
                fcntl.flock(lock_fd, fcntl.LOCK_UN)

    def stop(self) -> None:
        """Kill the running tool with everything it started, and refuse to start another."""
        with self._guard:
            self._stopped = True
            if self._running is not None:
                self._kill_group(self._running)

    def _start(
        self,
        title: str,
        command: Sequence[str],
        env: Mapping[str, str],
        stack: contextlib.ExitStack,
        into: IO[bytes] | None,
    ) -> subprocess.Popen[bytes]:
        tether = Tether()
        # It lets go after the tool has been reaped (the stack unwinds backwards).
        stack.callback(tether.close)
        try:
            with self._guard:
                if self._stopped:
                    raise ToolError(title, -signal.SIGKILL, ["The build was stopped."])
                process = subprocess.Popen(
                    tether.command(command, env),
                    cwd=self._cwd,
                    env=dict(env) if self.temporary is None else self._with_temporary(env),
                    stdin=tether.stdin,
                    stdout=subprocess.PIPE if into is None else into,
                    stderr=subprocess.STDOUT if into is None else subprocess.PIPE,
                    pass_fds=(*self._lock_fds, *tether.inherited),
                    start_new_session=True,
                )
                self._running = process
            tether.hold(process.pid)
        except OSError as problem:
            raise ToolError(title, 127, [f"{command[0]}: {problem.strerror}"]) from problem
        return process

    def _with_temporary(self, env: Mapping[str, str]) -> dict[str, str]:
        return {**env, "TMPDIR": str(self.temporary)}

    def _kill_group(self, process: subprocess.Popen[bytes]) -> None:
        # Not reaped yet (or nobody of the group left): the number cannot be a stranger's.
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _lines(stream: IO[bytes], clean: Callable[[str], str]) -> Iterator[str]:
    """Yield a tool's output as clean lines: decoded, redacted, bounded, without blank ones."""
    rest = b""
    while chunk := stream.readline(_LINE_BYTES - len(rest)):
        chunk, rest = rest + chunk, b""
        if not chunk.endswith(b"\n") and len(chunk) == _LINE_BYTES:
            # Cut where nothing can be cut in two that must not be seen.
            end = chunk.rfind(b" ") + 1 or len(chunk)
            chunk, rest = chunk[:end], chunk[end:]
        line = clean(_as_shown(chunk.decode("utf-8", "replace"))).rstrip()
        if line:
            yield line
    if rest:
        yield clean(rest.decode("utf-8", "replace")).rstrip()


def _as_shown(line: str) -> str:
    """Return what a terminal would show of a line that was written over itself (git does so)."""
    return line.rstrip("\r\n").rpartition("\r")[2]


def _log_in_cache(directory: Path) -> Path | None:
    """Return where the log goes of a build that ends before there is a `.venv`."""
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    try:
        return cache_directory() / "logs" / f"{name}.log"
    except (ModuleEnvironmentError, OSError, RuntimeError):
        return None  # no home
