"""What builds environments: uv, or virtualenv with pip-tools; and what single packages need beside."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from glob import iglob
from typing import TYPE_CHECKING

from ..env.backends.uv import find_uv
from ..env.errors import ModuleEnvironmentError
from ..env.layout import cache_directory
from ..env.runtime import load_runtime
from .asked_for import requirement_lines
from .commands import ask
from .finding import command, error, info, ok

if TYPE_CHECKING:
    from pathlib import Path

    from .finding import Findings
    from .request import DoctorRequest

_COMPILERS = ("cc", "gcc", "clang")
# What requirements can be fetched with: the scheme before the +, and the program's name.
_VERSION_CONTROL = {"git", "hg", "svn", "bzr"}
_INSTALL_UV = "curl -LsSf https://astral.sh/uv/install.sh | sh"


def examine_tools(request: DoctorRequest) -> Findings:
    """Check that something here can build an environment."""
    uv = find_uv()
    if uv is not None:
        version = ask([uv, "--version"], environ=request.environ).text.removeprefix("uv ")
        yield ok("tools.uv", f"uv {version} ({uv}) builds environments.", path=uv, version=version)
    else:
        yield from _without_uv(request)
    yield from _compiler(request)
    yield from _version_control(request)


def _without_uv(request: DoctorRequest) -> Findings:
    old = shutil.which("uv", path=request.environ.get("PATH"))
    aside = f' ("{old}" does not run, or is older than 0.4)' if old else ""
    tools = _cached_tools()
    if tools is not None:
        yield ok(
            "tools.virtualenv",
            f"virtualenv and pip-tools build environments ({tools}); there is no uv{aside}.",
            path=str(tools),
        )
        return
    try:
        runtime = load_runtime()
        obtainable = runtime.tools is not None and runtime.pip is not None
    except ModuleEnvironmentError:
        obtainable = False  # the check of the runtime folder says why
    if obtainable:
        yield info(
            "tools.virtualenv",
            f"There is no uv{aside}: the first build fetches virtualenv and pip-tools from the package index "
            "(uv is many times as fast).",
            _INSTALL_UV,
        )
        return
    missing = [
        name
        for name, module in (
            ("pip", "pip"),
            ("virtualenv", "virtualenv"),
            ("pip-tools", "piptools"),
        )
        if importlib.util.find_spec(module) is None
    ]
    if not missing:
        yield ok(
            "tools.virtualenv",
            f"virtualenv and pip-tools of {sys.executable} build environments; there is no uv{aside}.",
            path=sys.executable,
        )
        return
    pip = command(sys.executable, "-m", "pip", "install", "virtualenv", "pip-tools")
    yield error(
        "tools.missing",
        f"Nothing here can build an environment: there is no uv{aside}, and {sys.executable} has no "
        f"{' and no '.join(missing)}.",
        f"{_INSTALL_UV}    (or: {pip})",
        missing=missing,
    )


def _cached_tools() -> Path | None:
    """Return the folder of tool environments, if one has been built."""
    try:
        tools = cache_directory() / "tools"
    except ModuleEnvironmentError:
        return None  # the check of the storage says why
    pythons = iglob("*/bin/python", root_dir=tools)
    return tools if any(os.path.exists(tools / python) for python in pythons) else None


def _compiler(request: DoctorRequest) -> Findings:
    path = request.environ.get("PATH")
    named = request.environ.get("CC", "").split()[:1]
    found = next(
        filter(None, (shutil.which(name, path=path) for name in (*named, *_COMPILERS))), None
    )
    if found is None:
        yield info(
            "tools.compiler",
            "There is no C compiler: packages without a wheel for this machine cannot be built.",
            "xcode-select --install"
            if sys.platform == "darwin"
            else "sudo apt install build-essential python3-dev    (Alpine: apk add build-base python3-dev)",
        )
    else:
        yield ok("tools.compiler", f"A C compiler is there ({found}).", path=found)


def _version_control(request: DoctorRequest) -> Findings:
    """Check the programs that requirements from version control need, where there are such."""
    needed: dict[str, str] = {}
    for directory in request.directories:
        for line in requirement_lines(directory):
            program = (line.target or "").partition("+")[0].lower()
            if line.kind == "vcs" and program in _VERSION_CONTROL:
                needed.setdefault(program, str(directory))
    for program, module in needed.items():
        found = shutil.which(program, path=request.environ.get("PATH"))
        if found is None:
            yield error(
                f"tools.{program}",
                f'Requirements of "{module}" come from {program}, which is not installed.',
                command("brew", "install", program)
                if sys.platform == "darwin"
                else command("sudo", "apt", "install", program),
            )
        else:
            yield ok(f"tools.{program}", f"{program} is there ({found}).", path=found)
