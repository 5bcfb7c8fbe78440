"""Finds the Python that an environment is built from.

A candidate is asked once what it really is: a pyenv shim, a wrapper or a venv answers with the base
interpreter behind it, and that one is used from then on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import INVALID_CONFIG, PYTHON_NOT_FOUND, PYTHON_UNSUPPORTED, ModuleEnvironmentError

MINIMUM = (3, 10)
_NEWEST_MINOR = 14
# A cold interpreter from a network drive; a shim adds 0.1 s.
_PROBE_TIMEOUT_S = 20.0
_VERSION = re.compile(r"^(?:python)?(\d+(?:\.\d+){0,2})$")
_PROBE = """
import json, os, sys
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps([os.path.realpath(base), list(sys.version_info[:3])]))
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
class Rejected:
    """A candidate that was looked at and why it was not taken."""

    candidate: str
    reason: str


def find_interpreter(request: str | None) -> Interpreter:
    """Find the interpreter for a request: a path, a command, a version such as "3.12", or None.

    Without a request: `$SYNAPSE_PYTHON`, then the interpreter that runs this.

    Raises:
        ModuleEnvironmentError: `PYTHON_NOT_FOUND` or `PYTHON_UNSUPPORTED`, with a table of what was seen.
    """
    wanted = request or os.environ.get("SYNAPSE_PYTHON") or None
    if wanted is None:
        return _first(_default_candidates(), (), "a Python")
    version = _VERSION.match(wanted)
    if version:
        prefix = tuple(int(part) for part in version.group(1).split("."))
        return _first(_version_candidates(prefix), prefix, f"Python {version.group(1)}")
    if re.match(r"^(?:[<>=!^\d]|~=|~\d)", wanted):
        raise ModuleEnvironmentError(
            INVALID_CONFIG,
            f'"{wanted}" is not a Python request.',
            hint='Give a version ("3.12"), a command ("python3.12") or a path to an interpreter.',
        )
    return _first([os.path.expanduser(wanted)], (), f'"{wanted}"')


def satisfies(version: tuple[int, ...], request: str | None) -> bool:
    """Say whether a version fits a request; a path or a command says nothing about versions."""
    match = _VERSION.match(request or "")
    prefix = tuple(int(part) for part in match.group(1).split(".")) if match else ()
    return version[: len(prefix)] == prefix


def probe(candidate: str) -> Interpreter | Rejected:
    """Ask a candidate for its base interpreter and version."""
    path = shutil.which(candidate)
    if path is None:
        return Rejected(candidate, "not found")
    # -I: neither the user's PYTHON* variables nor the current folder can change the answer.
    environment = {
        name: value for name, value in os.environ.items() if name != "__PYVENV_LAUNCHER__"
    }
    try:
        done = subprocess.run(
            [path, "-I", "-c", _PROBE],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
        base, version = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as problem:
        return Rejected(candidate, f"does not run as Python 3 ({type(problem).__name__})")
    return Interpreter(Path(base), tuple(version))


def _first(candidates: list[str], prefix: tuple[int, ...], title: str) -> Interpreter:
    """Return the first candidate that runs, is new enough and has the version asked for."""
    rejected: list[Rejected] = []
    for candidate in candidates:
        found = probe(candidate)
        if isinstance(found, Rejected):
            rejected.append(found)
        elif found.version < MINIMUM:
            rejected.append(Rejected(candidate, f"Python {found.version_text} is too old"))
        elif found.version[: len(prefix)] != prefix:
            rejected.append(Rejected(candidate, f"Python {found.version_text}"))
        else:
            return found
    too_old = any("too old" in row.reason for row in rejected) or (prefix and prefix < MINIMUM)
    width = max((len(row.candidate) for row in rejected), default=0)
    lines = [f"{row.candidate:<{width}}  {row.reason}" for row in rejected]
    minimum = ".".join(map(str, MINIMUM))
    if too_old:
        raise ModuleEnvironmentError(
            PYTHON_UNSUPPORTED,
            f"{title} cannot be used: Synapse needs Python {minimum} or newer.",
            hint=f"Install Python {minimum} or newer (or `uv python install 3.12`), or choose "
            "another with the `python` option or $SYNAPSE_PYTHON.",
            lines=lines,
        )
    raise ModuleEnvironmentError(
        PYTHON_NOT_FOUND,
        f"{title} was not found on this machine.",
        hint="Install it (for example `uv python install 3.12` or `pyenv install 3.12`), or choose "
        "another with the `python` option or $SYNAPSE_PYTHON.",
        lines=lines,
    )


def _default_candidates() -> list[str]:
    return [sys.executable, *_commands()] if sys.executable else _commands()


def _commands() -> list[str]:
    versions = [f"python3.{minor}" for minor in range(_NEWEST_MINOR, MINIMUM[1] - 1, -1)]
    return [*versions, "python3", "python"]


def _version_candidates(prefix: tuple[int, ...]) -> list[str]:
    """List where a version may be: by name on PATH, in pyenv and uv (unlisted shims do not run)."""
    version = ".".join(map(str, prefix))
    names = [f"python{'.'.join(map(str, prefix[:2]))}"] if len(prefix) > 1 else _commands()
    homes = (
        (Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions", f"{version}*"),
        (
            Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or _data_home() / "uv" / "python"),
            f"cpython-{version}*",
        ),
    )
    installed = [
        str(path)
        for home, pattern in homes
        for path in sorted(home.glob(f"{pattern}/bin/python3"), key=_natural, reverse=True)
    ]
    return list(dict.fromkeys([sys.executable, *names, "python3", "python", *installed]))


def _data_home() -> Path:
    chosen = os.environ.get("XDG_DATA_HOME")
    return Path(chosen) if chosen else Path.home() / ".local" / "share"


def _natural(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(path))]
