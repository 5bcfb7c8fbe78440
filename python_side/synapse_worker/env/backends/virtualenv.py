"""The backend that is always there: `virtualenv`, `pip-compile` and pip, from a tool environment.

The tools run under the same base interpreter as the module, so that versions are resolved for the
right Python. Module environments are made without pip: the tools' own pip installs into them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layout import cache_directory
from ..tools.pip_log import refusals_told
from ..tools.tool_settings import tool_environment
from .toolset import find_tools

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..discovery.interpreters import Interpreter
    from ..tools.toolrun import LineSink
    from .interface import Toolbox


# Verbose, because otherwise pip's own explanation of a conflict is lost.
_COMPILE_OPTIONS = (
    "--verbose", "--no-config", "--no-header", "--no-annotate", "--strip-extras", "--allow-unsafe",
    "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options",
)  # fmt: skip


class VirtualenvBackend:
    """Builds environments with virtualenv, pip-tools and pip."""

    name = "virtualenv"

    def __init__(self, toolbox: Toolbox, base: Interpreter) -> None:
        self._runner = toolbox.runner
        self._tools = find_tools(toolbox, base)
        self._environment = tool_environment()
        own_cache = str(cache_directory() / "pip-tools")
        self._environment.setdefault("PIP_TOOLS_CACHE_DIR", own_cache)

    def create(self, venv: Path, interpreter: Interpreter) -> None:
        """Make an empty environment in a folder that already exists."""
        self._run(
            "Creating the environment",
            "virtualenv",
            [
                *["--quiet", "--no-seed", "--no-periodic-update"],
                *["--app-data", str(cache_directory() / "virtualenv")],
                *["--python", str(interpreter.path), str(venv)],
            ],
        )

    def resolve(self, python: Path, source: Path, lockfile: Path, on_line: LineSink) -> None:
        """Resolve requirements into exact versions with pip-compile."""
        options = [*_COMPILE_OPTIONS, "--output-file", str(lockfile), str(source)]
        self._run("Resolving the requirements", "piptools", ["compile", *options], on_line)

    def install(self, python: Path, requirements: Path, on_line: LineSink) -> None:
        """Install a requirements file with pip."""
        options = ["--python", str(python), "install", "--requirement", str(requirements)]
        self._run("Installing the packages", "pip", options, on_line)

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""
        options = ["--python", str(python), "uninstall", "--yes", *names]
        self._run("Removing packages", "pip", options)

    def install_into(self, python: Path, target: Path, arguments: Sequence[str]) -> None:
        """Install without dependencies into a folder of their own."""
        options = ["install", "--no-deps", "--target", str(target)]
        self._run("Installing the codec", "pip", ["--python", str(python), *options, *arguments])

    def _run(
        self, title: str, module: str, arguments: list[str], on_line: LineSink = lambda _line: None
    ) -> None:
        command = [str(self._tools), "-I", "-m", module, *arguments]
        with refusals_told(self._environment) as environment:
            self._runner.run(title, command, env=environment, on_line=on_line)
