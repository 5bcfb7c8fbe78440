"""Fetches the files of a lock with pip, whichever backend builds environments: uv has no such command."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from ..backends.pip_fetching import pip_environment, pip_options
from ..backends.secret_options import pip_secrets
from ..errors import BUILD_FAILED, ModuleEnvironmentError
from ..tools.pip_log import run_pip
from ..tools.tool_settings import tool_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..backends import Toolbox
    from ..discovery.interpreters import Interpreter


class Downloads:
    """Runs pip under the interpreter that the files are for."""

    def __init__(self, toolbox: Toolbox, base: Interpreter) -> None:
        self._runner = toolbox.runner
        self._options = pip_options(toolbox.fetching)
        self._environment = pip_environment(tool_environment(), toolbox.fetching)
        pip = toolbox.runtime.pip
        if pip is not None:
            # Isolated: tools run in the module's folder, and its json.py is not the one that pip wants.
            self._command = [str(base.path), "-I", f"{pip.verified()}/pip"]
        elif sys.version_info[:2] == base.version[:2] and importlib.util.find_spec("pip"):
            self._command = [sys.executable, "-I", "-m", "pip"]
        else:
            raise ModuleEnvironmentError(
                BUILD_FAILED,
                f"Nothing here can fetch files for Python {base.version_text}: that takes its own pip.",
                hint="Run `synapse` under that Python with pip in it (`python -m ensurepip`), or from the "
                "npm package, which brings one along.",
            )

    def fetch(
        self, target: Path, file: Path, arguments: Sequence[str], secrets: Sequence[str] = ()
    ) -> None:
        """Download what a requirements file names; `secrets` are index options with credentials.

        Raises:
            ToolError: pip failed.
        """
        command = ["download", *arguments, "--dest", str(target), "--requirement", str(file)]
        self._run("Fetching the packages", [*command, *self._options], secrets)

    def build(self, target: Path, file: Path, secrets: Sequence[str] = ()) -> None:
        """Build wheels of the folders, archives or repositories that a requirements file names.

        Raises:
            ToolError: pip failed.
        """
        command = ["wheel", "--no-deps", "--wheel-dir", str(target), "--requirement", str(file)]
        self._run("Building wheels", [*command, *self._options], secrets)

    def _run(self, title: str, command: Sequence[str], secrets: Sequence[str]) -> None:
        environment = pip_secrets(self._environment, secrets)
        whole = [*self._command, *command]
        run_pip(self._runner, title, whole, env=environment, on_line=lambda _line: None)
