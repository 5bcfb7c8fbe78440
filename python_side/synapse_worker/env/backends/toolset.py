"""Finds or builds the tool environment: virtualenv, pip-tools and pip for one base interpreter.

From the runtime folder's hash-locked list, installed by pip's own wheel into a folder of the user's
cache; it is named by what it is made of, appears there by one rename, and is built once. Without a
runtime folder the tools must be installed beside us (`pip install virtualenv pip-tools`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..directory_lock import locked
from ..errors import BUILD_FAILED, ENVIRONMENT_UNWRITABLE, ModuleEnvironmentError, unwritable
from ..layout import cache_directory
from ..tools.build_progress import CollectProgress
from ..tools.tool_settings import tool_environment
from .pip_fetching import pip_environment, pip_options

if TYPE_CHECKING:
    from ..discovery.interpreters import Interpreter
    from ..runtime import Runtime
    from .interface import Toolbox

_PROBE_TIMEOUT_S = 30.0


def find_tools(toolbox: Toolbox, base: Interpreter) -> Path:
    """Return an interpreter of the base's version in which the tools can be imported.

    Raises:
        ModuleEnvironmentError: there is none and none can be made (`BUILD_FAILED` or `…_UNWRITABLE`).
        ToolError: their installation failed.
    """
    if toolbox.runtime.tools is not None and toolbox.runtime.pip is not None:
        return _cached_tools(toolbox, base)
    own = Path(sys.executable)
    if sys.version_info[:2] == base.version[:2] and _has_tools(own):
        return own
    raise ModuleEnvironmentError(
        BUILD_FAILED,
        f"Nothing here can build an environment for Python {base.version_text}: no uv, and no "
        "virtualenv with pip-tools under that version.",
        hint="Install uv (https://docs.astral.sh/uv/), or `pip install virtualenv pip-tools` under the "
        "Python that the module is to use.",
    )


def _has_tools(python: Path) -> bool:
    # pip counts bytes as `raw` progress since 24.1.
    code = (
        "import pip, piptools, virtualenv\n"
        "assert tuple(map(int, pip.__version__.split('.')[:2])) >= (24, 1)"
    )
    command = [str(python), "-I", "-c", code]
    try:
        subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _cached_tools(toolbox: Toolbox, base: Interpreter) -> Path:
    home = cache_directory() / "tools"
    folder = home / _identity(toolbox.runtime, base)
    python = folder / "bin" / "python"
    if os.path.exists(python):
        return python
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ModuleEnvironmentError(
            ENVIRONMENT_UNWRITABLE,
            f'Cannot write "{home}", where the tools that build environments are kept: {problem.strerror}.',
            hint="Set SYNAPSE_CACHE_DIR to a folder that can be written.",
            cause=problem,
        ) from problem
    toolbox.reporter.phase("tools", "Fetching virtualenv and pip-tools (once for this machine)")

    def waiting(who: str) -> None:
        toolbox.reporter.phase("tools", f"Waiting for {who}, which fetches the tools")

    with (
        locked(home, timeout_s=toolbox.lock_timeout_s, on_wait=waiting) as lock_fd,
        toolbox.runner.also_holding(lock_fd),
    ):
        if not python.exists():
            _build(toolbox, base, folder)
    return python


def _identity(runtime: Runtime, base: Interpreter) -> str:
    assert runtime.tools is not None
    name = f"{runtime.tools.sha256}\n{base.path}\n{base.version_text}"
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _build(toolbox: Toolbox, base: Interpreter, folder: Path) -> None:
    runtime = toolbox.runtime
    assert runtime.tools is not None
    assert runtime.pip is not None
    fresh = folder.with_name(f"{folder.name}.new")
    runner = toolbox.runner
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)  # its base interpreter has gone
        environment = pip_environment(tool_environment(), toolbox.fetching)
        # Debian's python3 has no ensurepip; --without-pip does not need it.
        make = [str(base.path), "-I", "-m", "venv", "--without-pip", str(fresh)]
        runner.run("Creating the tool environment", make, env=environment)
        # Isolated: tools run in the module's folder, and its json.py is not the one that pip wants.
        pip = [str(fresh / "bin" / "python"), "-I", f"{runtime.pip.verified()}/pip"]
        fetched = pip_options(toolbox.fetching)
        install = ["install", *fetched, "--require-hashes", "--requirement"]
        lock = runtime.tools.verified()
        pinned = lock.read_text(encoding="utf-8").splitlines()
        progress = CollectProgress(toolbox.reporter, "tools", sum("==" in line for line in pinned))
        progress.start()
        runner.run(
            "Installing virtualenv and pip-tools",
            [*pip, *install, str(lock)],
            env=environment,
            on_line=progress.see,
        )
        progress.finish()
        fresh.rename(folder)
    except OSError as problem:
        raise unwritable(folder, problem) from problem
