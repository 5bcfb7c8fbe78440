"""The fast backend: `uv`, when it is on this machine. It needs nothing else, not even pip."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from ..tools.tool_settings import tool_environment
from ..tools.toolrun import ToolError
from .pip_settings import asks_no_index, uv_environment
from .secret_options import uv_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..discovery.interpreters import Interpreter
    from ..tools.toolrun import LineSink, Report
    from .fetching import Fetching
    from .interface import Installation, Resolution, Toolbox

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
        self._fetching = _fetching_options(toolbox.fetching, environment)

    def create(self, venv: Path, interpreter: Interpreter) -> None:
        """Make an empty environment in a folder that already exists."""
        options = ["--allow-existing", "--no-project", "--python", str(interpreter.path)]
        self._run("Creating the environment", ["venv", *options, str(venv)])

    def resolve(self, resolution: Resolution, on_line: LineSink) -> None:
        """Resolve requirements into exact versions with `uv pip compile`."""
        options = ["--no-header", "--no-annotate", "--python", str(resolution.python)]
        if resolution.with_hashes:
            options.append("--generate-hashes")
        if resolution.platform == "universal":
            options.append("--universal")
        elif resolution.platform is not None:
            options += ["--python-platform", resolution.platform]
        for name in resolution.upgraded:
            options += ["--upgrade-package", name]
        files = ["--output-file", str(resolution.lockfile), str(resolution.source)]
        command = ["pip", "compile", *options, *self._fetching, *files]
        self._run("Resolving the requirements", command, on_line, resolution.secrets)

    def install(self, python: Path, installation: Installation, on_line: LineSink) -> None:
        """Install a requirements file with `uv pip install`."""
        options = ["--requirement", str(installation.requirements), "--python", str(python)]
        if installation.check_hashes:
            options.append("--require-hashes")
        if installation.alone:
            options.append("--no-deps")
        command = ["pip", "install", *options, *self._fetching]
        run = self._run_hashed if installation.check_hashes else self._run
        run("Installing the packages", command, on_line, installation.secrets)

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""
        self._run("Removing packages", ["pip", "uninstall", "--python", str(python), *names])

    def install_into(
        self, python: Path, target: Path, arguments: Sequence[str], on_line: LineSink
    ) -> None:
        """Install without dependencies into a folder of their own."""
        command = ["pip", "install", "--no-deps", "--target", str(target), "--python", str(python)]
        command += [*self._fetching, *arguments]
        run = self._run_hashed if "--require-hashes" in arguments else self._run
        run("Installing the codec", command, on_line)

    def _run_hashed(
        self, title: str, arguments: list[str], on_line: LineSink, secrets: Sequence[str] = ()
    ) -> None:
        """Install wheels from uv's cache if all of them are there: to ask an index takes longer.

        Only what is known by its hashes: of a version alone the cache may have another index's. uv fetches
        everything before it changes anything, so an attempt that failed leaves no trace.
        """
        if "--offline" not in self._fetching:
            with contextlib.suppress(ToolError):
                # What has to be built is built once, where it can be watched.
                once = [] if "--no-build" in self._fetching else ["--no-build"]
                offline = [*arguments, "--offline", *once]
                self._run(title, offline, on_line, secrets, report="succeeded")
                return
        self._run(title, arguments, on_line, secrets)

    def _run(
        self,
        title: str,
        arguments: list[str],
        on_line: LineSink = lambda _line: None,
        secrets: Sequence[str] = (),
        report: Report = "live",
    ) -> None:
        environment = uv_secrets(self._environment, secrets)
        command = [self._command, *arguments]
        self._runner.run(title, command, env=environment, on_line=on_line, report=report)


def _fetching_options(fetching: Fetching, environment: dict[str, str]) -> list[str]:
    """Return what may be fetched, in uv's words."""
    options = fetching.links
    if fetching.offline:
        options.append("--offline")
    if fetching.no_build:
        options.append("--no-build")
    return [*options, "--no-index"] if asks_no_index(environment) else options


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
