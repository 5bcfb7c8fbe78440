"""The backend that is always there: `virtualenv`, `pip-compile` and pip, from a tool environment.

The tools run under the same base interpreter as the module, so that versions are resolved for the
right Python. Module environments are made without pip: the tools' own pip installs into them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..layout import cache_directory
from ..tools.pip_log import run_pip
from ..tools.tool_settings import tool_environment
from .pip_fetching import pip_environment, pip_options
from .secret_options import pip_secrets
from .toolset import find_tools
from .uv_needed import FOREIGN_LOCK, needs_uv

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..discovery.interpreters import Interpreter
    from ..tools.toolrun import LineSink
    from .interface import Installation, Resolution, Toolbox


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
        self._environment = pip_environment(tool_environment(), toolbox.fetching)
        self._fetching = pip_options(toolbox.fetching)
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

    def resolve(self, resolution: Resolution, on_line: LineSink) -> None:
        """Resolve requirements into exact versions with pip-compile.

        Raises:
            ModuleEnvironmentError: they are to be resolved for another platform (`BUILD_FAILED`).
        """
        if resolution.platform is not None:
            raise needs_uv(FOREIGN_LOCK, is_chosen=False)
        options = [*_COMPILE_OPTIONS, *self._fetching]
        if resolution.with_hashes:
            options.append("--generate-hashes")
        for name in resolution.upgraded:
            options += ["--upgrade-package", name]
        files = ["--output-file", str(resolution.lockfile), str(resolution.source)]
        command = ["compile", *options, *files]
        secrets = resolution.secrets
        self._run("Resolving the requirements", "piptools", command, on_line, secrets)

    def install(self, python: Path, installation: Installation, on_line: LineSink) -> None:
        """Install a requirements file with pip."""
        options = ["--requirement", str(installation.requirements), *self._fetching]
        if installation.check_hashes:
            options.append("--require-hashes")
        if installation.alone:
            options.append("--no-deps")
        command = ["--python", str(python), "install", *options]
        self._run("Installing the packages", "pip", command, on_line, installation.secrets)

    def uninstall(self, python: Path, names: Sequence[str]) -> None:
        """Remove distributions by name."""
        options = ["--python", str(python), "uninstall", "--yes", *names]
        self._run("Removing packages", "pip", options)

    def install_into(
        self, python: Path, target: Path, arguments: Sequence[str], on_line: LineSink
    ) -> None:
        """Install without dependencies into a folder of their own."""
        options = ["install", "--no-deps", "--target", str(target), *self._fetching]
        command = ["--python", str(python), *options, *arguments]
        self._run("Installing the codec", "pip", command, on_line)

    def _run(
        self,
        title: str,
        module: str,
        arguments: list[str],
        on_line: LineSink = lambda _line: None,
        secrets: Sequence[str] = (),
    ) -> None:
        command = [str(self._tools), "-I", "-m", module, *arguments]
        environment = pip_secrets(self._environment, secrets)
        run_pip(self._runner, title, command, env=environment, on_line=on_line)
