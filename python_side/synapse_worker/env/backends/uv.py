"""The fast backend: `uv`, when it is on this machine. It needs nothing else, not even pip."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from ..tools.tool_settings import tool_environment
from .pip_settings import pip_settings, uv_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..discovery.interpreters import Interpreter
    from ..tools.toolrun import LineSink
    from .interface import Toolbox

# `uv venv --allow-existing` exists since 0.4.
_MINIMUM = (0, 4)
_PROBE_TIMEOUT_S = 20.0


class UvBackend:
    """Builds environments with uv."""

    name = "uv"

    def __init__(self, toolbox: Toolbox, command: str) -> None:
        self._runner = toolbox.runner
        self._command = command
        environment = tool_environment()
        self._environment = uv_environment(environment, toolbox.directory)
        no_index = pip_settings(environment).get("no-index", "").lower() in {
            "1",
            "true",
            "yes",
            "on",
        }
        self._index = ["--no-index"] if no_index else []

    def create(self, venv: Path, interpreter: Interpreter) -> None:
        """Make an empty environment in a folder that already exists."""
        self._run(
            "Creating the environment",
            [
                "venv",
                "--allow-existing",
                "--no-project",
                "--python",
                str(interpreter.path),
                str(venv),
            ],
        )

    def resolve(self, python: Path, source: Path, lockfile: Path, on_line: LineSink) -> None:
        """Resolve requirements into exact versions with `uv pip compile`."""
        self._run(
            "Resolving the requirements",
            [
                *[
                    "pip",
                    "compile",
                    "--no-header",
                    "--no-annotate",
                    "--python",
                    str(python),
                ],
                *[*self._index, "--output-file", str(lockfile), str(source)],
            ],
            on_line,
        )

    def install(self, python: Path, requirements: Path, on_line: LineSink) -> None:
        """Install a requirements file with `uv pip install`."""
        command = ["pip", "install", "--requirement", str(requirements), "--python", str(python)]
        self._run("Installing the packages", [*command, *self._index], on_line)

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""
        self._run("Removing packages", ["pip", "uninstall", "--python", str(python), *names])

    def install_into(self, python: Path, target: Path, arguments: Sequence[str]) -> None:
        """Install without dependencies into a folder of their own."""
        command = ["pip", "install", "--no-deps", "--target", str(target), "--python", str(python)]
        self._run("Installing the codec", [*command, *self._index, *arguments])

    def _run(
        self, title: str, arguments: list[str], on_line: LineSink = lambda _line: None
    ) -> None:
        self._runner.run(title, [self._command, *arguments], env=self._environment, on_line=on_line)


def find_uv() -> str | None:
    """Return the path of a usable uv: `$SYNAPSE_UV`, PATH, or the installed `uv` package."""
    for candidate in (os.environ.get("SYNAPSE_UV"), shutil.which("uv"), _packaged_uv()):
        if candidate and _is_usable(candidate):
            return candidate
    return None


def _packaged_uv() -> str | None:
    if importlib.util.find_spec("uv") is None:
        return None
    from uv import find_uv_bin

    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return None


def _is_usable(command: str) -> bool:
    """Run it: a version manager's shim may stand on PATH with nothing behind it."""
    try:
        done = subprocess.run(
            [command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROBE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    match = re.match(r"uv (\d+)\.(\d+)", done.stdout)
    return match is not None and (int(match[1]), int(match[2])) >= _MINIMUM
