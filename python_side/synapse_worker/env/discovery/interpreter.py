"""An interpreter and the question that every candidate is asked: who are you really?

A pyenv shim, a wrapper or a venv answers with the base interpreter behind it, and that one is used
from then on.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .asking import ask_command

if TYPE_CHECKING:
    from collections.abc import Sequence

MINIMUM = (3, 10)
# A cold interpreter from a network drive; a shim adds 0.1 s.
_PROBE_TIMEOUT_S = 20.0
_PROBE = """
import json, os, sys
base = getattr(sys, "_base_executable", None) or sys.executable
free = "free-threading" in sys.version
print(json.dumps([os.path.realpath(base), list(sys.version_info[:3]), sys.version_info[3], free]))
"""


@dataclass(frozen=True)
class Interpreter:
    """A base interpreter found on this machine."""

    path: Path
    version: tuple[int, ...]

    @property
    def version_text(self) -> str:
        """The version as people write it."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True)
class Answer:
    """What a candidate said: an interpreter, or why it is none."""

    interpreter: Interpreter | None
    # An alpha, a beta or a release candidate: taken only where it is asked for.
    is_prerelease: bool = False
    # Built without the global lock (`3.13t`): taken only where it is named.
    is_free_threaded: bool = False
    failure: str = ""


def probe(command: Sequence[str]) -> Answer:
    """Ask a candidate, a path with arguments (`py -3`), for its base interpreter and version.

    A bare name is a command that was looked for in vain; it is not looked for again.
    """
    if not os.path.dirname(command[0]):
        return Answer(None, failure="not found")
    try:
        # -I: neither the user's PYTHON* variables nor the current folder can change the answer.
        done = ask_command([*command, "-I", "-c", _PROBE], _PROBE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return Answer(None, failure=f"gave no answer within {_PROBE_TIMEOUT_S:.0f} s")
    except FileNotFoundError:
        return Answer(None, failure="not found")
    except (OSError, ValueError) as problem:
        return Answer(
            None, failure=f"does not run ({getattr(problem, 'strerror', None) or problem})"
        )
    try:
        base, version, level, is_free_threaded = last_json(done.stdout)
        interpreter = Interpreter(Path(base), tuple(map(int, version)))
    except (ValueError, TypeError):
        return Answer(None, failure=_failure(done))
    return Answer(interpreter, level != "final", bool(is_free_threaded))


def own_interpreter() -> Answer:
    """Answer for the interpreter that runs this: it need not be started again."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    interpreter = Interpreter(Path(os.path.realpath(base)), sys.version_info[:3])
    return Answer(interpreter, is_prerelease=sys.version_info[3] != "final")


def last_json(output: bytes) -> Any:
    """Return what the last line says that is JSON: a wrapper, or a start of the user's, may print as well.

    Raises:
        ValueError: no line is.
    """
    for line in reversed(output.splitlines()):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(line)
    raise ValueError("no answer")


def _failure(done: subprocess.CompletedProcess[bytes]) -> str:
    """Say why there was no answer; a shim says on stderr which versions have the command."""
    said = done.stderr.strip() or (b"it printed: " + done.stdout.strip() if done.stdout else b"")
    lines = said.decode("utf-8", errors="replace").splitlines()
    reason = (
        "".join(filter(str.isprintable, lines[0]))[:80] if lines else f"exit code {done.returncode}"
    )
    return f"does not run as Python 3 ({reason})"
